import time
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.delivery import signature
from tests.sandbox.conftest import Stage, make_app, make_seed, open_stage


async def say(stage: Stage, text: str = "hi") -> None:
    await stage.hands.post("compose", channel="C0APOLLO", text=text)
    await stage.sandbox.settle()


def retries(stage: Stage) -> list[tuple[str | None, str | None]]:
    return [
        (one.headers.get("X-Slack-Retry-Num"), one.headers.get("X-Slack-Retry-Reason"))
        for one in stage.app.received
    ]


def test_the_signature_is_slacks() -> None:
    """The vector of Slack's own documentation."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&"
        b"channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&"
        b"command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
        b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )

    made = signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)

    assert made == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def test_every_delivery_is_signed_on_real_time(stage: Stage) -> None:
    await stage.hands.post("clock", preset="week")

    await say(stage)
    await stage.hands.post("compose", channel="C0APOLLO", text="/hello")

    verifier = SignatureVerifier("sandbox-signing-secret")
    assert len(stage.app.received) == 2
    for one in stage.app.received:
        assert verifier.is_valid_request(one.raw, one.headers)
        assert abs(time.time() - int(one.headers["X-Slack-Request-Timestamp"])) < 60


async def test_an_event_time_follows_the_sandboxes_clock(stage: Stage) -> None:
    await stage.hands.post("clock", preset="week")

    await say(stage)

    assert stage.app.last()["event_time"] - time.time() > 6 * 86_400


async def test_a_failed_event_is_tried_three_times_more(stage: Stage) -> None:
    stage.app.status = 500
    await say(stage)
    at_once = retries(stage)

    await stage.hands.post("clock", advance_seconds=61)
    after_a_minute = retries(stage)
    await stage.hands.post("clock", advance_seconds=301)
    await stage.hands.post("clock", preset="hour")

    assert at_once == [(None, None), ("1", "http_error")]
    assert after_a_minute[2:] == [("2", "http_error")]
    assert retries(stage)[3:] == [("3", "http_error")]
    assert len({one.body["event_id"] for one in stage.app.received}) == 1


async def test_a_slow_app_is_a_timeout_to_slack(impatient_stage: Stage) -> None:
    stage = impatient_stage
    stage.app.delay = 0.5
    await say(stage)

    assert retries(stage)[1] == ("1", "http_timeout")


async def test_a_move_of_a_week_passes_through_the_retries(stage: Stage) -> None:
    stage.app.status = 500
    await say(stage)

    await stage.hands.post("clock", preset="week")

    assert [number for number, _ in retries(stage)] == [None, "1", "2", "3"]


async def test_an_app_may_ask_for_no_retry(stage: Stage) -> None:
    stage.app.status, stage.app.headers = 500, {"x-slack-no-retry": "1"}
    await say(stage)
    await stage.hands.post("clock", preset="hour")

    assert len(stage.app.received) == 1


async def test_an_event_can_be_delivered_twice(stage: Stage) -> None:
    await stage.hands.post("faults", method="delivery", kind="duplicate", times=1)

    await say(stage, "one")
    await say(stage, "two")

    ids = [one.body["event_id"] for one in stage.app.received]
    assert len(ids) == 3
    assert len(set(ids)) == 2


async def test_an_app_hears_only_what_it_subscribed_to() -> None:
    async with open_stage(make_seed(app=make_app(events=("app_mention",)))) as stage:
        await say(stage, "hi @sample_bot")

    assert [one.body["event"]["type"] for one in stage.app.received] == ["app_mention"]


@pytest.mark.parametrize("act", ["edit", "delete"])
async def test_changes_of_a_message_are_events_too(stage: Stage, act: str) -> None:
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="a")

    where: dict[str, Any] = {"channel": "C0APOLLO", "ts": sent["ts"]}
    if act == "edit":
        await stage.slack.chat_update(**where, text="b")
    else:
        await stage.slack.chat_delete(**where)
    await stage.sandbox.settle()

    event = stage.app.last()["event"]
    assert event["subtype"] == {"edit": "message_changed", "delete": "message_deleted"}[act]
    assert event["previous_message"]["text"] == "a"


async def test_an_app_without_an_address_is_not_reached_and_commands_say_so(
    stage: Stage,
) -> None:
    await stage.hands.call("PATCH", "apps/A0SAMPLE", {"request_url": None})

    await say(stage)
    answer = await stage.hands.post("compose", channel="C0APOLLO", text="/hello")

    assert answer["error"] == "dispatch_failed"
    assert stage.app.received == []
