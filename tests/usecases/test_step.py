"""What a workflow makes says so, and it reaches no private channel, whomever it names."""

import pytest

from bot.domain.assumption import AssumptionDraft
from bot.domain.delivery import Delivery
from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey
from bot.domain.permission import OPERATOR, Reader
from bot.domain.setback import WORKFLOW, Setback, SetbackDraft, SetbackKind
from bot.slack.messenger import render
from bot.slack.views.timeline import event_line
from bot.usecases.assumption_show import show_assumption
from bot.usecases.contents import CardContent, SetbackContent
from bot.usecases.step import logging_for, record_for_step
from tests.usecases.team import ANA, CHANNEL, WORKSPACE, Team


def log(team: Team, *, by_workflow: bool = True) -> AssumptionKey | None:
    if not by_workflow:
        return team.log()
    draft = AssumptionDraft(statement="The API is live", owner=ANA, channel=CHANNEL)
    how = {"asked": (), "cadence": team.cadence, "reader": Reader.person(ANA)}
    unit = logging_for("Fx1")
    return unit(team.tx, draft, project=team.project, by=ANA, now=team.now, **how)


def record(team: Team) -> Setback | None:
    draft = SetbackDraft(
        kind=SetbackKind.DELAY, text="Waiting", started_at=team.now, channel=CHANNEL
    )
    return record_for_step(
        team.tx,
        WORKSPACE,
        draft,
        execution="Fx2",
        by=ANA,
        now=team.now,
        delivery=Delivery("slack", "step|Fx2"),
        reader=Reader.person(ANA),
    )


@pytest.mark.parametrize("by_workflow", [True, False])
def test_card_and_history_say_that_a_workflow_logged_it(team: Team, *, by_workflow: bool) -> None:
    key = log(team, by_workflow=by_workflow)
    assert key is not None
    team.work()

    [card] = [render(m, said) for m, said in team.said if isinstance(said, CardContent)]
    logged = show_assumption(team.tx, WORKSPACE, key, reader=OPERATOR).events[0]
    assert ("logged by a workflow for U0Ana" in str(card)) is by_workflow
    assert (f"A workflow for <@{ANA}> logged it" in event_line(logged)) is by_workflow


def test_a_setback_says_that_a_workflow_recorded_it(team: Team) -> None:
    recorded = record(team)
    team.work()

    assert recorded is not None
    assert (recorded.source, recorded.recorded_by) == (WORKFLOW, ANA)
    [told] = [render(m, said) for m, said in team.said if isinstance(said, SetbackContent)]
    assert "recorded by a workflow for U0Ana" in str(told)


def test_a_workflow_reaches_no_private_channel_in_the_name_of_a_member(team: Team) -> None:
    team.close_channel(CHANNEL, ANA)

    with pytest.raises(NotFoundError):
        log(team)
    with pytest.raises(NotFoundError):
        record(team)
