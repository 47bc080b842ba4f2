"""Slack's side of Socket Mode, which breaks its connections in every way there is."""

import asyncio
import json
from collections import defaultdict
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web


class Link:
    """One connection of an app."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.request = request
        self.is_mute = False  # half open: it takes what comes and says nothing any more

    def abort(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()

    async def refresh(self, reason: str) -> None:
        await self.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})


class Links:
    """The connections of each app token, the newest last."""

    def __init__(self) -> None:
        self._made: defaultdict[str, list[Link]] = defaultdict(list)
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._numbers = count()
        self.disabled: set[str] = set()

    def open(self, token: str, api_url: str) -> dict[str, Any]:
        """Answer `apps.connections.open`; the token is the ticket."""
        if token in self.disabled:
            return {"ok": False, "error": "internal_error"}
        address = api_url.replace("http://", "ws://").removesuffix("api/")
        return {"url": f"{address}link/{token}"}

    def count(self, token: str) -> int:
        """How many connections the token has had."""
        return len(self._made[token])

    def newest(self, token: str) -> Link:
        return self._made[token][-1]

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        link = Link(socket, request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._made[request.match_info["ticket"]].append(link)
        async for message in socket:
            if link.is_mute:
                continue
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledged(json.loads(message.data)["envelope_id"])
        return socket

    async def deliver(self, token: str, payload: dict[str, Any], *, seconds: float) -> bool:
        """Hand a command over on the newest connection; say whether it is answered in time."""
        envelope_id = f"envelope-{next(self._numbers)}"
        answered = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        envelope = {"type": "slash_commands", "envelope_id": envelope_id, "payload": payload}
        try:
            await self.newest(token).socket.send_json(
                {**envelope, "accepts_response_payload": True}
            )
            await asyncio.wait_for(answered, seconds)
        except (TimeoutError, ConnectionError):
            return False
        return True

    def _acknowledged(self, envelope_id: str) -> None:
        waiting = self._waiting.pop(envelope_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
