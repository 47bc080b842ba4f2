"""What an owner decides: living with a risk, which answer counts, what a figure came to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.assumption import Expected, Filter, Impact, Quorum, Status
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.project import Project
from bot.domain.validation import Answer
from bot.store import prompt
from bot.usecases import assumption, assumption_list
from bot.usecases.actual import record_actual, set_expected
from bot.usecases.cadence import cadence_of, change_cadence
from bot.usecases.contents import CardContent, MeasureContent, RefutedContent
from bot.usecases.contested import decide_contested, is_contested
from bot.usecases.risk import accept_risk
from bot.usecases.validation import Recorded, undo_answer
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CY, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE

BACK = date(2026, 3, 23)


def accept(team: Team, key: AssumptionKey, until: date = BACK, by: UserId = ANA) -> None:
    accept_risk(
        team.tx, WORKSPACE, key, by=by, until=until, reason="the pilot is small", now=team.now
    )


def test_nobody_is_asked_about_an_accepted_risk_until_its_day(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL)
    team.pass_time(team.now + 2 * DAY)
    before = len(team.asked(BO))

    accept(team, key)
    team.pass_time(datetime(2026, 3, 22, 23, tzinfo=team.now.tzinfo))
    during = len(team.asked(BO)), len(team.heard(MessageKind.UNANSWERED))
    team.pass_time(datetime(2026, 3, 23, 17, tzinfo=team.now.tzinfo))

    assert during == (before, 0)
    assert team.asked(BO)[before:] == [[key]]
    assert team.asked_at(BO)[-1].date() == BACK


def test_an_accepted_risk_stays_open(team: Team) -> None:
    key = team.log()

    accept(team, key)

    accepted = team.get(key).accepted
    assert accepted is not None
    assert (accepted.until, accepted.reason) == (BACK, "the pilot is small")
    listed = assumption_list.list_assumptions(
        team.tx,
        WORKSPACE,
        Filter(is_open=True),
        now=team.now,
        reader=OPERATOR,
    ).assumptions
    assert [one.key for one in listed] == [key]


def test_a_second_acceptance_moves_the_day(team: Team) -> None:
    key = team.log()
    accept(team, key)

    accept(team, key, until=BACK + 7 * DAY)
    team.pass_time(team.now + 40 * DAY)

    assert team.asked_at(BO)[0].date() == BACK + 7 * DAY


def test_somebody_asked_anew_meanwhile_waits_for_the_day_too(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)
    accept(team, key)

    assumption.add_stakeholder(
        team.tx,
        team.get(key),
        team.people[CY],
        by=ANA,
        reason="",
        now=team.now,
        cadence=team.cadence,
    )
    team.pass_time(team.now + 30 * DAY)

    assert team.asked_at(CY)[0].date() == BACK


def test_where_nobody_is_asked_it_comes_back_to_its_owner(team: Team) -> None:
    key = team.log(asked=[])

    accept(team, key)
    team.pass_time(team.now + 22 * DAY)

    assert team.asked(ANA)[0] == [key]


def test_an_answer_ends_the_acceptance(team: Team) -> None:
    key = team.log()
    accept(team, key)

    team.answer(key, Answer.HOLDS)

    assert team.get(key).accepted is None


def test_an_answer_that_is_taken_back_leaves_a_risk_accepted_since_until_its_day(
    team: Team,
) -> None:
    key = team.log(impact=Impact.CRITICAL)
    team.pass_time(team.now + DAY / 4)
    depends = team.answer(key, Answer.UNSURE)
    assert isinstance(depends, Recorded)
    asked = len(team.asked(BO))
    accept(team, key)

    undo_answer(
        team.tx,
        WORKSPACE,
        key,
        by=BO,
        seq=depends.validation.seq,
        now=team.now,
        cadence=team.cadence,
    )

    team.pass_time(datetime(2026, 3, 22, 23, tzinfo=team.now.tzinfo))
    assert len(team.asked(BO)) == asked
    team.pass_time(team.now + DAY)
    assert len(team.asked(BO)) == asked + 1


@pytest.mark.parametrize(
    ("until", "reason", "by"),
    [
        (date(2026, 3, 2), "small", ANA),
        (date(2028, 3, 2), "small", ANA),
        (BACK, "  ", ANA),
        (BACK, "small", BO),
    ],
)
def test_a_risk_is_accepted_by_its_owner_for_a_reason_until_a_day_to_come(
    team: Team, until: date, reason: str, by: UserId
) -> None:
    key = team.log()

    with pytest.raises(UserFixableError):
        accept_risk(team.tx, WORKSPACE, key, by=by, until=until, reason=reason, now=team.now)

    assert team.get(key).accepted is None


def test_what_is_validated_holds_no_risk_to_accept(team: Team) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)

    with pytest.raises(UserFixableError, match="no risk"):
        accept(team, key)


def contest(team: Team, quorum: Quorum = Quorum.ANY) -> AssumptionKey:
    key = team.log(asked=[BO, CY], quorum=quorum)
    team.pass_time(team.now + 3 * DAY)
    team.answer(key, Answer.HOLDS, by=BO)
    team.answer(key, Answer.FAILS, by=CY)
    team.work()
    return key


def decide(team: Team, key: AssumptionKey, *, holds: bool, by: UserId = ANA) -> None:
    decide_contested(
        team.tx,
        WORKSPACE,
        key,
        by=by,
        holds=holds,
        reason="Cy looked at the old contract",
        now=team.now,
        cadence=team.cadence,
    )


def test_a_yes_and_a_no_are_contested_and_the_owner_is_told_so(team: Team) -> None:
    key = contest(team)

    (told,) = team.heard(MessageKind.REFUTED, to=ANA)
    assert isinstance(told, RefutedContent)
    assert told.is_contested
    assert is_contested(team.tx, WORKSPACE, key)
    assert [c for _, c in team.said if isinstance(c, CardContent)][-1].is_contested


@pytest.mark.parametrize("quorum", Quorum)
def test_an_owner_may_decide_that_it_holds(team: Team, quorum: Quorum) -> None:
    key = contest(team, quorum)

    decide(team, key, holds=True)
    team.work()

    after = team.get(key)
    assert after.status is Status.VALIDATED
    assert after.valid_until is not None
    assert not is_contested(team.tx, WORKSPACE, key)
    refreshes = [one.key.kind.value for one in prompt.planned_for(team.tx, WORKSPACE, BO)]
    assert "refresh" in refreshes
    updates = [c for m, c in team.said if isinstance(c, RefutedContent) and m.ts is not None]
    assert updates[-1].decision is not None
    assert updates[-1].decision.holds


def test_an_owner_may_decide_that_it_fails(team: Team) -> None:
    key = contest(team)

    decide(team, key, holds=False)

    assert team.get(key).status is Status.REFUTED
    assert not is_contested(team.tx, WORKSPACE, key)


def test_a_later_no_counts_again_after_the_decision(team: Team) -> None:
    key = contest(team)
    decide(team, key, holds=True)
    team.now += DAY

    team.answer(key, Answer.FAILS, by=CY, supersede=True)

    assert team.get(key).status is Status.REFUTED
    assert is_contested(team.tx, WORKSPACE, key)


def test_only_its_owner_decides_and_only_between_answers(team: Team) -> None:
    key = contest(team)
    quiet = team.log()

    with pytest.raises(UserFixableError, match="Only the owner"):
        decide(team, key, holds=True, by=BO)
    with pytest.raises(UserFixableError, match="do not contradict"):
        decide(team, quiet, holds=True)


COST = Expected(figure=Decimal("3"), unit="engineer-weeks", check_on=BACK)


def test_on_its_day_the_owner_is_asked_what_the_figure_came_to(team: Team) -> None:
    key = team.log(asked=[])
    set_expected(team.tx, WORKSPACE, key, expected=COST, by=ANA, now=team.now)

    team.pass_time(team.now + 25 * DAY)
    (asked,) = team.heard(MessageKind.MEASURE, to=ANA)
    record_actual(
        team.tx, WORKSPACE, key, by=ANA, actual=Decimal("4.5"), note="two people", now=team.now
    )
    team.work()

    assert isinstance(asked, MeasureContent)
    assert asked.assumption.expected == COST
    after = team.get(key)
    assert (after.actual, after.expected) == (Decimal("4.5"), COST)
    updates = [c for m, c in team.said if isinstance(c, MeasureContent) and m.ts is not None]
    assert updates[-1].assumption.actual == Decimal("4.5")


def test_a_figure_given_early_is_not_asked_for(team: Team) -> None:
    key = team.log(asked=[])
    set_expected(team.tx, WORKSPACE, key, expected=COST, by=ANA, now=team.now)

    record_actual(team.tx, WORKSPACE, key, by=ANA, actual=Decimal(2), note="", now=team.now)
    team.pass_time(team.now + 25 * DAY)

    assert team.heard(MessageKind.MEASURE) == []


def test_an_answer_does_not_end_the_check(team: Team) -> None:
    key = team.log()
    set_expected(team.tx, WORKSPACE, key, expected=COST, by=ANA, now=team.now)

    team.answer(key, Answer.HOLDS)
    team.pass_time(team.now + 25 * DAY)

    assert len(team.heard(MessageKind.MEASURE, to=ANA)) == 1


def test_what_was_expected_stays_once_it_is_known_what_it_came_to(team: Team) -> None:
    key = team.log(asked=())
    set_expected(team.tx, WORKSPACE, key, expected=COST, by=ANA, now=team.now)
    record_actual(team.tx, WORKSPACE, key, by=ANA, actual=Decimal(5), note="", now=team.now)

    for fitted in (replace(COST, figure=Decimal(5)), None):
        with pytest.raises(UserFixableError, match="what was expected of it stays"):
            set_expected(team.tx, WORKSPACE, key, expected=fitted, by=ANA, now=team.now)

    assert set_expected(team.tx, WORKSPACE, key, expected=COST, by=ANA, now=team.now)
    assert team.get(key).expected == COST


def test_a_check_moves_with_its_day_and_ends_with_its_figure(team: Team) -> None:
    key = team.log(asked=[])
    other = team.log(asked=[])
    for one in (key, other):
        set_expected(team.tx, WORKSPACE, one, expected=COST, by=ANA, now=team.now)

    later = replace(COST, check_on=BACK + 7 * DAY)
    set_expected(team.tx, WORKSPACE, key, expected=later, by=ANA, now=team.now)
    set_expected(team.tx, WORKSPACE, other, expected=None, by=ANA, now=team.now)
    team.pass_time(team.now + 27 * DAY)
    early = len(team.heard(MessageKind.MEASURE))
    team.pass_time(team.now + 7 * DAY)

    assert (early, len(team.heard(MessageKind.MEASURE))) == (0, 1)


def test_what_is_logged_with_a_figure_is_checked(team: Team) -> None:
    key = team.log(asked=[], expected=COST)

    assert team.get(key).expected == COST
    (check,) = prompt.of_assumption(team.tx, WORKSPACE, key)
    assert check.due_at.date() == BACK


@pytest.mark.parametrize(
    "expected",
    [
        replace(COST, unit=" "),
        replace(COST, unit="x" * 41),
        replace(COST, figure=Decimal("NaN")),
        replace(COST, figure=Decimal("1E+20")),
        replace(COST, figure=Decimal("1E-9")),
    ],
)
def test_a_figure_that_is_none_is_refused(team: Team, expected: Expected) -> None:
    key = team.log(asked=[])

    with pytest.raises(UserFixableError):
        set_expected(team.tx, WORKSPACE, key, expected=expected, by=ANA, now=team.now)


def change(team: Team, overrides: Mapping[str, Any], by: UserId = ANA) -> Project:
    team.project = change_cadence(
        team.tx,
        WORKSPACE,
        team.project.key,
        by=by,
        overrides=overrides,
        default=team.cadence,
        now=team.now,
    )
    return team.project


def test_a_project_s_own_cadence_is_what_its_people_are_asked_by(team: Team) -> None:
    change(team, {"high": {"first_ask_working_days": 3, "requires_evidence": False}})
    key = team.log(impact=Impact.HIGH)

    team.pass_time(team.now + 3 * DAY + timedelta(hours=7))
    team.answer(key, Answer.HOLDS, evidence="")

    assert team.asked_at(BO)[0].date() == date(2026, 3, 5)
    assert team.get(key).status is Status.VALIDATED


def test_only_what_differs_is_kept(team: Team) -> None:
    project = change(team, {"high": {"reminders": 3, "lifetime_days": 10}})

    assert project.cadence == {"high": {"lifetime_days": 10}}
    assert cadence_of(project, team.cadence).rhythms[Impact.HIGH].lifetime == 10 * DAY
    assert change(team, {}).cadence == {}


@pytest.mark.parametrize(
    "overrides",
    [{"high": {"reminders": -1}}, {"high": {"colour": 1}}, {"huge": {}}, {"refresh_share": 2}],
)
def test_a_cadence_that_cannot_be_is_refused(team: Team, overrides: Mapping[str, Any]) -> None:
    with pytest.raises(UserFixableError):
        change(team, overrides)

    assert team.project.cadence == {}


def test_only_the_lead_and_admins_change_the_cadence(team: Team) -> None:
    with pytest.raises(UserFixableError, match="Only the lead"):
        change(team, {"high": {"reminders": 1}}, by=BO)

    team.meet(CY, is_admin=True)
    assert change(team, {"high": {"reminders": 1}}, by=CY).cadence == {"high": {"reminders": 1}}


def test_a_risk_accepted_while_the_question_was_on_its_way_is_asked_about_once_when_it_returns(
    team: Team,
) -> None:
    key = team.log(impact=Impact.CRITICAL)
    team.hand_over()

    accept(team, key)
    team.pass_time(datetime(2026, 3, 23, 17, tzinfo=team.now.tzinfo))

    assert team.asked(BO) == [[key], [key]]


def test_an_answer_that_is_taken_back_leaves_the_risk_accepted(team: Team) -> None:
    key = team.log()
    accept(team, key)
    before = team.get(key).accepted
    given = team.answer(key, Answer.HOLDS)
    assert isinstance(given, Recorded)

    undo_answer(
        team.tx,
        WORKSPACE,
        key,
        by=BO,
        seq=given.validation.seq,
        now=team.now,
        cadence=team.cadence,
    )
    team.pass_time(team.now + 22 * DAY)

    assert team.get(key).accepted == before
    assert [moment.date() for moment in team.asked_at(BO)] == [BACK]
