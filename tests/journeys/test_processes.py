"""The sandbox and the bot as processes of their own, joined by environment variables alone."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.demo.people import (
    ANA,
    APOLLO,
    APP,
    APP_TOKEN,
    BO,
    BOT,
    BOT_TOKEN,
    SIGNING_SECRET,
    sample_workspace,
)
from bot.demo.person import Person
from bot.demo.workspace import Workspace
from bot.slack import ids
from bot.slack.names import CommandNames
from tests.engines import copy_sqlite
from tests.haste import PATIENCE

_SATURDAY = 5


class Running:
    """A process of ours; what it writes is read all the time, so that it never waits for us."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._lines: list[str] = []
        self._more = asyncio.Condition()
        streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
        self._readers = [asyncio.create_task(self._read(stream)) for stream in streams]

    async def says(self, pattern: str) -> re.Match[str]:
        """Wait for a line that matches."""
        async with asyncio.timeout(PATIENCE), self._more:
            while True:
                for line in self._lines:
                    found = re.search(pattern, line)
                    if found is not None:
                        return found
                await self._more.wait()

    async def ends(self) -> str:
        """Wait until it has ended by itself; return all that it wrote."""
        await asyncio.gather(self._process.wait(), *self._readers)
        return "".join(self._lines)

    async def stop(self) -> str:
        """End it as a platform would."""
        if self._process.returncode is None:
            self._process.terminate()
        return await self.ends()

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            async with self._more:
                self._lines.append(line.decode())
                self._more.notify_all()


@asynccontextmanager
async def process(*arguments: str, env: dict[str, str]) -> AsyncIterator[Running]:
    """Run `python -m …` until the block ends."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, env=env, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    running = Running(started)
    try:
        yield running
    finally:
        written = await running.stop()
    assert "Traceback" not in written


def environment(slack: str, database: str, *, socket: bool, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - a child needs these two
    given = {
        "SLACK_API_URL": f"{slack}/api/",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "DATABASE_URL": database,
        "STILLTRUE_HOST": "127.0.0.1",
        "STILLTRUE_LOG_FORMAT": "json",
        "PORT": "0",
    }
    if socket:
        given["SLACK_APP_TOKEN"] = APP_TOKEN
    return kept | given | more


def seed_file(folder: Path, *, socket: bool) -> Path:
    """The sample people, Bo in a place without public holidays, as JSON."""
    seed = sample_workspace(CommandNames(), socket=socket)
    people = tuple(replace(p, tz="Etc/UTC") if p.id == BO else p for p in seed.people)
    path = folder / "seed.json"
    path.write_text(json.dumps(asdict(replace(seed, people=people))))
    return path


def a_working_noon_after(now: datetime) -> datetime:
    noon = (now + timedelta(days=7)).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon + timedelta(days=max(0, 7 - noon.weekday()) if noon.weekday() >= _SATURDAY else 0)


async def test_two_processes_and_a_cron_job_live_the_story(
    is_socket: bool, sqlite_template: Path, tmp_path: Path
) -> None:
    database = copy_sqlite(sqlite_template, tmp_path / "processes.db")
    seed = seed_file(tmp_path, socket=is_socket)
    env = environment("http://127.0.0.1:1", database, socket=is_socket)
    async with process("bot.sandbox", "--port", "0", "--seed", str(seed), env=env) as sandbox:
        slack = (await sandbox.says(r"http://\S+"))[0]
        env = environment(slack, database, socket=is_socket)
        async with (
            process("bot", "run", env=env) as bot,
            Workspace(slack, bot=BOT) as workspace,
        ):
            started = await bot.says(r"process\.started")
            if not is_socket:
                port = json.loads(started.string)["port"]
                address = f"http://127.0.0.1:{port}/slack/events"
                await workspace.patch(f"apps/{APP}", request_url=address)
            await live_the_story(workspace, env)


async def live_the_story(workspace: Workspace, env: dict[str, str]) -> None:
    ana, bo = Person(workspace, ANA), Person(workspace, BO)
    await ana.say(APOLLO, "/assume The payments API is live | ask @bo impact:high")
    await ana.submit(await ana.form("Start a project here"))
    card = await ana.sees(APOLLO, "APOLLO-1", "Nobody has confirmed this yet")

    noon = a_working_noon_after(await workspace.now())
    await workspace.move(to=noon.isoformat())
    async with process("bot", "tick", "--now", noon.isoformat(), env=env) as tick:
        said = await tick.ends()
    assert "1 prompts handed over" in said

    ask = await bo.sees(None, "is relying on this being true", "The payments API is live")
    await bo.press(ask, "Not true")
    await bo.submit(await bo.form("Not true"), **{ids.EVIDENCE: "Not before May"})
    await ana.reads(card, "❌ Not true", "Not before May")
    await ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    setback = await ana.sees(APOLLO, "Delay #1", "What was underneath it?", "APOLLO-1")
    await ana.press(setback, "Caused it")
    await ana.reads(setback, "Caused by APOLLO-1")
    await ana.say(APOLLO, "/stilltrue report")
    await ana.sees(APOLLO, "1 of 1")
