"""Insert or change, in the dialect of the connection's engine."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_into(tx: Connection, table: Table) -> Insert:
    """Return an INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def upsert(tx: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert the row, or set all of its columns where its key is there."""
    key = [column.name for column in table.primary_key]
    insert = insert_into(tx, table).values(values)
    changed = {name: insert.excluded[name] for name in values if name not in key}
    tx.execute(insert.on_conflict_do_update(index_elements=key, set_=changed))


def insert_if_absent(tx: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert the row; False where a row of its key, or of another unique index, is there.

    Of two transactions at once the second waits for the first, then finds its row.
    """
    insert = insert_into(tx, table).values(values).on_conflict_do_nothing()
    return tx.execute(insert).rowcount == 1
