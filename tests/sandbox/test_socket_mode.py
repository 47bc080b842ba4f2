import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp

from tests.haste import PATIENCE
from tests.sandbox.conftest import IMPATIENT, Stage, make_app, make_seed, open_stage, until


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage(make_seed(app=make_app(socket_mode=True))) as opened:
        yield opened


async def open_url(stage: Stage) -> str:
    answer = await stage.api("apps.connections.open", token="xapp-sandbox-sample-app")
    return str(answer["url"])


@asynccontextmanager
async def connected(stage: Stage) -> AsyncIterator[ClientWebSocketResponse]:
    async with stage.session.ws_connect(await open_url(stage)) as socket:
        hello = await socket.receive_json(timeout=PATIENCE)
        assert hello["type"] == "hello"
        yield socket


async def test_a_hello_says_how_many_are_connected(stage: Stage) -> None:
    async with connected(stage), stage.session.ws_connect(await open_url(stage)) as second:
        hello = await second.receive_json(timeout=PATIENCE)

    assert hello["num_connections"] == 2
    assert hello["connection_info"] == {"app_id": "A0SAMPLE"}


async def test_a_ticket_is_good_for_one_connection(stage: Stage) -> None:
    url = await open_url(stage)
    async with stage.session.ws_connect(url) as first:
        await first.receive_json(timeout=PATIENCE)
        async with stage.session.ws_connect(url) as second:
            message = await second.receive(timeout=PATIENCE)

    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)


async def test_the_app_token_is_needed(stage: Stage) -> None:
    wrong = await stage.api("apps.connections.open")
    other = await stage.api("auth.test", token="xapp-sandbox-sample-app")

    assert wrong["error"] == other["error"] == "not_allowed_token_type"


async def test_an_acknowledgement_with_a_payload_is_shown(stage: Stage) -> None:
    async with connected(stage) as socket:
        acting = asyncio.create_task(
            stage.hands.post("compose", channel="C0APOLLO", text="/hello there")
        )
        envelope = await socket.receive_json(timeout=PATIENCE)
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "Hi!"}})
        await acting

    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["text"] == "there"
    shown = await stage.hands.messages("C0APOLLO")
    assert [one["text"] for one in shown] == ["Hi!"]


async def test_an_event_that_nobody_acknowledges_comes_again() -> None:
    app = make_app(socket_mode=True)
    async with (
        open_stage(make_seed(app=app), limits=IMPATIENT) as stage,
        connected(stage) as socket,
    ):
        await stage.hands.post("compose", channel="C0APOLLO", text="hi")
        first = await socket.receive_json(timeout=PATIENCE)
        again = await socket.receive_json(timeout=PATIENCE)
        await socket.send_json({"envelope_id": again["envelope_id"]})
        await stage.sandbox.settle()

    assert first["type"] == "events_api"
    assert (first["retry_attempt"], again["retry_attempt"]) == (0, 1)
    assert again["retry_reason"] == "http_timeout"
    assert first["envelope_id"] != again["envelope_id"]
    assert first["payload"]["event_id"] == again["payload"]["event_id"]


async def test_without_a_connection_a_command_fails(stage: Stage) -> None:
    answer = await stage.hands.post("compose", channel="C0APOLLO", text="/hello")

    assert answer["error"] == "dispatch_failed"
    state = await stage.hands.get("state")
    assert state["apps"][0]["connected"] is False


async def test_a_refresh_tells_the_app_to_come_back_and_then_closes(stage: Stage) -> None:
    stage.sandbox.core.sockets.close_after = 0.05
    async with connected(stage) as socket:
        await stage.hands.post("socket/refresh", app_id="A0SAMPLE", reason="refresh_requested")
        told = await socket.receive_json(timeout=PATIENCE)
        closed = await socket.receive(timeout=PATIENCE)

    assert (told["type"], told["reason"]) == ("disconnect", "refresh_requested")
    assert closed.type is WSMsgType.CLOSE


async def test_switching_socket_mode_off_closes_the_sockets(stage: Stage) -> None:
    async with connected(stage) as socket:
        await stage.hands.call("PATCH", "apps/A0SAMPLE", {"socket_mode": False})
        told = await socket.receive_json(timeout=PATIENCE)
        closed = await socket.receive(timeout=PATIENCE)

    assert told["reason"] == "link_disabled"
    assert closed.type is WSMsgType.CLOSE


@asynccontextmanager
async def bolt(stage: Stage, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, "xapp-sandbox-sample-app", web_client=stage.slack)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await until(lambda: stage.sandbox.core.sockets.connected("A0SAMPLE") == 1)
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def test_bolt_works_over_a_socket_and_survives_a_refresh(stage: Stage) -> None:
    sockets = stage.sandbox.core.sockets
    sockets.close_after = 0.3
    app = AsyncApp(client=stage.slack, process_before_response=True)
    seen: list[Any] = []

    @app.command("/hello")
    async def hello(ack: AsyncAck, command: dict[str, Any]) -> None:
        seen.append(command["text"])
        await ack(f"Hello {command['text']}")

    def came_back() -> bool:
        live = sockets.live("A0SAMPLE")
        return len(live) == 1 and live != old

    async with bolt(stage, app):
        old = sockets.live("A0SAMPLE")
        first = await stage.hands.post("compose", channel="C0APOLLO", text="/hello one")
        await stage.hands.post("socket/refresh", app_id="A0SAMPLE", reason="refresh_requested")
        await until(came_back)
        second = await stage.hands.post("compose", channel="C0APOLLO", text="/hello two")

    assert "error" not in first
    assert "error" not in second
    assert seen == ["one", "two"]
    shown = await stage.hands.messages("C0APOLLO")
    assert [one["text"] for one in shown] == ["Hello one", "Hello two"]


async def test_garbage_from_the_app_harms_nothing(stage: Stage) -> None:
    async with connected(stage) as socket:
        for line in ("{", "[]", json.dumps({"envelope_id": "nobody's"})):
            await socket.send_str(line)
        await stage.hands.post("compose", channel="C0APOLLO", text="hi")
        envelope = await socket.receive_json(timeout=PATIENCE)
        await socket.send_json({"envelope_id": envelope["envelope_id"]})

    assert envelope["type"] == "events_api"
