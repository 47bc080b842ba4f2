"""Endpoints, and what becomes of what arrives at them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import Impact
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import ChannelId, ProjectKey, WorkspaceId
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.setback import Setback, SetbackDraft, SetbackKind, Severity
from bot.domain.setback_update import SetbackUpdate
from bot.domain.trace import Role, TraceState
from bot.domain.validation import Answer
from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.domain.workspace import Workspace
from bot.store.database import Database
from bot.usecases import setback, trace, webhook
from bot.usecases.contents import SetbackContent
from bot.usecases.webhook import Outcome
from bot.usecases.webhook_setup import setup_steps
from bot.usecases.workspace import remember_workspace
from tests.usecases.team import ANA, BO, CHANNEL, DAY, MONDAY, WORKSPACE, Team

HOUR = timedelta(hours=1)
TOOL_SECRET = "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"


def install(tx: Connection) -> None:
    installed = Workspace(
        id=WORKSPACE, name="Team", bot_user=BO, bot_id="B0BOT", installed_at=MONDAY
    )
    remember_workspace(tx, installed)


def open_endpoint(
    tx: Connection, source: WebhookSource = WebhookSource.GENERIC, **given: Any
) -> webhook.OpenedEndpoint:
    install(tx)
    wanted: dict[str, Any] = {"channel": CHANNEL, "project": None, "now": MONDAY} | given
    return webhook.add_endpoint(tx, WORKSPACE, source, **wanted)


@pytest.fixture
def endpoint(team: Team) -> WebhookEndpoint:
    return open_endpoint(team.tx).endpoint


def make_update(team: Team, **fields: Any) -> SetbackUpdate:
    given: dict[str, Any] = {
        "delivery": "1",
        "external_id": "OPS-1",
        "at": team.now,
        "kind": SetbackKind.INCIDENT,
        "text": "The payments API is down",
        "started_at": team.now,
        "is_over": False,
    } | fields
    return SetbackUpdate(**given)


def receive(team: Team, endpoint: WebhookEndpoint, update: SetbackUpdate) -> Outcome:
    return webhook.receive(team.tx, endpoint, update, now=team.now)


def get(team: Team, number: int = 1) -> Setback:
    return setback.get_setback(team.tx, WORKSPACE, number, reader=OPERATOR)


@pytest.mark.parametrize("source", WebhookSource)
def test_a_tool_that_makes_no_secret_gets_one_of_ours(team: Team, source: WebhookSource) -> None:
    opened = open_endpoint(team.tx, source)

    kept = [secret.value for secret in opened.endpoint.secrets]
    if source.makes_secret:
        assert (opened.secret, kept) == (None, [])
    elif source.sends_secret:
        assert opened.secret is not None
        assert kept == [sha256(opened.secret.encode()).hexdigest()]
    else:
        assert kept == [opened.secret]


@pytest.mark.parametrize("source", WebhookSource)
def test_the_steps_name_the_address_and_where_the_secret_goes(
    team: Team, source: WebhookSource
) -> None:
    opened = open_endpoint(team.tx, source)

    steps = "\n".join(
        setup_steps(
            opened.endpoint,
            base_url="https://bot.example/",
            secret=opened.secret,
            bring="rotate it",
        )
    )

    assert f"https://bot.example/webhooks/{source}/{WORKSPACE}-" in steps
    assert (opened.secret or "rotate it") in steps


def test_endpoints_are_listed_and_removed_in_their_workspace(team: Team) -> None:
    first, second = (open_endpoint(team.tx).endpoint for _ in range(2))

    webhook.remove_endpoint(team.tx, WORKSPACE, first.id)

    assert webhook.list_endpoints(team.tx, WORKSPACE) == [second]
    for workspace, id_ in ((WORKSPACE, first.id), (WorkspaceId("T0OTHER"), second.id)):
        with pytest.raises(NotFoundError, match=f"I know no webhook {id_} here"):
            webhook.remove_endpoint(team.tx, workspace, id_)


@pytest.mark.parametrize("given", [{"project": ProjectKey("NONE")}, {"workspace": "T0OTHER"}])
def test_an_endpoint_needs_a_project_and_a_workspace_that_are_there(
    team: Team, given: dict[str, Any]
) -> None:
    install(team.tx)
    workspace = WorkspaceId(given.get("workspace", WORKSPACE))

    with pytest.raises(NotFoundError, match="I know no"):
        webhook.add_endpoint(
            team.tx,
            workspace,
            WebhookSource.GITHUB,
            channel=CHANNEL,
            project=given.get("project"),
            now=MONDAY,
        )


def test_a_new_secret_leaves_the_old_one_accepted_for_a_while(
    team: Team, endpoint: WebhookEndpoint
) -> None:
    (old,) = endpoint.accepted(MONDAY)

    changed = webhook.rotate_secret(
        team.tx, WORKSPACE, endpoint.id, secret=None, overlap=HOUR, now=MONDAY
    )

    assert changed.secret is not None
    assert changed.endpoint.accepted(MONDAY) == (changed.secret, old)
    assert changed.endpoint.accepted(MONDAY + HOUR) == (changed.secret,)


def test_secrets_that_have_run_out_are_forgotten(team: Team, endpoint: WebhookEndpoint) -> None:
    for day in range(4):
        webhook.rotate_secret(
            team.tx, WORKSPACE, endpoint.id, secret=None, overlap=HOUR, now=MONDAY + day * DAY
        )

    assert len(webhook.get_endpoint(team.tx, WORKSPACE, endpoint.id).secrets) == 2


@pytest.mark.parametrize("secret", [None, "", "short", "whsec_" + "é" * 30, "x" * 40, "w" * 501])
def test_a_secret_that_cannot_be_the_tools_is_refused(team: Team, secret: str | None) -> None:
    opened = open_endpoint(team.tx, WebhookSource.INCIDENTIO)

    with pytest.raises(UserFixableError):
        webhook.rotate_secret(team.tx, WORKSPACE, opened.endpoint.id, secret=secret, now=MONDAY)


def test_a_secret_that_the_tool_made_is_not_shown_again(team: Team) -> None:
    opened = open_endpoint(team.tx, WebhookSource.INCIDENTIO)

    brought = webhook.rotate_secret(
        team.tx, WORKSPACE, opened.endpoint.id, secret=f" {TOOL_SECRET}\n", now=MONDAY
    )

    assert brought.secret is None
    assert brought.endpoint.accepted(MONDAY) == (TOOL_SECRET,)


@pytest.mark.parametrize("source", WebhookSource)
def test_a_lent_secret_is_taken_back(team: Team, source: WebhookSource) -> None:
    endpoint = open_endpoint(team.tx, source).endpoint

    lent = webhook.lend_secret(team.tx, WORKSPACE, endpoint.id, until=MONDAY + HOUR)
    while_lent = webhook.get_endpoint(team.tx, WORKSPACE, endpoint.id)
    assert lent.secret is not None
    webhook.take_back_secret(team.tx, WORKSPACE, endpoint.id, secret=lent.secret)

    assert len(while_lent.secrets) == len(endpoint.secrets) + 1
    assert webhook.get_endpoint(team.tx, WORKSPACE, endpoint.id) == endpoint


def test_an_update_is_recorded_with_what_was_not_validated_then(
    team: Team, endpoint: WebhookEndpoint
) -> None:
    key = team.log("The payments API is live by March 3", impact=Impact.HIGH)
    team.now += DAY

    assert receive(team, endpoint, make_update(team)) is Outcome.RECORDED
    team.work()

    (content,) = team.heard(MessageKind.SETBACK, to=CHANNEL)
    assert isinstance(content, SetbackContent)
    assert content.setback.project == "APOLLO"  # the one at home in the channel
    ((found, assumption),) = content.traces
    assert assumption.key == key
    assert "not validated when this began" in found.reasons


def test_a_second_copy_changes_nothing_and_says_nothing(
    team: Team, endpoint: WebhookEndpoint
) -> None:
    outcomes = [receive(team, endpoint, make_update(team)) for _ in range(3)]
    team.work()

    assert outcomes == [Outcome.RECORDED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert len(team.said) == 1


def test_another_delivery_of_the_same_says_nothing_either(
    team: Team, endpoint: WebhookEndpoint
) -> None:
    receive(team, endpoint, make_update(team))
    team.work()

    assert receive(team, endpoint, make_update(team, delivery="2")) is Outcome.UNCHANGED
    team.work()

    assert len(team.said) == 1
    assert get(team).version == 1


def test_two_endpoints_may_call_two_things_the_same(team: Team, endpoint: WebhookEndpoint) -> None:
    other = open_endpoint(team.tx).endpoint

    outcomes = [receive(team, one, make_update(team)) for one in (endpoint, other)]

    assert outcomes == [Outcome.RECORDED, Outcome.RECORDED]


def test_an_end_closes_it_in_the_same_message(team: Team, endpoint: WebhookEndpoint) -> None:
    receive(team, endpoint, make_update(team))
    team.work()
    team.now += HOUR
    over = make_update(
        team, delivery="2", started_at=team.now - HOUR, is_over=True, ended_at=team.now
    )

    assert receive(team, endpoint, over) is Outcome.CHANGED
    team.work()

    assert get(team).cost.minutes_down == 60
    assert len(team.heard(MessageKind.SETBACK)) == 1
    assert isinstance(team.said[-1][1], SetbackContent)
    assert team.said[-1][1].setback.ended_at == team.now


def test_what_is_gone_before_we_knew_it_adds_nothing(team: Team, endpoint: WebhookEndpoint) -> None:
    gone = make_update(team, is_over=True, is_withdrawn=True)

    assert receive(team, endpoint, gone) is Outcome.UNCHANGED
    with pytest.raises(NotFoundError):
        get(team)


def test_a_corrected_start_is_folded_again_and_said(team: Team, endpoint: WebhookEndpoint) -> None:
    asked = team.log("The payments API is live by March 3")
    late = team.log("The payments API is fast", by=ANA)
    began = team.now
    team.now += DAY
    team.answer(asked, Answer.HOLDS)
    team.now += HOUR
    receive(team, endpoint, make_update(team))
    decide = {"by": ANA, "role": Role.CAUSED, "now": team.now}
    trace.decide_trace(team.tx, WORKSPACE, 1, asked, **decide)  # type: ignore[arg-type]
    before = {one.assumption: one for one, _ in shown(team)}
    assert before[asked].as_of.status == "validated"
    assert late in before

    corrected = make_update(
        team, delivery="2", at=team.now + HOUR, started_at=began + timedelta(minutes=1)
    )
    team.now += HOUR
    receive(team, endpoint, corrected)

    after = {one.assumption: one for one, _ in shown(team)}
    assert after[asked].as_of.status == "unvalidated"
    assert after[asked].is_confirmed
    assert after[asked].role is Role.CAUSED
    assert get(team).first_started_at == began + DAY + HOUR


def test_what_was_logged_after_the_corrected_start_says_so(
    team: Team, endpoint: WebhookEndpoint
) -> None:
    team.now += 3 * DAY
    confirmed, undecided, rejected = (
        team.log(f"The payments API is {word}") for word in ("live", "fast", "cheap")
    )
    team.now += DAY
    receive(team, endpoint, make_update(team))
    for key, role in ((confirmed, Role.CONTRIBUTED), (rejected, None)):
        trace.decide_trace(team.tx, WORKSPACE, 1, key, by=ANA, role=role, now=team.now)

    corrected = make_update(team, delivery="2", at=team.now + HOUR, started_at=MONDAY)
    team.now += HOUR
    receive(team, endpoint, corrected)

    left = {one.assumption: one for one, _ in shown(team)}
    assert all(one.is_unlogged for one in left.values())
    assert left[confirmed].role is Role.CONTRIBUTED
    assert left[rejected].state is TraceState.REJECTED
    assert left[undecided].reasons[0] == "first written down afterwards"


def shown(team: Team) -> Sequence[Any]:
    return setback.show_setback(team.tx, WORKSPACE, 1, reader=OPERATOR).traces


def test_a_person_closes_and_reopens_and_edits_it(team: Team, endpoint: WebhookEndpoint) -> None:
    receive(team, endpoint, make_update(team))
    began = team.now
    team.now += HOUR

    closed = setback.close_setback(team.tx, WORKSPACE, 1, ended_at=team.now, by=ANA, now=team.now)
    opened = setback.reopen_setback(team.tx, WORKSPACE, 1, by=ANA, now=team.now)

    assert (closed.ended_at, closed.cost.minutes_down) == (began + HOUR, 60)
    assert (opened.ended_at, opened.cost.minutes_down) == (None, None)
    with pytest.raises(UserFixableError, match="cannot end before it began"):
        setback.close_setback(team.tx, WORKSPACE, 1, ended_at=began - HOUR, by=ANA, now=team.now)
    draft = SetbackDraft(
        kind=SetbackKind.DELAY, text="late", started_at=began, channel=ChannelId("C0OTHER")
    )
    edited = setback.edit_setback(team.tx, WORKSPACE, 1, draft, by=ANA, now=team.now)
    assert (edited.kind, edited.text) == (SetbackKind.DELAY, "late")
    assert (edited.channel, edited.source) == (CHANNEL, "generic")


def test_what_a_person_corrected_stays_until_the_tool_says_otherwise(
    team: Team, endpoint: WebhookEndpoint
) -> None:
    told = team.now
    team.now += HOUR
    receive(team, endpoint, make_update(team, at=team.now, started_at=told))
    corrected = SetbackDraft(
        kind=SetbackKind.DELAY,
        text="The bank's outage",
        started_at=told - 2 * HOUR,
        ended_at=told + HOUR,
        severity=Severity.SEV1,
        services=("ledger",),
        channel=CHANNEL,
    )
    by_hand = setback.edit_setback(team.tx, WORKSPACE, 1, corrected, by=ANA, now=team.now)

    team.now += HOUR
    again = make_update(team, delivery="2", at=team.now, started_at=told)
    assert receive(team, endpoint, again) is Outcome.UNCHANGED
    assert get(team) == by_hand
    over = replace(again, delivery="3", at=team.now + HOUR, is_over=True, ended_at=team.now)
    receive(team, endpoint, replace(over, text="Cards and refunds"))

    after = get(team)
    assert (after.text, after.ended_at) == ("Cards and refunds", team.now)
    assert (after.kind, after.severity) == (SetbackKind.DELAY, Severity.SEV1)
    assert (after.started_at, after.services) == (told - 2 * HOUR, ("ledger",))


async def test_of_copies_at_once_one_is_recorded(database: Database) -> None:
    def prepare(tx: Connection) -> tuple[Team, WebhookEndpoint]:
        return Team(tx=tx), open_endpoint(tx).endpoint

    team, endpoint = await database.write(prepare)
    copies = [make_update(team, delivery=str(n % 2)) for n in range(8)]

    outcomes = await asyncio.gather(
        *(database.write(webhook.receive, endpoint, copy, now=MONDAY) for copy in copies)
    )

    assert sorted(outcomes) == [*["duplicate"] * 6, "recorded", "unchanged"]
