"""A copy of a SQLite database while it is in use, and the way back. Both are verified."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.errors import FatalError


def copy_sqlite(source: Path, target: Path) -> int:
    """Copy `source` to `target`, consistent though others write meanwhile; return its bytes.

    Raises:
        FatalError: There is nothing to copy, or something is there already.
    """
    if not source.exists():
        raise FatalError(f"There is no database {source} to copy.")
    if target.exists():
        raise FatalError(f"{target} is there already. Name a new file, or move that one away.")
    if not target.absolute().parent.is_dir():
        raise FatalError(f"There is no folder {target.absolute().parent}. Make it first.")
    try:
        _copy(source, target)
    except BaseException:
        target.unlink(missing_ok=True)  # what is not whole is in the way of the next
        raise
    return target.stat().st_size


def restore_sqlite(copy: Path, target: Path) -> str:
    """Put `copy` where the database is, once it has proved whole; return its revision.

    Nobody may use the database meanwhile. The old one is replaced in one step, so a copy that
    turns out broken, or a machine that stops half way, leaves it as it was.

    Raises:
        FatalError: The copy is none of ours or is damaged, or the database is in use.
    """
    if not copy.exists():
        raise FatalError(f"There is no copy {copy}.")
    revision = verify_sqlite(copy)
    if target.exists():
        _take_out_of_use(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f"{target.name}.arriving")
    arriving.unlink(missing_ok=True)
    _copy(copy, arriving)
    verify_sqlite(arriving)
    arriving.replace(target)
    return revision


def verify_sqlite(path: Path) -> str:
    """Read the whole file and return the revision of its schema.

    Raises:
        FatalError: It is damaged, or no database of the bot.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reading:
            (found,) = reading.execute("PRAGMA integrity_check(1)").fetchone()
            broken = reading.execute("PRAGMA foreign_key_check").fetchone()
            (revision,) = reading.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise FatalError(f"{path} is damaged, or no database of the bot: {error}.") from error
    if found != "ok" or broken is not None:
        raise FatalError(f"{path} is damaged: {found}.")
    return str(revision)


def _take_out_of_use(database: Path) -> None:
    """Bring what the log beside the file holds into it, and make sure that nobody has it open."""
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as alone:
            # Leaving WAL needs the file for oneself, and removes the log that belongs to it.
            (mode,) = alone.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise FatalError(f"{database} is in use. Stop the bot first.") from error
        mode = "delete"  # too damaged to be read, which is why it is replaced
    if mode != "delete":
        raise FatalError(f"{database} is in use. Stop the bot first.")
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy page by page in one snapshot, to the disk itself, and check what came of it."""
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")  # one file, until the bot opens it
    verify_sqlite(target)
    with target.open("rb") as written:
        os.fsync(written.fileno())
