"""The sandbox and the bot in one process, joined by the wire and by one clock."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from pydantic import HttpUrl, SecretStr
from sqlalchemy import Connection

from bot.demo.people import (
    APP,
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    ENCRYPTION_KEY,
    SIGNING_SECRET,
    sample_workspace,
)
from bot.demo.workspace import Workspace
from bot.demo.year import live_a_year
from bot.main import Bot, open_checked, running, upgrade
from bot.sandbox import Sandbox, serve
from bot.sandbox.limits import SLACK_LIMITS, Limits
from bot.settings import Settings
from bot.slack.names import CommandNames
from bot.usecases.outage import beat

P = ParamSpec("P")
R = TypeVar("R")

HOST = "127.0.0.1"  # nobody else can reach it
_TICK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """What a story needs at hand."""

    workspace: Workspace
    sandbox: Sandbox
    bot: Bot
    app: str = APP

    async def read(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Read what the bot keeps, through a use case."""
        return await self.bot.db.read(unit, *args, **kwargs)

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        return await self.bot.db.write(unit, *args, **kwargs)

    async def next_due(self) -> datetime | None:
        return await self.bot.next_due()


@asynccontextmanager
async def stage(
    *,
    port: int = 0,
    now: datetime | None = None,
    database_url: str | None = None,
    socket: bool = False,
    has_past: bool = False,
    limits: Limits = SLACK_LIMITS,
    speed: float = 1.0,
    is_installed: bool = True,
) -> AsyncIterator[Stage]:
    """Run both while the block runs.

    Args:
        port: Where the sandbox is served, on the loopback address; 0 takes any free port.
        now: Where time begins, aware; None is the real present.
        database_url: None uses a SQLite file that is thrown away afterwards.
        socket: Whether the bot is reached by Socket Mode, else by HTTP.
        has_past: Whether a year of sample data lies before that time; the database is empty then.
        limits: How much the sandbox takes at a time; by default what Slack does.
        speed: How many times as fast as Slack both sides are about calls.
        is_installed: False: the bot takes anybody who adds it, in either of two workspaces.
    """
    bots: list[Bot] = []

    async def follow(moment: datetime) -> datetime | None:
        """Let the bot live up to `moment`; tell when it next has something to do."""
        if not bots:
            return None
        await bots[0].db.write(beat, now=moment)  # or the ticks would take the jump for an outage
        bots[0].clock.move_to(moment)
        await bots[0].run_due()
        return await bots[0].next_due()

    with tempfile.TemporaryDirectory(prefix="stilltrue-demo-") as folder:
        url = database_url or f"sqlite:///{Path(folder) / 'stilltrue.db'}"
        seed = sample_workspace(
            CommandNames(), now=now, socket=socket, has_past=has_past, is_installed=is_installed
        )
        sandbox = Sandbox(seed, on_clock=follow, limits=limits.times(speed))
        settings = _settings(database_url=url, socket=socket, is_installed=is_installed)
        upgrade(settings)
        if has_past:  # before anybody can open the page and wait for an answer
            await _live_a_year(settings, now=sandbox.core.clock.now())
        async with serve(sandbox, port=port, host=HOST) as slack:
            settings = settings.model_copy(update={"slack_api_url": HttpUrl(f"{slack}/api/")})
            async with (
                running(settings, speed=speed) as bot,
                Workspace(slack, bot=BOT) as workspace,
            ):
                begins = await workspace.now()
                await bot.db.write(beat, now=begins)
                bot.clock.move_to(begins)
                bots.append(bot)
                workspace.names.update({person.id: person.name for person in seed.people})
                at = f"http://{HOST}:{bot.port}/slack"
                if not socket:
                    await workspace.patch(f"apps/{APP}", request_url=f"{at}/events")
                if not is_installed:
                    await workspace.patch(f"apps/{APP}", install_url=f"{at}/install")
                yield Stage(workspace, sandbox, bot)
                bots.clear()


async def _live_a_year(settings: Settings, *, now: datetime) -> None:
    db = await open_checked(settings)
    try:
        await db.write(live_a_year, now=now, cadence=settings.tuning.cadence)
    finally:
        await db.close()


def _settings(*, database_url: str, socket: bool, is_installed: bool) -> Settings:
    installing: dict[str, Any] = {
        "slack_client_id": CLIENT_ID,
        "slack_client_secret": SecretStr(CLIENT_SECRET),
        "encryption_keys": SecretStr(ENCRYPTION_KEY),
    }
    installed: dict[str, Any] = {"slack_bot_token": SecretStr(BOT_TOKEN)}
    return Settings(
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_app_token=SecretStr(APP_TOKEN) if socket else None,
        database_url=database_url,
        host=HOST,
        port=0,
        tick=_TICK,
        **(installed if is_installed else installing),
    )
