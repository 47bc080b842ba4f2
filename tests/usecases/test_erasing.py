"""Erasing a workspace: nothing of it is left in any table, and nothing of another is touched."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Date, Integer, Time, inspect, select, text

from bot.demo.people import TEAM
from bot.demo.year import Size, live_a_year
from bot.domain.errors import NotFoundError
from bot.domain.ids import WorkspaceId
from bot.store.tables import metadata
from bot.store.types import Json, Key, UtcDateTime, Word
from bot.usecases.workspace import all_tenants, erase_workspace
from tests.make import NOON, key
from tests.usecases.team import default_cadence

WORKSPACE, OTHER = WorkspaceId(TEAM), WorkspaceId("T0OTHER")
_OF_WORKSPACES = [table for table in metadata.sorted_tables if "workspace" in table.columns]


# What a column of each type takes; what it says does not matter.
_VALUES: dict[type[Any], object] = {
    UtcDateTime: NOON,
    Key: key(),
    Json: [],
    Boolean: True,
    Integer: 1,
    Date: date(2026, 3, 3),
    Time: time(9),
}


def some_value(column: Column[Any], workspace: str) -> object:
    if isinstance(column.type, Word):
        words: type[StrEnum] = column.type.words
        return next(iter(words))
    return workspace if column.name == "workspace" else _VALUES.get(type(column.type), "x")


def fill(tx: Connection, workspace: WorkspaceId) -> None:
    """Let each table have a row of the workspace."""
    for table in _OF_WORKSPACES:
        found = select(table.c.workspace).where(table.c.workspace == workspace).limit(1)
        if table.name != "assumption_text" and tx.execute(found).first() is None:
            row = {column.name: some_value(column, workspace) for column in table.columns}
            for foreign in table.foreign_key_constraints:
                parent = foreign.referred_table
                its = select(*(element.column for element in foreign.elements)).where(
                    parent.c.workspace == workspace
                )
                row |= zip(foreign.column_keys, tx.execute(its.limit(1)).one(), strict=True)
            tx.execute(table.insert().values(row))


def scan(tx: Connection, word: str) -> list[str]:
    """Name the tables of the database itself, whatever we know of them, in which `word` stands."""
    found = []
    for name in inspect(tx).get_table_names():
        rows = tx.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608 -- its own names
        if any(word.lower() in str(value).lower() for row in rows for value in row):
            found.append(name)
    return found


def test_every_row_of_a_workspace_goes_and_none_of_another(tx: Connection) -> None:
    size = Size(weeks=4, assumptions=12, setbacks=3)
    live_a_year(tx, now=datetime(2026, 3, 2, 10, tzinfo=UTC), cadence=default_cadence(), size=size)
    fill(tx, WORKSPACE)
    fill(tx, OTHER)
    tables = {table.name for table in _OF_WORKSPACES}
    assert tables - {"assumption_text"} <= set(scan(tx, WORKSPACE))
    before = next(tenant.rows for tenant in all_tenants(tx) if tenant.id == OTHER)

    counts = erase_workspace(tx, WORKSPACE)

    assert counts.keys() == tables
    assert scan(tx, WORKSPACE) == []
    assert [(tenant.id, tenant.rows) for tenant in all_tenants(tx)] == [(OTHER, before)]
    if tx.dialect.name == "postgresql":
        numbering = "SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relname LIKE 'number_%'"
        assert tx.execute(text(numbering)).scalar_one() == 0
    with pytest.raises(NotFoundError):
        erase_workspace(tx, WORKSPACE)
