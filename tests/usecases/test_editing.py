"""Changing what is logged changes what is asked, and when."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.assumption import Assumption, Expected, Impact, Quorum, Status
from bot.domain.ids import AssumptionKey
from bot.domain.prompt import Prompt, PromptKind
from bot.domain.validation import Answer
from bot.store import prompt as prompts
from bot.usecases.actual import edit_with_figure
from bot.usecases.assumption import join_assumption
from bot.usecases.assumption_edit import AssumptionEdit, edit_assumption
from bot.usecases.owner import reassign_owner
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE


def edit(team: Team, key: AssumptionKey, **changed: Any) -> Assumption:
    """Ana changes some fields of the form and sends it."""
    return edit_assumption(
        team.tx,
        WORKSPACE,
        key,
        form(team.get(key), **changed),
        by=ANA,
        asked=list(team.people.values()),
        now=team.now,
        cadence=team.cadence,
    )


def form(before: Assumption, **changed: Any) -> AssumptionEdit:
    asked = [p.user for p in before.stakeholders if not (p.is_released or p.is_backup)]
    fields: dict[str, Any] = {
        "statement": before.statement,
        "owner": before.owner,
        "impact": before.impact,
        "confidence_percent": before.confidence_percent,
        "validate_by": before.validate_by,
        "consequence": before.consequence,
        "quorum": before.quorum,
        "tags": before.tags,
        "services": before.services,
        "stakeholders": tuple(asked),
        "backup": next((p.user for p in before.stakeholders if p.is_backup), None),
    }
    return AssumptionEdit(**fields | changed)


def planned(team: Team, key: AssumptionKey) -> list[Prompt]:
    return [one for one in prompts.of_assumption(team.tx, WORKSPACE, key) if one.is_planned]


def test_a_day_that_comes_nearer_brings_the_first_question_forward(team: Team) -> None:
    key = team.log(impact=Impact.LOW)
    [usual] = planned(team, key)

    edit(team, key, validate_by=date(2026, 3, 4))

    [now] = planned(team, key)
    assert now.due_at == team.now < usual.due_at
    assert now.reason == (
        "first question, asked at once since an answer is needed by Wednesday 4 March"
    )


def test_an_impact_that_grows_brings_the_first_question_forward(team: Team) -> None:
    key = team.log(impact=Impact.LOW)

    edit(team, key, impact=Impact.CRITICAL)

    [one] = planned(team, key)
    assert one.due_at == team.now
    assert one.reason == "first question, in the next working hour after it was changed"


def test_a_change_that_lets_more_time_pass_moves_no_question_back(team: Team) -> None:
    key = team.log(impact=Impact.MEDIUM)
    before = planned(team, key)

    edit(team, key, impact=Impact.LOW)

    assert planned(team, key) == before


def test_who_is_the_backup_now_is_asked_no_more_until_the_other_cannot_be(team: Team) -> None:
    key = team.log(asked=[BO, CY])
    team.pass_time(team.now + 4 * DAY)

    edit(team, key, stakeholders=(BO,), backup=CY)
    team.pass_time(team.now + 4 * DAY)
    as_backup = len(team.asked(CY))
    team.meet(BO, is_deactivated=True)
    team.pass_time(team.now + 10 * DAY)

    assert as_backup == 1
    assert len(team.asked(CY)) > 1


def test_an_answer_of_the_backup_is_not_waited_for(team: Team) -> None:
    key = team.log(asked=[BO, CY], quorum=Quorum.ALL)
    team.answer(key, Answer.HOLDS, by=BO)

    edit(team, key, stakeholders=(BO,), backup=CY)

    assert team.get(key).status is Status.VALIDATED


def test_where_all_must_confirm_from_now_on_the_others_are_asked(team: Team) -> None:
    key = team.log(asked=[BO, CY])
    team.pass_time(team.now + 4 * DAY)
    team.answer(key, Answer.HOLDS, by=BO)

    edit(team, key, quorum=Quorum.ALL)

    assert team.get(key).status is Status.UNVALIDATED
    asks = [one for one in planned(team, key) if one.key.kind is PromptKind.ASK]
    assert [one.key.stakeholder for one in asks] == [CY]


def test_somebody_whom_slack_did_not_know_for_a_while_is_asked_again_when_named_anew(
    team: Team,
) -> None:
    key = team.log()
    team.pass_time(team.now + 4 * DAY)
    team.answer(key, Answer.UNSURE)
    team.meet(BO, is_deactivated=True)
    team.pass_time(team.now + 10 * DAY)
    team.meet(BO)

    edit(team, key, stakeholders=(BO,))

    assert [one.key.stakeholder for one in planned(team, key)] == [BO]


def test_where_all_must_confirm_and_one_has_left_the_others_are_enough(team: Team) -> None:
    key = team.log(asked=[BO, CY], quorum=Quorum.ALL)
    team.answer(key, Answer.HOLDS, by=BO)
    team.meet(CY, is_deactivated=True)

    team.pass_time(team.now + timedelta(hours=1))

    assert team.get(key).status is Status.VALIDATED
    assert PromptKind.REFRESH in {one.key.kind for one in planned(team, key)}


def test_who_joins_may_have_the_backup_asked(team: Team) -> None:
    key = team.log(asked=[BO], backup=CY)

    join_assumption(
        team.tx,
        WORKSPACE,
        key,
        by=ANA,
        asked=[team.people[CY]],
        now=team.now,
        cadence=team.cadence,
    )

    assert {one.key.stakeholder for one in planned(team, key)} == {BO, CY}


def test_who_gives_it_away_may_give_it_a_figure_in_the_same_form(team: Team) -> None:
    key = team.log(asked=())
    reassign_owner(team.tx, WORKSPACE, key, to=team.people[BO], by=ANA, now=team.now)
    team.close_channel(CHANNEL, ANA, CY)
    cost = Expected(figure=Decimal(3), unit="weeks", check_on=date(2026, 4, 1))

    after = edit_with_figure(
        team.tx,
        WORKSPACE,
        key,
        form(team.get(key), owner=CY),
        expected=cost,
        by=BO,
        asked=(),
        now=team.now,
        cadence=team.cadence,
    )

    assert (after.owner, after.expected) == (CY, cost)
