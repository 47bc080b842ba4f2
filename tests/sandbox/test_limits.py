import asyncio
import time
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.sandbox.errors import RateLimitedError
from bot.sandbox.limits import SLACK_LIMITS, Buckets
from tests.sandbox.conftest import Stage, open_stage


async def post(stage: Stage, method: str, body: dict[str, Any]) -> tuple[int, Any, Any]:
    headers = {"Authorization": "Bearer xoxb-sandbox-sample-bot"}
    url = f"{stage.url}/api/{method}"
    async with stage.session.post(url, json=body, headers=headers) as got:
        return got.status, got.headers, await got.read()


async def test_one_message_at_a_time_into_a_channel_after_a_short_burst() -> None:
    limits = replace(SLACK_LIMITS, messages_per_second=0.001)  # as slow as no machine is
    async with open_stage(limits=limits) as stage:
        message = {"channel": "C0APOLLO", "text": "x"}
        results = [await post(stage, "chat.postMessage", message) for _ in range(5)]
        elsewhere, _, _ = await post(stage, "chat.postMessage", message | {"channel": "C0GENERAL"})

    assert [status for status, _, _ in results] == [200] * 4 + [429]
    _, headers, body = results[-1]
    assert 900 < int(headers["Retry-After"]) <= 1000
    assert b'"ratelimited"' in body
    assert elsewhere == 200


@pytest.mark.parametrize(
    ("method", "burst"), [("users.list", 20), ("chat.update", 50), ("users.info", 100)]
)
def test_a_tier_is_a_minutes_worth_of_calls(
    monkeypatch: pytest.MonkeyPatch, method: str, burst: int
) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    buckets = Buckets(SLACK_LIMITS)
    for _ in range(burst):
        buckets.take_call(method, "A1")

    with pytest.raises(RateLimitedError) as caught:
        buckets.take_call(method, "A1")
    buckets.take_call(method, "A2")

    assert caught.value.retry_after == -(-60 // burst)


def test_a_bucket_fills_again_with_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    buckets = Buckets(SLACK_LIMITS)
    for _ in range(4):
        buckets.take_message("C1", "A1")
    monkeypatch.setattr(time, "monotonic", lambda: 102.0)

    buckets.take_message("C1", "A1")
    buckets.take_message("C1", "A1")

    with pytest.raises(RateLimitedError):
        buckets.take_message("C1", "A1")


@pytest.mark.parametrize(
    ("fault", "status", "part"),
    [
        ({"kind": "429", "retry_after": 7}, 429, b"ratelimited"),
        ({"kind": "5xx"}, 503, b"upstream"),
        ({"kind": "5xx", "status": 504}, 504, b"upstream"),
        ({"kind": "html"}, 502, b"<!DOCTYPE html>"),
        ({"kind": "empty"}, 200, b""),
        ({"kind": "error", "error": "fatal_error"}, 200, b"fatal_error"),
    ],
)
async def test_a_fault_strikes_as_often_as_planned_and_changes_nothing(
    stage: Stage, fault: dict[str, Any], status: int, part: bytes
) -> None:
    await stage.hands.post("faults", method="chat.postMessage", times=2, **fault)
    message = {"channel": "C0APOLLO", "text": "x"}

    struck = [await post(stage, "chat.postMessage", message) for _ in range(2)]
    other, _, _ = await post(stage, "auth.test", {})
    after, _, _ = await post(stage, "chat.postMessage", message)

    assert [one[0] for one in struck] == [status, status]
    assert part in struck[0][2]
    assert (other, after) == (200, 200)
    assert len(await stage.hands.messages("C0APOLLO")) == 1


@pytest.mark.parametrize(("kind", "left"), [("reset_before", 0), ("reset_after", 1), ("hang", 0)])
async def test_a_connection_is_cut_before_or_after_the_work(
    stage: Stage, kind: str, left: int
) -> None:
    await stage.hands.post("faults", method="*", kind=kind, times=1, seconds=0.05)

    with pytest.raises(aiohttp.ClientError):
        await post(stage, "chat.postMessage", {"channel": "C0APOLLO", "text": "x"})

    assert len(await stage.hands.messages("C0APOLLO")) == left


async def test_a_hanging_call_does_not_hold_up_the_end() -> None:
    async with open_stage() as stage:
        await stage.hands.post("faults", method="*", kind="hang", times=1, seconds=60)
        call = asyncio.create_task(post(stage, "auth.test", {}))
        await asyncio.wait({call}, timeout=0.05)

    with pytest.raises(aiohttp.ClientError):
        await call


async def test_faults_can_be_cleared_and_a_wrong_one_is_refused(stage: Stage) -> None:
    await stage.hands.post("faults", method="auth.test", kind="5xx", times=9)
    await stage.hands.call("DELETE", "faults", {})

    status, _, _ = await post(stage, "auth.test", {})

    assert status == 200
    assert await stage.hands.refused("faults", method="*", kind="flood") == "unknown_kind"
    assert await stage.hands.refused("faults", kind="5xx") == "bad_value"
    assert await stage.hands.refused("faults", method="*", kind="duplicate") == "unknown_kind"


async def test_many_callers_at_once_are_all_answered(stage: Stage) -> None:
    sent = await asyncio.gather(
        *(stage.slack.chat_postMessage(channel="C0APOLLO", text=str(n)) for n in range(30))
    )

    assert len({one["ts"] for one in sent}) == 30
