"""What only SQLite does: one writer thread, commits shared by units, a file shared by processes."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.domain.errors import RetryableError
from bot.store import sqlite
from bot.store.database import open_database
from bot.store.sqlite import SqliteDatabase
from tests.engines import copy_sqlite


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "a.db"
    copy_sqlite(sqlite_template, path)
    return path


@pytest.fixture
async def database(file: Path) -> AsyncIterator[SqliteDatabase]:
    opened = open_database(f"sqlite:///{file}")
    assert isinstance(opened, SqliteDatabase)
    yield opened
    await opened.close()


@asynccontextmanager
async def _writer_held(database: SqliteDatabase) -> AsyncIterator[None]:
    """Keep the writer thread inside a unit of its own, so that what comes meanwhile waits."""
    begun, released = threading.Event(), threading.Event()

    def hold(_tx: Connection) -> None:
        begun.set()
        released.wait(10)

    held = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(begun.wait, 10)
    yield
    await asyncio.sleep(0)  # so that the tasks of the block have put their units
    released.set()
    await held


def _put(tx: Connection, key: str) -> None:
    tx.execute(
        text("INSERT INTO inbox VALUES ('T1', 'slack', :key, '2026-03-03 12:00:00.000000')"),
        {"key": key},
    )


def _keys(tx: Connection) -> list[str]:
    return list(tx.execute(text("SELECT delivery FROM inbox ORDER BY delivery")).scalars())


async def test_the_file_is_durable_and_keeps_its_references(database: SqliteDatabase) -> None:
    def pragmas(tx: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1, 2000]


async def test_units_that_wait_together_share_a_commit(database: SqliteDatabase) -> None:
    said: list[str] = []
    driver = database._writing.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)

    async with _writer_held(database):
        tasks = [asyncio.create_task(database.write(_put, f"{n:02}")) for n in range(20)]
        driver.set_trace_callback(said.append)
    await asyncio.gather(*tasks)
    driver.set_trace_callback(None)

    # The first pair is the end of the unit that held the writer.
    ends = [one for one in said if one.startswith(("BEGIN", "COMMIT"))]
    assert ends == ["COMMIT", "BEGIN IMMEDIATE", "COMMIT"]
    assert len(await database.read(_keys)) == 20


async def test_a_unit_whose_caller_left_before_it_began_does_not_run(
    database: SqliteDatabase,
) -> None:
    async with _writer_held(database):
        left = asyncio.create_task(database.write(_put, "left"))
        await asyncio.sleep(0)
        left.cancel()

    await database.write(_put, "stayed")
    assert await database.read(_keys) == ["stayed"]


async def test_a_file_that_another_process_holds_is_waited_for_within_bounds(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_again, wake = threading.Event(), sqlite._wake

    def wake_and_stop(*batch: Any) -> None:
        wake(*batch)
        came_again.wait(10)

    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.05)
    monkeypatch.setattr(sqlite, "_wake", wake_and_stop)
    database = open_database(f"sqlite:///{file}")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    results = await asyncio.gather(
        *(database.write(_put, str(n)) for n in range(3)), return_exceptions=True
    )
    other.execute("ROLLBACK")
    other.close()

    later = asyncio.create_task(database.write(_put, "later"))
    await asyncio.sleep(0)  # so that it has put its unit
    came_again.set()

    assert [type(one) for one in results] == [RetryableError] * 3
    await later
    assert await database.read(_keys) == ["later"]
    await database.close()


async def test_a_full_disk_loses_nothing_that_was_acknowledged(database: SqliteDatabase) -> None:
    await database.write(_put, "before")

    def fill(tx: Connection, key: str) -> None:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        _put(tx, key * 100_000)

    results = await asyncio.gather(
        *(database.write(fill, str(n)) for n in range(4)), return_exceptions=True
    )

    assert all(isinstance(one, RetryableError) for one in results)
    await database.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count = 100000"))
    await database.write(_put, "later")
    assert await database.read(_keys) == ["before", "later"]


async def test_units_beside_one_that_ends_the_transaction_can_be_tried_again(
    database: SqliteDatabase,
) -> None:
    def end_it(tx: Connection) -> None:
        tx.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
        raise ValueError

    async with _writer_held(database):
        beside = asyncio.create_task(database.write(_put, "beside"))
        ending = asyncio.create_task(database.write(end_it))
        after = asyncio.create_task(database.write(_put, "after"))

    with pytest.raises(ValueError, match=r"^$"):
        await ending
    for task in (beside, after):
        with pytest.raises(RetryableError):
            await task
    assert await database.read(_keys) == []


async def test_a_loop_that_is_gone_does_not_stop_the_writer(database: SqliteDatabase) -> None:
    def leave() -> None:
        async def start() -> None:
            asyncio.ensure_future(database.write(_put, "orphan"))  # noqa: RUF006
            await asyncio.sleep(0)

        asyncio.run(start())

    await asyncio.to_thread(leave)

    await database.write(_put, "after")
    assert "after" in await database.read(_keys)
