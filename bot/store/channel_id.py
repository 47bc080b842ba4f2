"""Following a channel that Slack calls by another id from now on: it is the same channel."""

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, delete, exists, func, select
from sqlalchemy import update as change

from bot.domain.ids import ChannelId, WorkspaceId
from bot.store import tables
from bot.store.upsert import insert_if_absent

# Every column that names a channel, beside the channel's own row. `outbox.recipient` names people,
# too, whose ids are others.
_NAMING: tuple[Column[str], ...] = (
    tables.channel_member.c.channel,
    tables.project.c.channel,
    tables.assumption.c.channel,
    tables.prompt.c.channel,
    tables.outbox.c.channel,
    tables.outbox.c.recipient,
    tables.setback.c.channel,
    tables.webhook_endpoint.c.channel,
    tables.listening.c.channel,
    tables.listening_offer.c.channel,
    tables.draft.c.channel,
)


def follow(tx: Connection, workspace: WorkspaceId, old: ChannelId, new: ChannelId) -> int:
    """Call the channel `new` wherever it is called `old`; return how many rows that was.

    What is known by the new id already stays as it is, and its older twin goes; where Slack has
    said who reads it, nobody reads it for having read the old one. Two who follow the same change
    at once end in the same: the second finds nothing left.
    """
    if _is_described(tx, workspace, new):
        gone = delete(tables.channel_member)
        tx.execute(gone.where(*_is(tables.channel_member.c.channel, workspace, old)))
    _copy(tx, workspace, old, new)
    moved = sum(_move(tx, column, workspace, old, new) for column in _NAMING)
    tx.execute(delete(tables.channel).where(*_is(tables.channel.c.channel, workspace, old)))
    # A form that waits as a draft carries where it was opened, inside its text.
    text = tables.draft.c.text
    waiting = change(tables.draft).where(tables.draft.c.workspace == workspace, text.contains(old))
    tx.execute(waiting.values(text=func.replace(text, old, new)))
    return moved


def _is_described(tx: Connection, workspace: WorkspaceId, id_: ChannelId) -> bool:
    seen_at = select(tables.channel.c.seen_at)
    found = tx.execute(seen_at.where(*_is(tables.channel.c.channel, workspace, id_)))
    return found.scalar_one_or_none() is not None


def _copy(tx: Connection, workspace: WorkspaceId, old: ChannelId, new: ChannelId) -> None:
    known = select(tables.channel).where(*_is(tables.channel.c.channel, workspace, old))
    row = tx.execute(known).one_or_none()
    if row is not None:
        insert_if_absent(tx, tables.channel, {**row._asdict(), "channel": new})


def _move(
    tx: Connection, column: Column[str], workspace: WorkspaceId, old: ChannelId, new: ChannelId
) -> int:
    table: Table = column.table
    unique = _unique_with(column)
    mine = _is(column, workspace, old)
    if unique is not None:
        twin = table.alias()
        others = (twin.c[name] == table.c[name] for name in unique)
        is_there = exists().where(and_(twin.c[column.name] == new, *others))
        if table is tables.project:
            mine = (*mine, ~is_there)  # one was begun there meanwhile: both keep what they have
        else:
            tx.execute(delete(table).where(*mine, is_there))
    return tx.execute(change(table).where(*mine).values({column.name: new})).rowcount


def _unique_with(column: Column[str]) -> list[str] | None:
    """Name the columns with which it is unique, if it is."""
    table: Table = column.table
    sets = [table.primary_key.columns, *(one.columns for one in table.indexes if one.unique)]
    found = next((one for one in sets if column.name in one), None)
    return None if found is None else [one.name for one in found if one.name != column.name]


def _is(
    column: Column[str], workspace: WorkspaceId, id_: ChannelId
) -> tuple[ColumnElement[bool], ...]:
    return column.table.c.workspace == workspace, column == id_
