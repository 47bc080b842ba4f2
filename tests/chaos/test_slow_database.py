"""The slow database fails as the one behind it does."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.domain.errors import RetryableError
from bot.store import sqlite
from bot.store.database import open_database
from tests.chaos.slow_database import SlowDatabase


async def test_a_write_that_never_began_is_not_told_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0)
    file = tmp_path / "slow.db"
    slow = SlowDatabase(open_database(f"sqlite:///{file}"), seconds=0.001)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(RetryableError):
        await slow.write(_make_a_table)

    other.close()
    await slow.close()


def _make_a_table(tx: Connection) -> None:
    tx.execute(text("CREATE TABLE made (number INTEGER)"))
