"""What SQLite's planner is told of how full the tables are.

Untold it takes each workspace to have ten rows in a table, so that it prefers the key, which the
workspace begins, to an index that would find the one row: sending a message walked through every
prompt of its workspace. Counting (ANALYZE) tells it about the day of the count, and a new database
is empty. So it is told once what it should be ready for: https://sqlite.org/fileformat2.html#stat1tab
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

ROWS = 1_000_000  # in a table
_OF_WORKSPACE = ROWS // 10
_TABLES = """
SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_master
 WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
"""
_INDEXES = 'SELECT name, "unique", origin, partial FROM pragma_index_list(?)'
_COLUMNS = "SELECT name FROM pragma_index_info(?)"
_NARROWS = 100  # what each further column of an index leaves of them: one of so many


def describe(tx: Connection) -> None:
    """Write the statistics of every index, in the place of what was there."""
    tx.exec_driver_sql("ANALYZE alembic_version")  # else the table of them is not there
    tx.exec_driver_sql("DELETE FROM sqlite_stat1")
    for row in _statistics(tx):
        tx.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", row)


def _statistics(tx: Connection) -> Iterator[tuple[str, str, str]]:
    for table, is_without_rowid in _all(tx, _TABLES):
        for index, is_unique, origin, is_partial in _all(tx, _INDEXES, table):
            columns = [name for (name,) in _all(tx, _COLUMNS, index)]
            counts = _counts(columns, is_unique=is_unique, is_partial=is_partial)
            # The key of a table without row ids goes by the table's name.
            name = table if is_without_rowid and origin == "pk" else index
            yield table, name, f"{' '.join(map(str, counts))} noskipscan"


def _counts(columns: Sequence[str], *, is_unique: bool, is_partial: bool) -> Iterable[int]:
    """Return how many rows there are, then how many have one value in each beginning of them."""
    rows = ROWS // 2 if is_partial else ROWS
    counts = [rows]
    for column in columns:
        left = _OF_WORKSPACE if column == "workspace" else counts[-1] // _NARROWS
        counts.append(max(1, left))
    if is_unique:
        counts[-1] = 1
    return counts


def _all(tx: Connection, query: str, *parameters: str) -> Sequence[Any]:
    return tx.exec_driver_sql(query, parameters).all()
