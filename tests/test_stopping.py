"""A process that was asked to stop ends, whatever hangs."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import main
from bot.demo.people import sample_workspace
from bot.sandbox import Sandbox, serve
from bot.slack.names import CommandNames
from bot.stopping import end_at_the_latest, ends_within
from tests.engines import copy_sqlite
from tests.haste import PATIENCE
from tests.test_main import make_settings


@pytest.fixture
async def slack() -> AsyncIterator[str]:
    async with serve(Sandbox(sample_workspace(CommandNames()))) as url:
        yield f"{url}/api/"


async def test_work_that_cannot_be_cancelled_is_left_behind() -> None:
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    assert not await ends_within(0, stubborn())
    released.set()


async def test_what_work_raises_is_heard() -> None:
    async def broken() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await ends_within(PATIENCE, broken())


def test_the_process_is_ended_by_force_when_the_time_is_over() -> None:
    codes: list[int] = []
    ended = threading.Event()

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    end_at_the_latest(0, end=end)

    assert ended.wait(PATIENCE)
    assert codes == [1]


async def test_a_slack_call_and_a_database_that_hang_keep_no_process(
    slack: str, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "STOP_SECONDS", 0)
    monkeypatch.setattr(main, "CLOSE_SECONDS", 0)
    hung = asyncio.Event()

    async def hang() -> None:
        await hung.wait()

    url = copy_sqlite(sqlite_template, tmp_path / "stopping.db")
    with capture_logs() as lines:
        async with asyncio.timeout(PATIENCE), main.running(make_settings(url, slack=slack)) as bot:
            close = bot.db.close
            monkeypatch.setattr(bot.db, "close", hang)
            monkeypatch.setattr(bot.ticks, "stop", hang)

    said = {line["event"] for line in lines}
    assert {"process.stop_cut_short", "process.left_open"} <= said
    await close()
    await bot.api.close()


async def test_nothing_is_claimed_any_more_before_the_last_requests_are_waited_for(
    slack: str, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    still_listens: list[bool] = []
    url = copy_sqlite(sqlite_template, tmp_path / "stopping.db")

    async with main.running(make_settings(url, slack=slack)) as bot:

        def noted() -> None:
            with socket.socket() as caller:
                still_listens.append(caller.connect_ex(("127.0.0.1", bot.port)) == 0)

        monkeypatch.setattr(bot.ticks, "claim_no_more", noted)

    assert still_listens[0]
