"""Slack's side on a sandbox over loopback; payloads are handed to it as the front door does."""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiohttp
import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy import Connection

from bot.domain.channel import Channel as KnownChannel
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.member import Member
from bot.domain.workspace import Workspace
from bot.sandbox import App, Channel, Person, Sandbox, Seed, serve
from bot.slack.api import SlackApi
from bot.slack.app import SlackApp
from bot.slack.directory import SlackDirectory
from bot.slack.installation import Installations
from bot.store.database import Database
from bot.usecases.channel import describe_channel
from bot.usecases.project import create_project
from bot.web.webhooks.trial import Trial
from tests.make import ANA, APOLLO, BO, CADENCE, CY, DI, HOME, NOON, WORKSPACE

P = ParamSpec("P")
R = TypeVar("R")

TOKEN = "xoxb-sample-token"
BOT, ROBOT, GONE = UserId("U0BOT"), UserId("U5ROBOT"), UserId("U6GONE")
ELSEWHERE = ChannelId("C2")

SEED = Seed(
    team_id=WORKSPACE,
    team_name="Sample",
    team_domain="sample",
    people=(
        Person(id=ANA, name="ana", real_name="Ana Silva", tz="Europe/Lisbon"),
        Person(id=BO, name="bo", real_name="Bo Chen", tz="Europe/Berlin"),
        Person(id=CY, name="cy", real_name="Cy Diaz", tz="America/New_York"),
        Person(id=DI, name="di", real_name="Di Okoro", tz="Asia/Kolkata"),
        Person(id=ROBOT, name="robot", real_name="Robot", is_bot=True),
        Person(id=GONE, name="gone", real_name="Gone Person", deleted=True),
        Person(id=BOT, name="stilltrue", real_name="Still True?", is_bot=True),
    ),
    channels=(
        Channel(id=HOME, name="apollo", members=(ANA, BO, CY, BOT)),
        Channel(id=ELSEWHERE, name="billing", members=(ANA, BO)),
    ),
    apps=(
        App(
            app_id="A1",
            name="Still True?",
            bot_user_id=BOT,
            bot_id="B1",
            bot_token=TOKEN,
            app_token="xapp-sample-token",
            signing_secret="sample-secret",
            client_id="1.1",
            client_secret="sample",
            verification_token="sample",
        ),
    ),
    now=NOON,
)


@dataclass
class FixedClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class CountingDatabase:
    """The real database, with a count of the units that were run."""

    inner: Database
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    async def read(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        self.reads.append(unit.__name__)
        return await self.inner.read(unit, *args, **kwargs)

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        self.writes.append(unit.__name__)
        return await self.inner.write(unit, *args, **kwargs)

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Wire:
    """The bot's Slack side, and what Slack would hand to it."""

    app: SlackApp
    api: SlackApi
    directory: SlackDirectory
    installations: Installations
    db: CountingDatabase
    clock: FixedClock
    slack: str  # the sandbox's URL
    _numbers: Any = field(default_factory=itertools.count)

    async def deliver(self, payload: dict[str, Any]) -> BoltResponse:
        return await self.app.bolt.async_dispatch(
            AsyncBoltRequest(mode="socket_mode", body=payload)
        )

    async def command(self, text: str, *, name: str = "/assume", **fields: Any) -> dict[str, Any]:
        """Type a command in #apollo as Ana; return the body of the ack."""
        answer = await self.deliver(self.command_payload(text, name=name, **fields))
        assert answer.status == 200
        return dict(json.loads(answer.body)) if answer.body else {}

    def command_payload(self, text: str, *, name: str = "/assume", **fields: Any) -> dict[str, Any]:
        return {
            "command": name,
            "text": text,
            "team_id": WORKSPACE,
            "channel_id": HOME,
            "channel_name": "apollo",
            "user_id": ANA,
            "trigger_id": f"1.{next(self._numbers)}.t",
            "response_url": f"{self.slack}/response/none",
            "is_enterprise_install": "false",
        } | fields

    async def submit(
        self, callback_id: str, values: dict[str, Any], *, metadata: str = "{}", by: UserId = ANA
    ) -> dict[str, Any]:
        """Submit a form; `values` are the elements' states by block."""
        answer = await self.deliver(
            {
                "type": "view_submission",
                "team": {"id": WORKSPACE},
                "user": {"id": by, "team_id": WORKSPACE},
                "trigger_id": f"1.{next(self._numbers)}.t",
                "view": {
                    "id": f"V{next(self._numbers)}",
                    "hash": "h",
                    "callback_id": callback_id,
                    "private_metadata": metadata,
                    "state": {"values": {b: {"value": {"value": v}} for b, v in values.items()}},
                    "blocks": [{"type": "input", "block_id": block} for block in values],
                },
            }
        )
        assert answer.status == 200
        return dict(json.loads(answer.body)) if answer.body else {}

    def click_payload(self, action_id: str, value: str, **fields: Any) -> dict[str, Any]:
        return {
            "type": "block_actions",
            "team": {"id": WORKSPACE},
            "user": {"id": BO, "team_id": WORKSPACE},
            "channel": {"id": HOME, "name": "apollo"},
            "container": {"type": "message", "message_ts": "1.1", "channel_id": HOME},
            "trigger_id": f"1.{next(self._numbers)}.t",
            "response_url": f"{self.slack}/response/none",
            "actions": [
                {"action_id": action_id, "value": value, "action_ts": f"{next(self._numbers)}.0"}
            ],
        } | fields

    async def start_project(self) -> None:
        await self.db.inner.write(
            create_project,
            workspace=WORKSPACE,
            key=APOLLO,
            name="Apollo",
            channel=HOME,
            lead=ANA,
            now=NOON,
        )

    async def fault(self, **fault: Any) -> None:
        """Let the sandbox's next calls fail."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.slack}/_sandbox/faults", json=fault) as answer,
        ):
            assert answer.status == 200

    async def seen(self, path: str, **query: str) -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.slack}/_sandbox/{path}", params=query) as answer,
        ):
            return await answer.json()


def make_installation(workspace: WorkspaceId = WORKSPACE) -> Installation:
    return Installation(
        workspace=Workspace(
            id=workspace, name="Sample", bot_user=BOT, bot_id="B1", installed_at=NOON
        ),
        bot_token=TOKEN,
    )


@pytest.fixture
def engine_kind() -> str:
    """These tests are about Slack; the store has its own for both databases."""
    return "sqlite"


@pytest.fixture
async def wire(database: Database) -> AsyncIterator[Wire]:
    sandbox = Sandbox(SEED)
    async with serve(sandbox) as url:
        db, clock = CountingDatabase(database), FixedClock()
        installations = Installations([make_installation()], db=db)
        api = SlackApi(installations, base_url=f"{url}/api/")
        await api.start()
        directory = SlackDirectory(api, db, clock)
        app = SlackApp(
            db=db,
            clock=clock,
            cadence=CADENCE,
            directory=directory,
            api=api,
            installations=installations,
            webhook_trial=Trial("https://bot.example", shows_own_port=False, port=lambda: 0),
        )
        for channel in SEED.channels:
            known = KnownChannel(
                workspace=WORKSPACE, id=ChannelId(channel.id), is_private=False, seen_at=NOON
            )
            await database.write(describe_channel, known, now=NOON)
        yield Wire(app, api, directory, installations, db, clock, url)
        await app.tools.tasks.drain()
        await api.close()


def text_of(reply: dict[str, Any]) -> str:
    """Everything that a reply or a view says, as one string of JSON."""
    return json.dumps(reply, ensure_ascii=False)


def named(member: Member | None) -> str:
    return member.name if member is not None else ""
