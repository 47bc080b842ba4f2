from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.home import Counts, HomePlace
from bot.domain.ids import ChannelId, MessageTs, WorkspaceId
from bot.domain.member import OwnHours, WorkingTime
from bot.domain.outbox import CallKind, Message, MessageKey, MessageKind, MessageState
from bot.slack.messenger import ANEW_MARK, SlackMessenger
from bot.usecases.contents import CardContent, HomeContent
from bot.usecases.ports import Accepted, Ambiguous, Blocked, NotSent, Outcome, Refused
from tests.make import BO, HOME, NOON, WORKSPACE, make_assumption, make_project
from tests.slack.conftest import ELSEWHERE, Wire, make_installation

CARD = CardContent(
    assumption=make_assumption(), project=make_project(), validations=(), traces=(), now=NOON
)


def make_message(**fields: Any) -> Message:
    given: dict[str, Any] = {
        "workspace": WORKSPACE,
        "key": MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=HOME),
        "revision": 1,
        "state": MessageState.PENDING,
        "wanted_at": NOON,
        "due_at": NOON,
        "attempts": 0,
        "channel": None,
        "ts": None,
        "is_repeat": False,
        "error": "",
    } | fields
    return Message(**given)


async def post(wire: Wire, **fields: Any) -> Outcome:
    return await SlackMessenger(wire.api).deliver(make_message(**fields), CARD)


async def shown(wire: Wire) -> list[dict[str, Any]]:
    found = await wire.seen("messages", **{"as": BO, "channel": HOME})
    return [message for message in found["messages"] if message["bot_id"]]


async def test_a_message_is_posted_with_its_key_as_metadata(wire: Wire) -> None:
    outcome = await post(wire)

    [message] = await shown(wire)
    assert outcome == Accepted(channel=HOME, ts=MessageTs(message["ts"]))
    assert message["metadata"] == {
        "event_type": "stilltrue_message",
        "event_payload": {"kind": "card", "about": "APOLLO-1", "to": HOME, "occasion": ""},
    }


async def test_a_message_that_was_posted_is_updated_in_place(wire: Wire) -> None:
    first = await post(wire)
    assert isinstance(first, Accepted)

    second = await post(wire, channel=first.channel, ts=first.ts)

    assert second == first
    assert len(await shown(wire)) == 1


async def test_a_repeat_after_an_unknown_outcome_says_so(wire: Wire) -> None:
    await post(wire, is_repeat=True)

    [message] = await shown(wire)
    assert "This may be a repeat" in str(message["blocks"])


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "429", "retry_after": 3}, NotSent("ratelimited", timedelta(seconds=3))),
        ({"kind": "429", "retry_after": 0}, NotSent("ratelimited", timedelta(seconds=1))),
        ({"kind": "error", "error": "service_unavailable"}, NotSent("service_unavailable")),
        ({"kind": "error", "error": "fatal_error"}, Ambiguous("fatal_error")),
        ({"kind": "error", "error": "is_archived"}, Refused("is_archived")),
        ({"kind": "error", "error": "a_code_of_tomorrow"}, Refused("a_code_of_tomorrow")),
        ({"kind": "html", "status": 200}, None),
        ({"kind": "5xx", "status": 502}, None),
        ({"kind": "empty"}, None),
        ({"kind": "reset_before"}, None),
        ({"kind": "reset_after"}, None),
    ],
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else "",
)
async def test_what_became_of_a_failed_call(
    wire: Wire, fault: dict[str, Any], expected: Outcome | None
) -> None:
    await wire.fault(method="chat.postMessage", times=1, **fault)

    outcome = await post(wire)

    assert outcome == expected if expected is not None else isinstance(outcome, Ambiguous)


async def test_a_post_whose_answer_is_lost_is_made_once(wire: Wire) -> None:
    await wire.fault(method="chat.postMessage", kind="reset_after", times=1)

    await post(wire)

    assert len(await shown(wire)) == 1


async def test_a_channel_without_the_bot_is_refused_by_name(wire: Wire) -> None:
    key = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=ELSEWHERE)

    assert await post(wire, key=key) == Refused("not_in_channel")


async def test_what_waits_for_slack_to_say_whose_token_it_is_is_surely_not_sent(wire: Wire) -> None:
    wire.installations.remove(WORKSPACE)
    wire.installations.is_waiting = True

    outcome = await post(wire)

    assert outcome == NotSent("Slack has not said yet whose token this is.")


async def test_a_workspace_without_a_token_waits_for_its_operator(wire: Wire) -> None:
    outcome = await post(wire, workspace=WorkspaceId("T404"))

    assert isinstance(outcome, Blocked)


@pytest.mark.parametrize(
    ("code", "is_gone"),
    [
        ("missing_scope", False),
        ("token_revoked", True),
        ("account_inactive", True),
        ("invalid_auth", False),
    ],
)
async def test_what_an_operator_can_mend_waits_and_a_token_that_is_gone_ends_the_calls(
    wire: Wire, code: str, is_gone: bool
) -> None:
    for method in ("chat.postMessage", "auth.test"):
        await wire.fault(method=method, kind="error", error=code)

    outcome = await post(wire)

    assert isinstance(outcome, Blocked)
    assert outcome.cause == code
    assert (wire.installations.get(WORKSPACE) is None) is is_gone


