"""Two setbacks that were one: what moves, what stays, and what counts."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.errors import UserFixableError
from bot.domain.finding import Finding
from bot.domain.ids import ProjectKey
from bot.domain.permission import OPERATOR
from bot.domain.setback import Cost, Setback, SetbackDraft, SetbackKind, Severity
from bot.domain.setback_update import SetbackUpdate
from bot.domain.trace import Role
from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.domain.workspace import Workspace
from bot.usecases import setback, trace, webhook
from bot.usecases.contents import SetbackContent
from bot.usecases.report import report_on
from bot.usecases.setback_list import list_setbacks, merge_choices, read_setback
from bot.usecases.setback_merge import merge_setbacks
from bot.usecases.workspace import remember_workspace
from tests.usecases.team import ANA, BO, CHANNEL, DAY, WORKSPACE, Team

HOUR = timedelta(hours=1)


def by_hand(team: Team, text: str = "checkout is down", **changed: object) -> Setback:
    values: dict[str, object] = {
        "kind": SetbackKind.INCIDENT,
        "text": text,
        "started_at": team.now - HOUR,
        "cost": Cost(working_days_slipped=Decimal(2)),
        "project": ProjectKey("APOLLO"),
        "channel": CHANNEL,
    }
    draft = SetbackDraft(**{**values, **changed})  # type: ignore[arg-type]
    recorded = setback.record_setback(team.tx, WORKSPACE, draft, by=ANA, now=team.now)
    assert recorded is not None
    return recorded


def endpoint_of(team: Team) -> WebhookEndpoint:
    known = Workspace(id=WORKSPACE, name="Team", bot_user=BO, bot_id="B0BOT", installed_at=team.now)
    remember_workspace(team.tx, known)
    return webhook.add_endpoint(
        team.tx,
        WORKSPACE,
        WebhookSource.PAGERDUTY,
        channel=CHANNEL,
        project=None,
        now=team.now,
    ).endpoint


def update_of(team: Team, delivery: str, *, at: datetime, is_over: bool) -> SetbackUpdate:
    return SetbackUpdate(
        delivery=delivery,
        external_id="P1",
        at=at,
        kind=SetbackKind.INCIDENT,
        text="[P1] checkout-eu 5xx",
        started_at=team.now - HOUR,
        is_over=is_over,
        severity=Severity.SEV2,
        services=("checkout",),
    )


def test_the_kept_one_gets_what_the_tool_told_and_hears_it_from_then_on(team: Team) -> None:
    key = team.log("The checkout holds ten times the load")
    team.now += DAY
    kept, endpoint = by_hand(team), endpoint_of(team)
    webhook.receive(
        team.tx, endpoint, update_of(team, "E1", at=team.now, is_over=False), now=team.now
    )
    trace.decide_trace(team.tx, WORKSPACE, 2, key, by=BO, role=Role.CAUSED, now=team.now)
    team.work()

    whole = merge_setbacks(team.tx, WORKSPACE, 2, into=kept.number, by=ANA, now=team.now)
    again = merge_setbacks(team.tx, WORKSPACE, 2, into=kept.number, by=BO, now=team.now)
    over = update_of(team, "E2", at=team.now + HOUR, is_over=True)
    team.now += 2 * HOUR
    webhook.receive(team.tx, endpoint, over, now=team.now)
    team.work()

    assert whole == again
    assert (whole.text, whole.severity, whole.services) == (kept.text, Severity.SEV2, ("checkout",))
    after = read_setback(team.tx, WORKSPACE, 1, now=team.now, reader=OPERATOR)
    assert after.setback.text == kept.text
    assert after.setback.cost == Cost(minutes_down=120, working_days_slipped=Decimal(2))
    ((found, _),) = after.traces
    assert (found.assumption, found.role, found.decided_by) == (key, Role.CAUSED, BO)
    assert [(part.number, part.text) for part in after.parts] == [(2, "[P1] checkout-eu 5xx")]
    shown = {
        content.setback.number: content
        for _, content in team.said
        if isinstance(content, SetbackContent)
    }
    merged = shown[2].setback.merged
    assert merged is not None
    assert (merged.into, merged.by, shown[2].traces) == (1, ANA, ())


def test_a_report_counts_both_once(team: Team) -> None:
    key = team.log("The checkout holds ten times the load")
    team.now += DAY
    by_hand(team)
    by_hand(team, "the shop answers with errors")
    trace.name_trace(team.tx, WORKSPACE, 2, key, by=BO, role=Role.CAUSED, now=team.now)

    merge_setbacks(team.tx, WORKSPACE, 2, into=1, by=ANA, now=team.now)

    account = report_on(
        team.tx,
        WORKSPACE,
        project=None,
        since=team.now - 30 * DAY,
        until=team.now + DAY,
        now=team.now,
        reader=OPERATOR,
    )
    assert account.setbacks == 1
    assert {one.finding: one.setbacks for one in account.findings if one.setbacks} == {
        Finding.NEVER_ASKED: (1,)
    }
    assert account.costs.working_days == 2
    assert [
        one.number
        for one in list_setbacks(team.tx, WORKSPACE, project=None, reader=OPERATOR).setbacks
    ] == [1]


def test_of_two_decisions_about_one_assumption_the_later_counts(team: Team) -> None:
    key = team.log("The checkout holds ten times the load")
    team.now += DAY
    by_hand(team)
    by_hand(team, "the shop answers with errors")
    trace.name_trace(team.tx, WORKSPACE, 2, key, by=BO, role=Role.CAUSED, now=team.now)
    team.now += HOUR
    trace.decide_trace(team.tx, WORKSPACE, 1, key, by=ANA, role=None, now=team.now)

    merge_setbacks(team.tx, WORKSPACE, 2, into=1, by=ANA, now=team.now)

    ((found, _),) = read_setback(team.tx, WORKSPACE, 1, now=team.now, reader=OPERATOR).traces
    assert (found.is_confirmed, found.decided_by) == (False, ANA)


def test_what_is_part_of_another_one_is_changed_there(team: Team) -> None:
    for text in ("checkout is down", "the shop is down", "everything is down"):
        by_hand(team, text)
    merge_setbacks(team.tx, WORKSPACE, 1, into=2, by=ANA, now=team.now)

    with pytest.raises(UserFixableError, match="#1 is part of #2"):
        setback.close_setback(team.tx, WORKSPACE, 1, ended_at=team.now, by=ANA, now=team.now)
    with pytest.raises(UserFixableError, match="#1 is part of #2"):
        merge_setbacks(team.tx, WORKSPACE, 2, into=1, by=ANA, now=team.now)
    with pytest.raises(UserFixableError, match="the same one"):
        merge_setbacks(team.tx, WORKSPACE, 3, into=3, by=ANA, now=team.now)
    merge_setbacks(team.tx, WORKSPACE, 2, into=3, by=ANA, now=team.now)

    whole = read_setback(team.tx, WORKSPACE, 3, now=team.now, reader=OPERATOR)
    assert [part.number for part in whole.parts] == [1, 2]
    assert merge_choices(team.tx, WORKSPACE, 3, by=ANA, reader=OPERATOR) == []
