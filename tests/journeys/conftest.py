"""A stage for each journey: the sandbox and the bot, over HTTP and over Socket Mode."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.stage import stage
from tests.engines import copy_sqlite
from tests.haste import HASTE, end_pauses
from tests.journeys.journey import MONDAY, Journey


@pytest.fixture(params=["http", "socket"])
def is_socket(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "socket")


@pytest.fixture(autouse=True)
def _haste(monkeypatch: pytest.MonkeyPatch) -> None:
    end_pauses(monkeypatch)


@pytest.fixture
async def empty(is_socket: bool, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Journey]:
    """A journey in a workspace that has no project yet."""
    url = copy_sqlite(sqlite_template, tmp_path / "journey.db")
    async with stage(now=MONDAY, database_url=url, socket=is_socket, limits=HASTE) as built:
        yield Journey(built)


@pytest.fixture
async def journey(empty: Journey) -> Journey:
    """A journey in a workspace where #apollo has the project APOLLO."""
    await empty.start_project()
    return empty
