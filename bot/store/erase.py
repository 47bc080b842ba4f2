"""Erasing all of a workspace: each of its rows in each table, its words, its numbering."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, text

from bot.domain.errors import RetryableError
from bot.domain.ids import WorkspaceId
from bot.store.project import numbers_of
from bot.store.tables import assumption_text, metadata, project


def erase(tx: Connection, workspace: WorkspaceId) -> dict[str, int]:
    """Delete every row of the workspace; return how many there were in each table that had any."""
    if tx.dialect.name == "postgresql":
        _drop_numbers(tx, workspace)
    counts = {}
    for table in reversed(metadata.sorted_tables):
        if "workspace" in table.columns:
            counts[table.name] = tx.execute(
                delete(table).where(table.c.workspace == workspace)
            ).rowcount
    if tx.dialect.name == "sqlite" and counts[assumption_text.name]:
        # Deleting only marks the words; merging the index leaves them out.
        tx.execute(text("INSERT INTO assumption_text (assumption_text) VALUES ('optimize')"))
    return {name: count for name, count in counts.items() if count}


def count_rows(tx: Connection) -> Counter[WorkspaceId]:
    """Return how many rows each workspace has in all tables together."""
    counts: Counter[WorkspaceId] = Counter()
    for table in metadata.sorted_tables:
        if "workspace" in table.columns:
            found = select(table.c.workspace, func.count()).group_by(table.c.workspace)
            counts.update({row[0]: int(row[1]) for row in tx.execute(found)})
    return counts


def scrub_sqlite(path: Path) -> bool:
    """Write the file anew without what was deleted; False where its log is still being read.

    Raises:
        RetryableError: Somebody is writing to it.
    """
    try:
        with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as alone:
            alone.execute("VACUUM")
            (is_busy, *_) = alone.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise RetryableError(
            f"{path} is in use, so what was deleted can still be found in the file. Stop the bot "
            "and say it again."
        ) from error
    return not is_busy


def _drop_numbers(tx: Connection, workspace: WorkspaceId) -> None:
    for key in tx.execute(select(project.c.project).where(project.c.workspace == workspace)).all():
        tx.execute(text(f"DROP SEQUENCE IF EXISTS {numbers_of(workspace, key.project)}"))
