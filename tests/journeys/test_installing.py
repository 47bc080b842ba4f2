"""Two workspaces install the bot by themselves, one takes it away and brings it back.

A web process and a worker, as in production, joined by the database alone.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from pydantic import HttpUrl, SecretStr

from bot.demo.people import ANA, APOLLO, APP, BOT, SIGNING_SECRET, TEAM, sample_workspace
from bot.demo.person import Person
from bot.demo.workspace import Workspace
from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.main import Bot, running
from bot.sandbox import Channel, Sandbox, Team, serve
from bot.sandbox import Person as Seeded
from bot.settings import Settings
from bot.slack.names import CommandNames
from bot.store import outbox
from bot.store.cipher import new_key
from bot.usecases.outbox import BLOCKED_WAIT
from bot.usecases.project import create_project
from tests.chaos.poll import until
from tests.engines import copy_sqlite
from tests.haste import HASTE

ACME, GIL, HERON = "T0ACME", "U0GIL", "C0HERON"


@dataclass
class World:
    sandbox: Sandbox
    workspace: Workspace
    web: Bot
    worker: Bot
    browser: httpx.AsyncClient
    file: Path
    redirects: list[str]

    async def install(self, user: str) -> str:
        """Click *Add to Slack* as `user`; return the page that it ends with."""
        await self.workspace.post("consent", user=user)
        answer = await self.browser.get(f"http://127.0.0.1:{self.web.port}/slack/install")
        while answer.is_redirect:
            self.redirects.append(answer.headers["location"])
            answer = await self.browser.get(self.redirects[-1])
        return f"{answer.status_code} {answer.text}"

    async def start_project(self, team: str, channel: str, lead: str) -> None:
        await self.web.db.write(
            create_project,
            workspace=WorkspaceId(team),
            key=ProjectKey("APOLLO"),
            name="Apollo",
            channel=ChannelId(channel),
            lead=UserId(lead),
            now=self.web.clock.now(),
        )

    async def card_state(self) -> MessageState:
        """How it stands with Acme's first card."""
        key = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=HERON)
        message = await self.web.db.read(outbox.get, WorkspaceId(ACME), key)
        assert message is not None
        return message.state

    async def has_sent_the_card(self) -> bool:
        for process in (self.worker, self.web):  # whichever took it is done with it then
            await process.run_due()
        return await self.card_state() is MessageState.SENT

    def stored(self) -> dict[str, bool]:
        """Of each workspace, whether a token is stored."""
        with closing(sqlite3.connect(self.file)) as reading:
            rows = reading.execute("SELECT workspace, bot_token IS NOT NULL FROM installation")
            return {workspace: bool(has_token) for workspace, has_token in rows}

    def dumped(self) -> str:
        """Everything that is in the database, as text."""
        with closing(sqlite3.connect(self.file)) as reading:
            return "\n".join(reading.iterdump())


@pytest.fixture
async def world(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[World]:
    file = tmp_path / "installing.db"
    seed = sample_workspace(CommandNames())
    sandbox = Sandbox(
        replace(
            seed,
            apps=tuple(replace(app, installed=False) for app in seed.apps),
            teams=(Team(id=ACME, name="Acme", domain="acme"),),
            people=(*seed.people, Seeded(id=GIL, name="gil", real_name="Gil Moss", team_id=ACME)),
            channels=(
                *seed.channels,
                Channel(id=HERON, name="heron", members=(GIL,), team_id=ACME),
            ),
        ),
        limits=HASTE,
    )
    async with serve(sandbox) as slack:
        settings = Settings(
            slack_api_url=HttpUrl(f"{slack}/api/"),
            slack_client_id=seed.apps[0].client_id,
            slack_client_secret=SecretStr(seed.apps[0].client_secret),
            slack_signing_secret=SecretStr(SIGNING_SECRET),
            encryption_keys=SecretStr(new_key()),
            database_url=copy_sqlite(sqlite_template, file),
            host="127.0.0.1",
            port=0,
            health_port=0,
        )
        async with (
            running(settings, works=False) as web,
            running(settings, takes_events=False) as worker,
            Workspace(slack, bot=BOT) as workspace,
            httpx.AsyncClient() as browser,
        ):
            address = f"http://127.0.0.1:{web.port}/slack/events"
            await workspace.patch(f"apps/{APP}", request_url=address)
            yield World(sandbox, workspace, web, worker, browser, file, [])


async def test_two_workspaces_install_one_leaves_and_comes_back_to_its_data(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    ana, gil = Person(world.workspace, ANA), Person(world.workspace, GIL)
    pages = [await world.install(user) for user in (ANA, GIL)]
    assert all("Installed" in page for page in pages)
    for team, channel, user in ((TEAM, APOLLO, ANA), (ACME, HERON, GIL)):
        await world.start_project(team, channel, user)
        bot = world.sandbox.core.world.installs[APP, team].bot_user_id
        await world.workspace.post(f"channels/{channel}/members", user=bot)
    await ana.say(APOLLO, "/assume The payments API is live | impact:high")
    await gil.say(HERON, "/assume The heron nests in March | impact:high")
    await ana.sees(APOLLO, "APOLLO-1", "payments API")
    await gil.sees(HERON, "APOLLO-1", "heron nests")

    again = await world.browser.get(world.redirects[-1])
    await world.workspace.post(
        f"apps/{APP}/uninstall",
        team=ACME,
        order=["app_uninstalled", "tokens_revoked", "app_uninstalled"],
    )
    assert "used already" in again.text
    assert world.stored() == {TEAM: True, ACME: False}
    assert world.web.installations.get(ACME) is None
    await world.worker.installations.refresh()
    assert world.worker.installations.get(ACME) is None

    now = world.web.clock.now()
    wanted = WorkspaceId(ACME), MessageKind.CARD, "APOLLO-1"
    assert await world.worker.db.write(outbox.refresh_about, *wanted, now=now) == 1
    assert not await world.worker.run_due()
    assert await world.card_state() is MessageState.PENDING

    page = await world.install(GIL)
    await gil.say(HERON, "/assume It nests in April | impact:high")

    assert "everything that was logged there" in page
    assert world.stored() == {TEAM: True, ACME: True}
    await gil.sees(HERON, "APOLLO-2", "nests in April")
    await world.worker.installations.refresh()
    await until(world.has_sent_the_card, within=BLOCKED_WAIT.total_seconds() / 2, every=0.1)
    told = capsys.readouterr()
    given = world.sandbox.core.world.tokens
    assert len(given) >= 3
    assert not [token for token in given if token in world.dumped() + told.out + told.err]
