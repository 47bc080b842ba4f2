"""Insert or change, in the dialect of the connection's engine."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_into(tx: Connection, table: Table) -> Insert:
    """Return an INSERT that knows ON CONFLICT."""
    return insert_of(tx.dialect.name, table)


def insert_of(dialect: str, table: Table) -> Insert:
    """Return the same by the dialect's name, for a statement that is built once."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def upsert(tx: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert the row, or set all of its columns where its key is there; no value is SQL."""
    tx.execute(_upsert(tx.dialect.name, table, tuple(values)), values)


def insert_if_absent(tx: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert the row; False where a row of its key, or of another unique index, is there.

    Of two transactions at once the second waits for the first, then finds its row. No value is
    SQL.
    """
    return tx.execute(_insert_if_absent(tx.dialect.name, table), values).rowcount == 1


@cache
def _upsert(dialect: str, table: Table, columns: tuple[str, ...]) -> Insert:
    key = [column.name for column in table.primary_key]
    insert = insert_of(dialect, table)
    changed = {name: insert.excluded[name] for name in columns if name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=changed)


@cache
def _insert_if_absent(dialect: str, table: Table) -> Insert:
    return insert_of(dialect, table).on_conflict_do_nothing()
