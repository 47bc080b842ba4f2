"""A copy of a SQLite database while it is in use."""

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
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
    return target.stat().st_size
