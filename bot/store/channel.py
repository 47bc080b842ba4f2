"""Channels as Slack last described them, and who reads the private ones."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, update

from bot.domain.channel import Channel
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.store.prepared import its, named
from bot.store.tables import channel as table
from bot.store.tables import channel_member as member
from bot.store.upsert import insert_if_absent, insert_into, upsert

_its_member = and_(
    member.c.workspace == table.c.workspace,
    member.c.channel == table.c.channel,
    member.c.user_id == its(member.c.user_id),
)
_ALL_OF = (
    select(table, member.c.user_id)
    .join(member, _its_member, isouter=True)
    .where(table.c.workspace == its(table.c.workspace))
    .order_by(table.c.channel)
)


def get(tx: Connection, workspace: WorkspaceId, id_: ChannelId) -> Channel | None:
    """Return it with its members; None where nobody has expected it."""
    row = tx.execute(select(table).where(*_named(workspace, id_))).one_or_none()
    if row is None:
        return None
    users = tx.execute(select(member.c.user_id).where(*_in(workspace, id_))).scalars()
    return _to_channel(row, frozenset(users))


def is_shared(tx: Connection, workspace: WorkspaceId, id_: ChannelId) -> bool:
    found = tx.execute(select(table.c.is_shared).where(*_named(workspace, id_)))
    return bool(found.scalar_one_or_none())


def all_of(tx: Connection, workspace: WorkspaceId, *, member_of: UserId | None) -> list[Channel]:
    """Return what is known of the workspace's channels, by id.

    Of their members only `member_of` is named, and nobody where that is None.
    """
    rows = tx.execute(_ALL_OF, named(workspace=workspace, user_id=member_of))
    return [_to_channel(r, frozenset([r.user_id] if r.user_id else [])) for r in rows]


def expect(tx: Connection, workspace: WorkspaceId, id_: ChannelId, *, now: datetime) -> bool:
    """Note that Slack is to be asked about a channel; False where it is known already."""
    return insert_if_absent(
        tx,
        table,
        {
            "workspace": workspace,
            "channel": id_,
            "name": "",
            "is_private": True,
            "is_shared": False,
            "is_archived": False,
            "seen_at": None,
            "due_at": now,
        },
    )


def put(
    tx: Connection, channel: Channel, *, due_at: datetime, met_since: datetime | None = None
) -> None:
    """Keep what Slack says now; it replaces what it said before, and a private one's members.

    Of an open one those are kept who were met there since `met_since`: guests read it too.
    """
    upsert(
        tx,
        table,
        {
            "workspace": channel.workspace,
            "channel": channel.id,
            "name": channel.name,
            "is_private": channel.is_private,
            "is_shared": channel.is_shared,
            "is_archived": channel.is_archived,
            "seen_at": channel.seen_at,
            "due_at": due_at,
        },
    )
    gone = delete(member).where(*_in(channel.workspace, channel.id))
    if met_since is not None and channel.is_open:
        gone = gone.where(member.c.seen_at < met_since)
    tx.execute(gone)
    add_members(tx, channel.workspace, channel.id, sorted(channel.members), at=channel.seen_at)


def hide(
    tx: Connection,
    workspace: WorkspaceId,
    id_: ChannelId,
    *,
    met_since: datetime,
    due_at: datetime,
) -> None:
    """Let it count as private, and as its readers those alone who were met there of late."""
    hidden = {"seen_at": None, "due_at": due_at}
    tx.execute(update(table).where(*_named(workspace, id_)).values(hidden))
    tx.execute(delete(member).where(*_in(workspace, id_), member.c.seen_at < met_since))


def put_off(tx: Connection, workspace: WorkspaceId, id_: ChannelId, *, due_at: datetime) -> None:
    tx.execute(update(table).where(*_named(workspace, id_)).values(due_at=due_at))


def rename(tx: Connection, workspace: WorkspaceId, id_: ChannelId, name: str) -> None:
    tx.execute(update(table).where(*_named(workspace, id_)).values(name=name))


def add_members(
    tx: Connection,
    workspace: WorkspaceId,
    id_: ChannelId,
    users: Iterable[UserId],
    *,
    at: datetime | None,
) -> None:
    """Add people to a channel that is expected or known."""
    rows = [
        {"workspace": workspace, "channel": id_, "user_id": user, "seen_at": at} for user in users
    ]
    if rows:
        added = insert_into(tx, member)
        key = [column.name for column in member.primary_key]
        seen = {"seen_at": added.excluded.seen_at}
        tx.execute(added.on_conflict_do_update(index_elements=key, set_=seen), rows)


def remove_member(tx: Connection, workspace: WorkspaceId, id_: ChannelId, user: UserId) -> None:
    tx.execute(delete(member).where(*_in(workspace, id_), member.c.user_id == user))


def claim_due(
    tx: Connection, *, now: datetime, limit: int, next_at: datetime
) -> list[tuple[WorkspaceId, ChannelId]]:
    """Take up to `limit` channels about which Slack is to be asked, the longest due first.

    Unless what comes of it puts them off further they are due again at `next_at`, so they need no
    lease; of two workers the second passes by what the first has taken. It looks across workspaces.
    """
    due = (
        select(table.c.workspace, table.c.channel)
        .where(table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.workspace, table.c.channel)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer and leaves it out
        .cte("due")  # in the UPDATE's own condition PostgreSQL may run it once for each row
    )
    taken = tx.execute(
        update(table)
        .where(
            table.c.workspace == due.c.workspace,
            table.c.channel == due.c.channel,
            table.c.due_at <= now,
        )
        .values(due_at=next_at)
        .returning(table.c.workspace, table.c.channel)
    )
    return [(row.workspace, row.channel) for row in taken]


def _named(workspace: WorkspaceId, id_: ChannelId) -> tuple[ColumnElement[bool], ...]:
    return table.c.workspace == workspace, table.c.channel == id_


def _in(workspace: WorkspaceId, id_: ChannelId) -> tuple[ColumnElement[bool], ...]:
    return member.c.workspace == workspace, member.c.channel == id_


def _to_channel(row: Row[tuple[object, ...]], members: frozenset[UserId]) -> Channel:
    return Channel(
        workspace=row.workspace,
        id=row.channel,
        name=row.name,
        is_private=row.is_private,
        is_shared=row.is_shared,
        is_archived=row.is_archived,
        members=members,
        seen_at=row.seen_at,
    )