async def test_a_token_that_slack_refuses_for_a_while_is_kept_and_works_again(wire: Wire) -> None:
    for method in ("chat.postMessage", "auth.test"):
        await wire.fault(method=method, kind="error", error="invalid_auth", times=2)

    outcomes = [await post(wire) for _ in range(3)]

    assert [type(one) for one in outcomes] == [Blocked, Blocked, Accepted]


async def test_a_refusal_that_slack_does_not_stand_by_costs_no_token(wire: Wire) -> None:
    await wire.fault(method="chat.postMessage", kind="error", error="account_inactive", times=1)

    outcome = await post(wire)

    assert isinstance(outcome, Blocked)
    assert wire.installations.get(WORKSPACE) is not None


async def test_blocks_that_slack_does_not_take_go_out_as_plain_text(wire: Wire) -> None:
    await wire.fault(method="chat.postMessage", kind="error", error="invalid_blocks", times=1)

    outcome = await post(wire)

    [message] = await shown(wire)
    assert isinstance(outcome, Accepted)
    assert not message["blocks"]


def may_look_up(wire: Wire) -> None:
    installation = make_installation()
    scopes = frozenset({"channels:history", "groups:history"})
    wire.installations.put(replace(installation, scopes=scopes))


async def test_a_post_whose_answer_was_lost_is_found_by_its_metadata(wire: Wire) -> None:
    may_look_up(wire)
    await wire.fault(method="chat.postMessage", kind="reset_after", times=1)
    await post(wire)

    outcome = await post(wire, state=MessageState.UNKNOWN, is_repeat=True)

    [message] = await shown(wire)
    assert outcome == Accepted(channel=HOME, ts=MessageTs(message["ts"]))


async def test_a_post_that_is_surely_not_there_goes_out_without_a_mark(wire: Wire) -> None:
    may_look_up(wire)
    await wire.fault(method="chat.postMessage", kind="reset_before", times=1)
    await post(wire)

    outcome = await post(wire, state=MessageState.UNKNOWN, is_repeat=True)

    [message] = await shown(wire)
    assert outcome == Accepted(channel=HOME, ts=MessageTs(message["ts"]))
    assert "This may be a repeat" not in str(message["blocks"])


async def test_while_the_lookup_fails_nothing_is_posted(wire: Wire) -> None:
    may_look_up(wire)
    await wire.fault(method="conversations.history", kind="429", retry_after=4, times=1)

    outcome = await post(wire, state=MessageState.UNKNOWN, is_repeat=True)

    waited = timedelta(seconds=4)
    assert outcome == NotSent("the lookup: ratelimited", waited, call=CallKind.LOOK_UP)
    assert await shown(wire) == []


async def test_no_connection_is_surely_not_sent(wire: Wire) -> None:
    wire.api.client.base_url = "http://127.0.0.1:1/api/"

    assert await post(wire) == NotSent("no connection")


async def test_a_message_after_one_that_was_deleted_says_so(wire: Wire) -> None:
    await post(wire, replaces_ts=MessageTs("1.000001"))

    [message] = await shown(wire)
    assert ANEW_MARK in str(message["blocks"])


async def test_an_update_of_a_message_that_is_gone_is_refused(wire: Wire) -> None:
    outcome = await post(wire, channel=ChannelId(HOME), ts=MessageTs("1.000001"))

    assert outcome == Refused("message_not_found")


@pytest.mark.parametrize(
    ("fault", "is_reachable"),
    [
        (None, True),
        ({"kind": "429", "retry_after": 1}, True),
        ({"kind": "5xx", "status": 503}, False),
        ({"kind": "reset_before"}, False),
    ],
)
async def test_slack_is_there_as_long_as_it_answers_anything(
    wire: Wire, fault: dict[str, Any] | None, *, is_reachable: bool
) -> None:
    if fault is not None:
        await wire.fault(method="api.test", times=1, **fault)

    assert await SlackMessenger(wire.api).is_reachable() is is_reachable


HOME_TAB = HomeContent(
    user=BO,
    place=HomePlace(),
    asked=(),
    owned=(),
    counts=Counts(),
    projects=(),
    setbacks=(),
    hours=WorkingTime(zone=ZoneInfo("UTC")),
    own_hours=OwnHours(),
    now=NOON,
)
HOME_KEY = MessageKey(kind=MessageKind.HOME, about="", to=BO)


async def publish(wire: Wire, **fields: Any) -> Outcome:
    message = make_message(**{"key": HOME_KEY, **fields})
    return await SlackMessenger(wire.api).deliver(message, HOME_TAB)


async def test_a_home_that_was_overtaken_is_read_again_and_then_drawn(wire: Wire) -> None:
    first = await publish(wire)
    assert isinstance(first, Accepted)
    second = await publish(wire, channel=first.channel, ts=first.ts)
    assert isinstance(second, Accepted)
    assert (second.channel, second.ts != first.ts) == (first.channel, True)

    overtaken = await publish(wire, channel=first.channel, ts=first.ts)
    assert overtaken == NotSent("hash_conflict")
    drawn = await publish(wire, channel=first.channel, ts=first.ts, error="hash_conflict")
    assert isinstance(drawn, Accepted)


async def test_a_home_tab_that_is_switched_off_holds_up_nothing_else(wire: Wire) -> None:
    await wire.fault(method="views.publish", kind="error", error="not_enabled")

    assert await publish(wire) == Refused("not_enabled")
