"""A Slack that takes everything at once and remembers every post, as a witness for the checker."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from bot.domain.outbox import MessageKey, MessageKind
from bot.slack.messenger import REPEAT_MARK
from tests.chaos.links import Links

RETRY_AFTER = 2  # seconds
HANG_SECONDS = 30.0
FAULTS = (
    "429",
    "500",
    "502",
    "503",
    "504",
    "HTML",
    "text",
    "empty",
    "fatal_error",
    "a_code_of_tomorrow",
    "reset before",
    "reset after",
    "hang",
)
TEAM, BOT_TOKEN, SIGNING_SECRET = "T0CHAOS", "xoxb-chaos", "chaos-secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message that Slack took; `is_marked` where it says that it may be a repeat."""

    key: MessageKey
    token: str  # whose message it is
    channel: str
    ts: str
    is_marked: bool
    at: float  # by time.monotonic
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A message that Slack drew anew."""

    key: MessageKey
    token: str
    channel: str
    ts: str
    shown: str  # its blocks, as JSON
    at: float  # by time.monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    token: str
    method: str
    fault: str  # what was done to it, if anything
    at: float  # by time.monotonic
    body: Mapping[str, Any] = field(default_factory=dict)


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class WitnessSlack:
    url: str = ""
    posts: list[Post] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    seconds: float = 0.0  # how long a chat.* call takes to answer
    hangs: bool = False  # no call is answered for `HANG_SECONDS`
    retry_after: int = RETRY_AFTER  # seconds, in a refusal
    hung: Counter[str] = field(default_factory=Counter)  # calls that got no answer, by method
    is_open: asyncio.Event = field(default_factory=_set)  # without it no chat.* call goes on
    calls: list[Call] = field(default_factory=list)
    links: Links = field(default_factory=Links)
    _faults: list[tuple[str, str, str]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def fail(self, token: str, method: str, kind: str, times: int) -> None:
        """Let the next calls of a workspace fail; the kinds are those of `FAULTS`."""
        self._faults += [(token, method, kind)] * times

    def mend(self) -> None:
        self._faults.clear()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body: dict[str, Any] = (
            await request.json()
            if request.content_type == "application/json"
            else dict(await request.post())
        )
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        fault = self._take_fault(token, method)
        if self.hangs:
            self.hung[method] += 1
            await asyncio.sleep(HANG_SECONDS)
        self.calls.append(
            Call(token=token, method=method, fault=fault, at=time.monotonic(), body=body)
        )
        if method.startswith("chat."):
            await self.is_open.wait()
        if fault and fault != "reset after":
            return await self._failed(request, fault)
        if method == "apps.connections.open":
            answer = self.links.open(token, self.url)
        else:
            answer = self._answer(method, body, token)
        if fault:
            return _cut(request)
        if self.seconds and method.startswith("chat."):
            await asyncio.sleep(self.seconds)
        return web.json_response({"ok": True, **answer})

    def _take_fault(self, token: str, method: str) -> str:
        for planned in self._faults:
            if planned[:2] == (token, method):
                self._faults.remove(planned)
                return planned[2]
        return ""

    async def _failed(self, request: web.Request, fault: str) -> web.StreamResponse:
        match fault:
            case "429":
                return web.json_response(
                    {"ok": False, "error": "ratelimited"},
                    status=429,
                    headers={"Retry-After": str(self.retry_after)},
                )
            case "500" | "502" | "503" | "504":
                return web.Response(status=int(fault), text="upstream error")
            case "HTML" | "text":
                kind = "text/html" if fault == "HTML" else "text/plain"
                return web.Response(text="Something went wrong", content_type=kind)
            case "empty":
                return web.Response()
            case "fatal_error" | "a_code_of_tomorrow" | "invalid_auth":
                return web.json_response({"ok": False, "error": fault})
            case "hang":
                await asyncio.sleep(HANG_SECONDS)
            case _:
                pass  # a reset has nothing to say first
        return _cut(request)

    def _answer(self, method: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        answer: dict[str, Any]
        match method:
            case "auth.test":
                answer = {"team_id": TEAM, "team": "Chaos", "user_id": "U0BOT", "bot_id": "B0BOT"}
            case "chat.postMessage":
                answer = self._post(body, token)
            case "views.publish":
                answer = {"view": {"id": "V0HOME", "hash": str(next(self._numbers))}}
            case "chat.update":
                answer = self._update(body, token)
            case "users.info" | "conversations.info":
                answer = _facts(body)
            case "conversations.open":
                answer = {"channel": {"id": "D" + body["users"][1:]}}
            case "conversations.history":
                answer = {"messages": self._history(body["channel"], token)}
            case _:
                answer = {}
        return answer

    def _post(self, body: dict[str, Any], token: str) -> dict[str, Any]:
        channel = "D" + body["channel"][1:] if body["channel"][0] == "U" else body["channel"]
        ts = f"{1_800_000_000 + next(self._numbers)}.000100"
        if "metadata" not in body:  # an answer in a thread, which no row stands for
            return {"channel": channel, "ts": ts}
        self.posts.append(
            Post(
                key=_key_of(body),
                token=token,
                channel=channel,
                ts=ts,
                is_marked=REPEAT_MARK in json.dumps(body["blocks"]),
                at=time.monotonic(),
                metadata=body["metadata"],
            )
        )
        return {"channel": channel, "ts": ts}

    def _history(self, channel: str, token: str) -> list[dict[str, Any]]:
        return [
            {"ts": post.ts, "metadata": post.metadata}
            for post in self.posts
            if (post.channel, post.token) == (channel, token)
        ]

    def _update(self, body: dict[str, Any], token: str) -> dict[str, Any]:
        self.updates.append(
            Update(
                key=_key_of(body),
                token=token,
                channel=body["channel"],
                ts=body["ts"],
                shown=json.dumps(body["blocks"]),
                at=time.monotonic(),
            )
        )
        return {"channel": body["channel"], "ts": body["ts"]}


def _key_of(body: dict[str, Any]) -> MessageKey:
    said = body["metadata"]["event_payload"]
    return MessageKey(
        kind=MessageKind(said["kind"]),
        about=said["about"],
        to=said["to"],
        occasion=said["occasion"],
    )


def _facts(body: dict[str, Any]) -> dict[str, Any]:
    if "channel" in body:
        return {"channel": {"id": body["channel"], "name": "somewhere", "is_private": False}}
    person = {"id": body["user"], "name": "somebody", "tz": "UTC"}
    return {"user": {**person, "profile": {}}}


@contextlib.asynccontextmanager
async def witness_slack() -> AsyncIterator[WitnessSlack]:
    slack = WitnessSlack()
    app = web.Application(client_max_size=4_000_000)
    app.router.add_post("/api/{method}", slack.handle)
    app.router.add_get("/link/{ticket}", slack.links.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    slack.url = f"http://127.0.0.1:{port}/api/"
    try:
        yield slack
    finally:
        await runner.cleanup()


def _cut(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
