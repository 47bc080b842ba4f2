"""Everything of a workspace as plain values, and back, exactly.

Left out is what is no data of theirs: the credentials of webhooks and of the bot itself, and
leases. The index of words is made anew.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    Sequence,
    Table,
    Time,
    func,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateSequence

from bot.domain.ids import AssumptionKey, ProjectKey, WorkspaceId
from bot.store import full_text
from bot.store.project import numbers_of
from bot.store.tables import assumption, assumption_text, metadata, project, webhook_endpoint
from bot.store.types import Json, Key, UtcDateTime, Word
from bot.store.upsert import insert_into

PlainRow = dict[str, Any]  # what JSON holds

_LEFT_OUT = frozenset(
    {assumption_text.name, webhook_endpoint.name, "heartbeat", "installation", "oauth_state"}
)
_LEASES = frozenset({"leased_until", "lease_token", "lapses"})
_COUNTERS = frozenset({"last_number"})  # PostgreSQL counts elsewhere; made anew


def table_names() -> list[str]:
    """Return the tables, each after those that it refers to."""
    return [table.name for table in metadata.sorted_tables if table.name not in _LEFT_OUT]


def columns_of(name: str) -> list[str]:
    return [column.name for column in _columns(metadata.tables[name])]


def read(tx: Connection, workspace: WorkspaceId, name: str) -> Iterator[PlainRow]:
    """Yield the workspace's rows of a table, in the order of their keys."""
    table = metadata.tables[name]
    columns = _columns(table)
    mine = select(*columns).where(table.c.workspace == workspace).order_by(*table.primary_key)
    for row in tx.execute(mine):
        yield {c.name: _to_plain(v) for c, v in zip(columns, row, strict=True)}


def is_empty(tx: Connection, workspace: WorkspaceId) -> bool:
    """Whether there is no project of the workspace here; whom Slack named does not count."""
    mine = select(func.count()).select_from(project).where(project.c.workspace == workspace)
    return not tx.execute(mine).scalar_one()


def write(tx: Connection, name: str, rows: Iterable[PlainRow]) -> int:
    """Write rows as `read` gave them, in the place of those with their keys; return how many.

    Raises:
        KeyError, ValueError: A row lacks a column, or a value is none of its kind.
    """
    table = metadata.tables[name]
    columns = _columns(table)
    counters = {name: 0 for name in _COUNTERS if name in table.columns}
    values = [counters | {c.name: _from_plain(c, row[c.name]) for c in columns} for row in rows]
    if values:
        added = insert_into(tx, table)
        key = [column.name for column in table.primary_key]
        rest = {name: added.excluded[name] for name in values[0] if name not in key}
        if rest:
            added = added.on_conflict_do_update(index_elements=key, set_=rest)
        else:
            added = added.on_conflict_do_nothing()
        tx.execute(added, values)
    return len(values)


def make_ready(tx: Connection, workspace: WorkspaceId) -> None:
    """Index the words, and number on after the last assumption of each project."""
    found_by = (assumption.c.assumption, assumption.c.statement, assumption.c.services)
    mine = select(*found_by).where(assumption.c.workspace == workspace)
    for row in tx.execute(mine).all():
        full_text.put(tx, workspace, row.assumption, row.statement, row.services)
    for key in tx.execute(select(project.c.project).where(project.c.workspace == workspace)).all():
        _number_on(tx, workspace, key.project)


def _number_on(tx: Connection, workspace: WorkspaceId, key: ProjectKey) -> None:
    numbers = select(func.max(assumption.c.number)).where(
        assumption.c.workspace == workspace, assumption.c.project == key
    )
    last: int = tx.execute(numbers).scalar_one() or 0
    if tx.dialect.name == "postgresql":
        sequence = Sequence(numbers_of(workspace, key), data_type=Integer(), start=last + 1)
        tx.execute(CreateSequence(sequence))
        tx.execute(text(f"ALTER SEQUENCE {sequence.name} OWNED BY project.last_number"))
        return
    mine = (project.c.workspace == workspace) & (project.c.project == key)
    tx.execute(update(project).where(mine, project.c.last_number < last).values(last_number=last))


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name not in _LEASES | _COUNTERS]


def _to_plain(value: Any) -> Any:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case StrEnum():
            return value.value
        case AssumptionKey():
            return str(value)
        case _:
            return value


def _from_plain(column: Column[Any], value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    if value is None:
        return None
    match column.type:
        case UtcDateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Time():
            return time.fromisoformat(value)
        case Word(words=words):
            return words(value)
        case Key():
            return _key(value)
        case Integer() | Boolean() | Json():
            return value
        case _:
            return str(value)


def _key(value: str) -> AssumptionKey:
    key = AssumptionKey.parse(value)
    if key is None:
        raise ValueError(f"{value} is no key of an assumption")
    return key
