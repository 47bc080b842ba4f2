"""The gate: which open assumptions are past their date."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import AssumptionDraft, Impact
from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.permission import OPERATOR
from bot.domain.validation import Answer
from bot.usecases.assumption import log_assumption
from bot.usecases.gate import Gate, check_gate
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, CHANNEL, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE

APOLLO = ProjectKey("APOLLO")


def gate(team: Team, at_least: Impact = Impact.LOW) -> Gate:
    return check_gate(team.tx, WORKSPACE, APOLLO, at_least=at_least, now=team.now, reader=OPERATOR)


def log(team: Team, days: int | None, impact: Impact = Impact.MEDIUM) -> AssumptionKey:
    key = log_assumption(
        team.tx,
        AssumptionDraft(
            statement=f"True within {days} days",
            owner=ANA,
            impact=impact,
            validate_by=None if days is None else team.now.date() + timedelta(days=days),
            channel=CHANNEL,
        ),
        project=team.project,
        by=ANA,
        asked=(),
        now=team.now,
        cadence=team.cadence,
    )
    assert key is not None
    return key


def test_what_is_needed_today_is_not_late_and_tomorrow_it_is(tx: Connection) -> None:
    team = Team(tx=tx)
    key = log(team, 0)
    log(team, None)
    today = gate(team)

    team.now += DAY

    assert today.is_open
    assert [one.assumption.key for one in gate(team).late] == [key]
    assert "nobody has confirmed it" in gate(team).late[0].why


def test_the_most_harmful_comes_first_and_the_least_impact_counts(tx: Connection) -> None:
    team = Team(tx=tx)
    low, critical = log(team, 1, Impact.LOW), log(team, 1, Impact.CRITICAL)
    team.now += 3 * DAY

    assert [one.assumption.key for one in gate(team).late] == [critical, low]
    assert [one.assumption.key for one in gate(team, Impact.CRITICAL).late] == [critical]


def test_an_answer_passes_until_it_expires(tx: Connection) -> None:
    team = Team(tx=tx)
    key = team.log(impact=Impact.CRITICAL)
    team.answer(key, Answer.HOLDS)
    fresh = gate(team)

    team.now += 15 * DAY

    assert fresh.is_open
    assert "expired" in gate(team).late[0].why


def test_what_is_known_to_be_wrong_is_no_longer_open(tx: Connection) -> None:
    team = Team(tx=tx)
    team.answer(team.log(), Answer.FAILS)
    team.now += 90 * DAY

    assert gate(team).is_open


def test_a_project_that_is_not_there_is_said(tx: Connection) -> None:
    team = Team(tx=tx)

    with pytest.raises(NotFoundError):
        check_gate(team.tx, WORKSPACE, ProjectKey("NOPE"), now=team.now, reader=OPERATOR)
