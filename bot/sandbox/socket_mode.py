"""Socket Mode: one-use tickets, envelopes, acknowledgements."""

import asyncio
import json
import random
import secrets
import time
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.sandbox.errors import DeliveryFailedError
from bot.sandbox.model import Json

TICKET_SECONDS = 60.0
MOST_CONNECTIONS = 10
CONNECTION_SECONDS = 3600
GOING_AWAY = 1001
POLICY_VIOLATION = 1008
GONE = (WebSocketDisconnect, RuntimeError)
"""What sending raises once the other side has left."""


class Sockets:
    def __init__(self) -> None:
        self._tickets: dict[str, tuple[str, float]] = {}
        self._connections: dict[str, list[WebSocket]] = {}
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self.close_after = 10.0
        """Real seconds between a warning and the close."""

    def ticket(self, app_id: str) -> str:
        """The last part of the URL that `apps.connections.open` answers; good for one connect."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (app_id, time.monotonic() + TICKET_SECONDS)
        return ticket

    def live(self, app_id: str) -> list[WebSocket]:
        return list(self._connections.get(app_id, ()))

    def connected(self, app_id: str) -> int:
        return len(self.live(app_id))

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection until either side ends it."""
        app_id, expires = self._tickets.pop(socket.path_params["ticket"], ("", 0.0))
        await socket.accept()
        if expires < time.monotonic() or self.connected(app_id) >= MOST_CONNECTIONS:
            await socket.close(POLICY_VIOLATION)
            return
        mine = self._connections.setdefault(app_id, [])
        mine.append(socket)
        try:
            await socket.send_text(json.dumps(_hello(app_id, len(mine))))
            while True:
                self._acknowledge(await socket.receive_text())
        except WebSocketDisconnect:
            pass  # the app left; what waits for its acknowledgement times out as in Slack
        finally:
            if socket in mine:
                mine.remove(socket)

    async def deliver(self, app_id: str, envelope: Json, *, seconds: float) -> Any:
        """Send to one of the app's connections, any of them, and return the answer's payload."""
        connections = self.live(app_id)
        if not connections:
            raise DeliveryFailedError("connection_failed")
        socket = random.choice(connections)  # noqa: S311 Slack chooses as it likes
        envelope_id = secrets.token_hex(16)
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        try:
            await socket.send_text(json.dumps(envelope | {"envelope_id": envelope_id}))
            return await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            raise DeliveryFailedError("http_timeout") from None
        except GONE:
            raise DeliveryFailedError("connection_failed") from None
        finally:
            del self._waiting[envelope_id]

    async def refresh(self, app_id: str, reason: str) -> None:
        """Tell the app's connections to go, and close those that stay.

        They still take deliveries until then, so that an app that opens a new one loses nothing.
        """
        going = self.live(app_id)
        for socket in going:
            body = {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            with suppress(*GONE):
                await socket.send_text(json.dumps(body))
        if reason != "link_disabled":
            await asyncio.sleep(self.close_after)
        for socket in going:
            await self._close(app_id, socket)

    async def close(self) -> None:
        for app_id, sockets in self._connections.items():
            for socket in list(sockets):
                await self._close(app_id, socket)
        for waiting in self._waiting.values():
            waiting.cancel()

    async def _close(self, app_id: str, socket: WebSocket) -> None:
        mine = self._connections[app_id]
        if socket in mine:
            mine.remove(socket)
        if socket.application_state is WebSocketState.CONNECTED:
            with suppress(*GONE):
                await socket.close(GOING_AWAY)

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except json.JSONDecodeError:
            return
        if not isinstance(answer, dict):
            return
        waiting = self._waiting.get(str(answer.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(_payload(answer))


def _payload(answer: Json) -> Any:
    """Bolt wraps a plain text in `{"text": …}`, and sends `{}` for nothing."""
    return answer.get("payload") or None


def _hello(app_id: str, connections: int) -> Json:
    return {
        "type": "hello",
        "num_connections": connections,
        "connection_info": {"app_id": app_id},
        "debug_info": {
            "host": "sandbox",
            "build_number": 1,
            "approximate_connection_time": CONNECTION_SECONDS,
        },
    }
