"""A sandbox on loopback, a person's hands on it, and an app that keeps what it is sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import App, Channel, Command, Person, Sandbox, Seed, Shortcut, Team, serve
from bot.sandbox.limits import PER_MINUTE, Limits
from bot.sandbox.seed import sample_seed
from tests.haste import PATIENCE

GENEROUS = Limits(
    per_minute=dict.fromkeys(PER_MINUTE, 10_000),
    messages_per_second=1000.0,
    message_burst=1000,
    ack_seconds=PATIENCE,
    trigger_seconds=PATIENCE,
)
IMPATIENT = replace(GENEROUS, ack_seconds=0.25)
"""For a test of slowness, which need not take Slack's three seconds."""
EVENTS = (
    "app_home_opened",
    "app_mention",
    "member_joined_channel",
    "message.channels",
    "message.im",
    "message.groups",
    "member_left_channel",
    "group_left",
    "reaction_added",
    "team_join",
    "user_change",
    "tokens_revoked",
    "app_uninstalled",
)


def make_app(**changes: Any) -> App:
    sample = replace(
        sample_seed().apps[0],
        events=EVENTS,
        commands=(Command(command="/hello"), Command(command="/raw", should_escape=False)),
        shortcuts=(
            Shortcut(type="message", name="Keep", callback_id="keep"),
            Shortcut(type="global", name="Start", callback_id="start"),
        ),
    )
    return replace(sample, **changes)


def make_seed(*, app: App | None = None, people: tuple[Person, ...] = (), **changes: Any) -> Seed:
    sample = sample_seed()
    return replace(sample, apps=(app or make_app(),), people=(*sample.people, *people), **changes)


NORTH = Team(id="T0NORTH", name="Northwind", domain="northwind")
NORTH_TOKEN = "xoxb-sandbox-north-bot"


def two_workspaces(*, app_in_north: bool = False, **changes: Any) -> Seed:
    """The sample, Northwind beside it, and one channel that they share."""
    seed = make_seed(
        people=(
            Person(
                id="U0NIA", name="nia", real_name="Nia Berg", tz="Europe/Oslo", team_id=NORTH.id
            ),
            # the same handle as somebody's in the other workspace
            Person(id="U0NBO", name="bo", real_name="Bo Nord", team_id=NORTH.id),
        ),
        teams=(NORTH,),
        **changes,
    )
    north_bot: dict[str, Any] = {
        "bot_user_id": "U0NBOT",
        "bot_id": "B0NBOT",
        "bot_token": NORTH_TOKEN,
    }
    north = replace(seed.apps[0], team_id=NORTH.id, **north_bot)
    shared = Channel(
        id="C0SHARED", name="shared", members=("U0ANA", "U0NIA", "U0BOT"), shared_with=(NORTH.id,)
    )
    fjord = Channel(id="C0FJORD", name="fjord", members=("U0NIA",), team_id=NORTH.id)
    return replace(
        seed,
        channels=(*seed.channels, shared, fjord),
        apps=(*seed.apps, north) if app_in_north else seed.apps,
    )


@dataclass
class Received:
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]
    """The JSON of an event or of `payload`, else the form's fields."""


Answer = Callable[[dict[str, Any]], Any]


@dataclass
class Receiver:
    """An app's request URL; `answers` says what each kind of payload gets back."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Answer | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        body = _decoded(request.content_type, raw)
        self.received.append(Received(dict(request.headers), raw, body))
        await asyncio.sleep(self.delay)
        answer = self.answer(body) if self.answer else None
        if isinstance(answer, str):
            return web.Response(text=answer, status=self.status, headers=self.headers)
        if answer is None:
            return web.Response(status=self.status, headers=self.headers)
        return web.json_response(answer, status=self.status, headers=self.headers)

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of this type; for events, the inner one's."""
        return [
            one.body
            for one in self.received
            if kind in (one.body.get("type"), one.body.get("event", {}).get("type"))
        ]

    def last(self) -> dict[str, Any]:
        return self.received[-1].body


def _decoded(content_type: str, raw: bytes) -> dict[str, Any]:
    if content_type == "application/json":
        return dict(json.loads(raw))
    fields = dict(parse_qsl(raw.decode(), keep_blank_values=True))
    return dict(json.loads(fields["payload"])) if "payload" in fields else fields


@dataclass
class Hands:
    """The control API, as the page uses it."""

    url: str
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        options: dict[str, Any] = {"params": body} if method == "GET" else {"json": body}
        async with self.session.request(method, f"{self.url}/_sandbox/{path}", **options) as got:
            return got.status, await got.json()

    async def post(self, path: str, /, **body: Any) -> Any:
        body["as"] = body.pop("user", "U0ANA")
        status, answer = await self.call("POST", path, body)
        assert status == 200, answer
        return answer

    async def refused(self, path: str, /, **body: Any) -> str:
        body["as"] = body.pop("user", "U0ANA")
        status, answer = await self.call("POST", path, body)
        assert status >= 400
        assert answer["ok"] is False
        assert answer["message"]
        return str(answer["error"])

    async def get(self, path: str, /, **query: Any) -> Any:
        query["as"] = query.pop("user", "U0ANA")
        status, answer = await self.call("GET", path, query)
        assert status == 200, answer
        return answer

    async def messages(self, channel: str, user: str = "U0ANA", **more: Any) -> Any:
        answer = await self.get("messages", user=user, channel=channel, **more)
        return answer["messages"]


@dataclass
class Stage:
    sandbox: Sandbox
    url: str
    slack: AsyncWebClient
    hands: Hands
    app: Receiver
    session: aiohttp.ClientSession

    async def api(self, method: str, body: Any = None, **options: Any) -> Any:
        """A raw call with the bot's token, for what the SDK would not send."""
        token = options.pop("token", "xoxb-sandbox-sample-bot")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}/api/{method}"
        async with self.session.post(url, json=body or {}, headers=headers, **options) as got:
            return await got.json()


@asynccontextmanager
async def open_stage(seed: Seed | None = None, **options: Any) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        receiver = Receiver()
        site = web.Application()
        site.router.add_post("/slack", receiver.handle)
        runner = web.AppRunner(site)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
        seed = seed or make_seed()
        settings: dict[str, Any] = {"limits": GENEROUS} | options
        apps = [replace(one, request_url=receiver.url) for one in seed.apps]
        sandbox = Sandbox(replace(seed, apps=tuple(apps)), **settings)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        url = await stack.enter_async_context(serve(sandbox))
        slack = AsyncWebClient(
            seed.apps[0].bot_token, base_url=f"{url}/api/", session=session, retry_handlers=[]
        )
        yield Stage(sandbox, url, slack, Hands(url, session), receiver, session)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


@pytest.fixture
async def impatient_stage() -> AsyncIterator[Stage]:
    async with open_stage(limits=IMPATIENT) as opened:
        yield opened


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another task is about to do."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 what it waits for has no event to offer
            await asyncio.sleep(0.005)
