"""Who confirmed a statement is asked again where it says something else now."""

from dataclasses import fields
from typing import Any

import pytest

from bot.domain.assumption import Assumption, Impact, Quorum, Status
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey
from bot.domain.validation import Answer
from bot.store import history
from bot.usecases.assumption_edit import AssumptionEdit, edit_assumption
from bot.usecases.card import newest_first
from bot.usecases.risk import accept_risk
from bot.usecases.validation import Recorded, undo_answer
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CY, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE


def reword(team: Team, key: AssumptionKey, *, means_the_same: bool = False) -> Assumption:
    before = team.get(key)
    kept: dict[str, Any] = {
        field.name: getattr(before, field.name)
        for field in fields(AssumptionEdit)
        if hasattr(before, field.name)
    }
    asked = tuple(p.user for p in before.stakeholders if not p.is_released)
    said = {"statement": "The payments API is live in Europe", "stakeholders": asked}
    return edit_assumption(
        team.tx,
        WORKSPACE,
        key,
        AssumptionEdit(**kept | said, backup=None, means_the_same=means_the_same),
        by=ANA,
        asked=list(team.people.values()),
        now=team.now,
        cadence=team.cadence,
    )


def test_other_words_are_confirmed_by_nobody_and_all_are_asked_about_them(team: Team) -> None:
    key = team.log(asked=[BO, CY])
    team.pass_time(team.now + 4 * DAY)
    team.answer(key, Answer.HOLDS)
    asked = [len(team.asked(user)) for user in (BO, CY)]

    after = reword(team, key)
    team.pass_time(team.now + 4 * DAY)

    assert (after.status, after.valid_until) == (Status.UNVALIDATED, None)
    assert newest_first(history.read(team.tx, WORKSPACE, key), key) == ()
    assert [len(team.asked(user)) for user in (BO, CY)] == [asked[0] + 1, asked[1] + 1]
    team.answer(key, Answer.HOLDS)
    assert team.get(key).status is Status.VALIDATED


def test_where_all_must_confirm_only_who_had_is_asked_again(team: Team) -> None:
    key = team.log(asked=[BO, CY], impact=Impact.CRITICAL, quorum=Quorum.ALL)
    team.pass_time(team.now + DAY / 4)
    team.answer(key, Answer.HOLDS)
    asked = [len(team.asked(user)) for user in (BO, CY)]

    reword(team, key)
    team.pass_time(team.now + DAY / 4)

    assert [len(team.asked(user)) for user in (BO, CY)] == [asked[0] + 1, asked[1]]


def test_while_its_risk_is_accepted_other_words_wait_for_the_day_too(team: Team) -> None:
    key = team.log(asked=[BO, CY], impact=Impact.CRITICAL, quorum=Quorum.ALL)
    team.pass_time(team.now + DAY / 4)
    team.answer(key, Answer.HOLDS)
    asked = len(team.asked(BO))
    until = (team.now + 7 * DAY).date()
    accept_risk(team.tx, WORKSPACE, key, by=ANA, until=until, reason="for now", now=team.now)

    reword(team, key)

    team.pass_time(team.now + 6 * DAY)
    assert len(team.asked(BO)) == asked
    team.pass_time(team.now + DAY)
    assert len(team.asked(BO)) == asked + 1


def test_other_words_for_the_same_change_nothing(team: Team) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)
    before = team.get(key)

    after = reword(team, key, means_the_same=True)

    assert (after.status, after.valid_until) == (Status.VALIDATED, before.valid_until)
    assert team.asked(BO) == []


def test_a_no_stays_and_an_answer_about_other_words_cannot_be_taken_back(team: Team) -> None:
    refuted, confirmed = team.log(), team.log("Another")
    team.answer(refuted, Answer.FAILS)
    yes = team.answer(confirmed, Answer.HOLDS)
    assert isinstance(yes, Recorded)

    reword(team, refuted)
    reword(team, confirmed)

    assert team.get(refuted).status is Status.REFUTED
    with pytest.raises(UserFixableError, match="nothing to undo"):
        undo_answer(
            team.tx,
            WORKSPACE,
            confirmed,
            by=BO,
            seq=yes.validation.seq,
            now=team.now,
            cadence=team.cadence,
        )
