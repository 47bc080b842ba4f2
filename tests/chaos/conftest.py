"""Faults in real processes. A few of each run always; `pytest -m chaos` runs them for long."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from bot.store import sqlite
from tests.chaos.herd import Herd, herd
from tests.chaos.lane import Lane, lane_on
from tests.chaos.poll import PATIENCE


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "chaos" in (config.getoption("-m") or ""):
        return
    long = [item for item in items if item.get_closest_marker("chaos")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test itself wait for a file that a process of the bot holds."""
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", PATIENCE)


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Herd]:
    with herd(tmp_path_factory.mktemp("processes")) as opened:
        yield opened


@asynccontextmanager
async def _lane(url: str, processes: Herd) -> AsyncIterator[Lane]:
    try:
        async with lane_on(url, processes) as opened:
            yield opened
    finally:
        processes.end_all()


@pytest.fixture
async def lane(database_url: str, processes: Herd) -> AsyncIterator[Lane]:
    async with _lane(database_url, processes) as opened:
        yield opened


@pytest.fixture
async def empty_lane(empty_url: str, processes: Herd) -> AsyncIterator[Lane]:
    async with _lane(empty_url, processes) as opened:
        yield opened
