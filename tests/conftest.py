"""Databases for every test: `tx` for plain functions, `database` for what runs in an event loop."""

import gc
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, make_url

from bot.store import schema
from bot.store.database import Database, open_database
from bot.store.sqlite import sqlite_engine
from tests.engines import (
    BackgroundLoop,
    PostgresServer,
    copy_sqlite,
    open_run,
    plain_connections,
    plain_engine,
    sqlite_url,
)
from tests.haste import wait_patiently

_LONG = (  # seconds each, most of it waiting or one long computation
    "tests/browser/",
    "tests/chaos/",
    "tests/domain/test_changes_of_the_clock.py",
    "tests/journeys/test_processes.py",
    "tests/simulation/",
    "tests/usecases/test_report_in_sql.py",
)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers to a core: near half of a run is waiting for a page, a process or a disk."""
    return 2 * (os.cpu_count() or 1)


# Fewer than hypothesis's usual hundred: CI runs often, and `pytest -m chaos` looks longer. How
# long an example takes says how busy the machine is.
settings.register_profile(
    "suite", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_configure() -> None:
    open_run()
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage less often, and never among the modules and tests, which stay to the end.

    Else a sixth of a run is spent on that.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(trylast=True)  # what `-m` leaves out is gone by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let each worker begin with some of what takes seconds, so that none is left with it alone.

    Each gets an equal part of the list, in its order, and takes from the others once it is through.
    """
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if item.nodeid.startswith(_LONG)]
    short = [item for item in items if not item.nodeid.startswith(_LONG)]
    files = list(dict.fromkeys(item.path for item in long))
    part = -(-len(items) // workers)
    items.clear()
    for worker in range(workers):
        mine = files[worker::workers]
        items += [item for item in long if item.path in mine]
        until = max(0, part * (worker + 1) - len(items))
        items += short[:until]
        del short[:until]
    items += short


@pytest.fixture(scope="session", autouse=True)
def _uncached_loggers() -> Iterator[None]:
    """Let `capture_logs` hear loggers that an earlier test of this process has used."""
    configure = structlog.configure

    def uncached(**settings: Any) -> None:
        configure(**settings | {"cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", uncached)
        yield


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Leave no handler behind that writes to what pytest has closed by then."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        wait_patiently(patch)
        yield


@pytest.fixture(scope="session")
def background_loop() -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop()
    with plain_connections(loop):
        yield loop
    loop.close()


@pytest.fixture(scope="session")
def postgres(background_loop: BackgroundLoop, worker_id: str) -> Iterator[PostgresServer]:
    """The run's PostgreSQL."""
    server = PostgresServer(background_loop, worker_id)
    yield server
    server.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    schema.upgrade(sqlite_url(path))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Each test that uses a database runs on both."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(engine_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test's own."""
    if engine_kind == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        yield copy_sqlite(template, tmp_path / "stilltrue.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def empty_url(engine_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own that holds nothing yet."""
    if engine_kind == "sqlite":
        yield sqlite_url(tmp_path / "empty.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create(is_empty=True)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The port `Database`, on a migrated database of the test's own."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def _sqlite_connection(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("tx") / "tx.db")
    engine = sqlite_engine(make_url(url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def _postgres_connection(postgres: PostgresServer) -> Iterator[Connection]:
    name = postgres.create()
    engine = plain_engine(postgres.url(name))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    postgres.drop(name)


@pytest.fixture
def tx(engine_kind: str, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A transaction on a migrated, empty database; it is rolled back after the test."""
    connection: Connection
    if engine_kind == "sqlite":
        connection = request.getfixturevalue("_sqlite_connection")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection = request.getfixturevalue("_postgres_connection")
    yield connection
    connection.rollback()
