"""Taking back that a question is not one's own, or that somebody else can tell."""

import pytest

from bot.usecases.assumption import AssumptionRetiredError, retire_assumption
from bot.usecases.reply import decline, pass_on, take_back
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CY, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE


def test_who_takes_a_question_back_is_asked_and_nobody_down_the_chain(team: Team) -> None:
    key = team.log()
    team.pass_time(team.now + 3 * DAY)
    passed = pass_on(
        team.tx,
        WORKSPACE,
        key,
        by=BO,
        to=team.people[CY],
        now=team.now,
        cadence=team.cadence,
    )
    pass_on(
        team.tx,
        WORKSPACE,
        key,
        by=CY,
        to=team.people[ANA],
        now=team.now,
        cadence=team.cadence,
    )

    take_back(team.tx, WORKSPACE, key, by=BO, seq=passed, now=team.now, cadence=team.cadence)

    assert [p.user for p in team.get(key).stakeholders if not p.is_released] == [BO]
    team.pass_time(team.now + 10 * DAY)
    assert team.asked(CY) == team.asked(ANA) == []


def test_a_question_that_was_retired_meanwhile_is_not_taken_back(team: Team) -> None:
    key = team.log()
    declined = decline(team.tx, WORKSPACE, key, by=BO, now=team.now, cadence=team.cadence)
    retire_assumption(team.tx, WORKSPACE, key, by=ANA, reason="", now=team.now)

    with pytest.raises(AssumptionRetiredError):
        take_back(team.tx, WORKSPACE, key, by=BO, seq=declined, now=team.now, cadence=team.cadence)
