"""Copies of a SQLite database that is in use, and the way back."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.domain.errors import FatalError
from bot.store import backup, inbox, schema
from bot.store.backup import copy_sqlite, restore_sqlite, verify_sqlite
from bot.store.database import open_database
from tests.engines import copy_sqlite as copy_template
from tests.store.samples import HERE, NOON


@pytest.fixture
def path(sqlite_template: Path, tmp_path: Path) -> Path:
    copy_template(sqlite_template, tmp_path / "live.db")
    return tmp_path / "live.db"


def note(tx: Connection, number: int) -> bool:
    return inbox.first_time(tx, HERE, "slack", f"{number:06}", now=NOON)


def noted(path: Path) -> list[int]:
    with sqlite3.connect(path) as reading:
        found = [int(key) for (key,) in reading.execute("SELECT delivery FROM inbox ORDER BY 1")]
    reading.close()
    return found


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


async def test_copies_made_while_others_write_are_each_a_prefix_of_what_was_written(
    path: Path, tmp_path: Path
) -> None:
    database = open_database(f"sqlite:///{path}")
    copies = [tmp_path / f"copy{n}.db" for n in range(20)]

    async def write() -> None:
        for number in range(400):
            await database.write(note, number)

    writing = asyncio.create_task(write())
    for copy in copies:
        await asyncio.to_thread(copy_sqlite, path, copy)
    await writing
    await database.close()

    for copy in copies:
        restore_sqlite(copy, tmp_path / "restored.db")
        found = noted(tmp_path / "restored.db")
        assert found == list(range(len(found)))
    assert noted(path) == list(range(400))


async def test_what_is_restored_is_what_was_copied_and_works_on(path: Path, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{path}")
    await database.write(note, 1)
    copy_sqlite(path, tmp_path / "copy.db")
    await database.write(note, 2)
    await database.close()

    assert restore_sqlite(tmp_path / "copy.db", path) == schema.head()

    database = open_database(f"sqlite:///{path}")
    assert await database.write(note, 2)
    await database.close()
    assert noted(path) == [1, 2]
    assert names(tmp_path) == ["copy.db", "live.db"]


async def test_a_database_in_use_is_not_replaced(path: Path, tmp_path: Path) -> None:
    copy_sqlite(path, tmp_path / "copy.db")
    database = open_database(f"sqlite:///{path}")
    await database.write(note, 1)

    with pytest.raises(FatalError, match="is in use"):
        restore_sqlite(tmp_path / "copy.db", path)

    assert not await database.write(note, 1)
    await database.close()


def test_a_damaged_copy_leaves_the_database_as_it_was(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_sqlite(path, copy)
    damaged = bytearray(copy.read_bytes())
    damaged[4096 * 3 : 4096 * 5] = b"\xff" * 4096 * 2
    copy.write_bytes(damaged)

    with pytest.raises(FatalError, match="damaged"):
        restore_sqlite(copy, path)

    assert verify_sqlite(path) == schema.head()


def test_a_damaged_database_can_be_replaced(path: Path, tmp_path: Path) -> None:
    copy_sqlite(path, tmp_path / "copy.db")
    path.write_bytes(b"nothing that SQLite knows" * 1000)

    assert restore_sqlite(tmp_path / "copy.db", path) == schema.head()


@pytest.mark.parametrize("content", [b"", b"no database"])
def test_what_is_no_copy_of_ours_is_said_so(path: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)

    with pytest.raises(FatalError, match="no database of the bot"):
        restore_sqlite(tmp_path / "other", path)


def test_a_copy_that_fails_leaves_nothing_in_the_way_of_the_next(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> str:
        raise FatalError("The disk is full.")

    copy = tmp_path / "copy.db"
    with monkeypatch.context() as patch:
        patch.setattr(backup, "verify_sqlite", fail)
        with pytest.raises(FatalError, match="disk"):
            copy_sqlite(path, copy)

    assert not copy.exists()
    assert copy_sqlite(path, copy) > 0
