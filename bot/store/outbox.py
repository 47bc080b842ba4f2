"""What must be said to Slack: one row for each message, for ever."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)

from bot.domain.ids import ChannelId, MessageTs, WorkspaceId
from bot.domain.outbox import (
    QUIET_ENDS,
    Message,
    MessageKey,
    MessageKind,
    MessageState,
)
from bot.store.installation import is_not_gone
from bot.store.moments import DbNow
from bot.store.tables import outbox as table
from bot.store.upsert import Insert, insert_of

KEY = tuple(table.primary_key)
# Literal, or no partial index serves.
waits = table.c.state.in_([literal_column("'pending'"), literal_column("'unknown'")])
_is_parked = and_(table.c.state == MessageState.DEAD, table.c.error.not_in(QUIET_ENDS))
_has_failed = and_(waits, table.c.error != "")
# What is due at once is due now by the database's clock too, whatever the product's says: `wake`.
AT_ONCE: dict[str, Any] = {"leased_until": DbNow()}
# What wanting a message again changes. One that waits keeps its state (an ambiguous send stays
# ambiguous) and its moment (a back-off is kept): it is rendered when it is sent.
_WANTED_AGAIN: dict[str, Any] = {
    "revision": table.c.revision + 1,
    "state": case((waits, table.c.state), else_=MessageState.PENDING),
    "attempts": case((waits, table.c.attempts), else_=0),
    "lapses": case((waits, table.c.lapses), else_=0),
    "leased_until": case((waits, table.c.leased_until), else_=DbNow()),
}


def want(tx: Connection, workspace: WorkspaceId, key: MessageKey, *, now: datetime) -> None:
    """Say it, or say it anew in place. A send that is under way is followed by another."""
    row = {**key_values(workspace, key), "wanted_at": now, "due_at": now}
    tx.execute(_want(tx.dialect.name), row)


@cache
def _want(dialect: str) -> Insert:
    insert = insert_of(dialect, table).values(
        revision=1,
        state=MessageState.PENDING,
        attempts=0,
        is_repeat=False,
        error="",
        **AT_ONCE,
    )
    again = _wanted_again(insert.excluded.wanted_at)
    return insert.on_conflict_do_update(index_elements=list(KEY), set_=again)


def refresh_occasion(
    tx: Connection,
    workspace: WorkspaceId,
    kind: MessageKind,
    about: str,
    occasion: str,
    *,
    now: datetime,
) -> int:
    """Want again what was said on that occasion, to whomever; return how many messages it is."""
    said = and_(table.c.kind == kind, table.c.about == about, table.c.occasion == occasion)
    return refresh_where(tx, workspace, said, now=now)


def refresh_about(
    tx: Connection, workspace: WorkspaceId, kind: MessageKind, about: str, *, now: datetime
) -> int:
    """Want again what was said of that kind about it, on whatever occasion, to whomever."""
    said = and_(table.c.kind == kind, table.c.about == about)
    return refresh_where(tx, workspace, said, now=now)


def refresh_where(
    tx: Connection, workspace: WorkspaceId, said: ColumnElement[bool], *, now: datetime
) -> int:
    """Want again what is so; return how many messages it is."""
    mine = update(table).where(table.c.workspace == workspace, said)
    return tx.execute(mine.values(_wanted_again(now))).rowcount


def _wanted_again(now: datetime | ColumnElement[datetime]) -> dict[str, Any]:
    since = {
        column.name: case((waits, column), else_=now)
        for column in (table.c.wanted_at, table.c.due_at)
    }
    return {**_WANTED_AGAIN, **since}


def exists(tx: Connection, workspace: WorkspaceId, key: MessageKey) -> bool:
    there = select(table.c.workspace).where(*_is(workspace, key)).exists()
    return bool(tx.execute(select(there)).scalar_one())


def wake(tx: Connection, *, now: datetime) -> int:
    """Make due at `now` what has waited long enough by the database's clock; return how many.

    There is something only where the product's clock was ahead when the message was wanted or
    put off, and was set right since. What somebody is sending is left alone, and what another
    worker is waking. Like a claim it looks across workspaces.
    """
    overslept = and_(waits, table.c.due_at > now, table.c.leased_until <= DbNow())
    free = select(*KEY).where(overslept).with_for_update(skip_locked=True)
    since = case((table.c.wanted_at > now, now), else_=table.c.wanted_at)
    woken = update(table).where(tuple_(*KEY).in_(free), overslept)
    woken = woken.values(due_at=now, wanted_at=since)
    return tx.execute(woken).rowcount


def found(
    tx: Connection,
    workspace: WorkspaceId,
    key: MessageKey,
    *,
    channel: ChannelId,
    ts: MessageTs,
    now: datetime,
) -> bool:
    """Note where Slack shows a message whose post was never written down, and want it again.

    False where its place is known, or it was surely not posted. Whoever is sending it goes on:
    their call is followed by another.
    """
    may_be_there = or_(table.c.is_repeat, table.c.lease_token.is_not(None))
    is_lost = and_(table.c.ts.is_(None), may_be_there)
    place = {"channel": channel, "ts": ts, "is_repeat": False}
    placed = update(table).where(*_is(workspace, key), is_lost)
    return tx.execute(placed.values({**place, **_wanted_again(now)})).rowcount == 1


def troubled(tx: Connection, workspace: WorkspaceId) -> list[Message]:
    """Return what is parked for a reason that somebody may mend, or waits after a failed try."""
    found = select(table).where(table.c.workspace == workspace, or_(_is_parked, _has_failed))
    return [to_message(row) for row in sorted(tx.execute(found), key=due_first)]


def revive(tx: Connection, message: Message, *, now: datetime) -> bool:
    """Make a message due at `now`, with all its tries before it; False where it is being sent."""
    may_be_there = and_(table.c.is_repeat, table.c.ts.is_(None))
    return _change_free(
        tx,
        message,
        state=case((may_be_there, MessageState.UNKNOWN), else_=MessageState.PENDING),
        wanted_at=now,
        due_at=now,
        **AT_ONCE,
        attempts=0,
        lapses=0,
    )


def revive_refused(
    tx: Connection,
    workspace: WorkspaceId,
    to: str | None,
    errors: Collection[str],
    *,
    now: datetime,
) -> int:
    """Make due at `now` what was refused there with one of `errors`, and nobody is sending.

    `to` None: wherever in the workspace.
    """
    refused = and_(
        table.c.workspace == workspace,
        true() if to is None else table.c.recipient == to,
        table.c.state.in_([MessageState.PENDING, MessageState.DEAD]),
        table.c.error.in_(errors),
        is_free(),
    )
    since = {"wanted_at": now, "due_at": now}
    tries = {"attempts": 0, "lapses": 0}
    again = {"state": MessageState.PENDING, **tries, **since, **AT_ONCE}
    return tx.execute(update(table).where(refused).values(again)).rowcount


def free_late(
    tx: Connection, workspace: WorkspaceId, *, now: datetime, due_before: datetime
) -> int:
    """Make due at `now` what could have been sent already, and would be due before long."""
    waiting = and_(
        table.c.workspace == workspace,
        waits,
        table.c.wanted_at <= now,
        table.c.due_at > now,
        table.c.due_at <= due_before,
        is_free(),
    )
    return tx.execute(update(table).where(waiting).values(due_at=now, **AT_ONCE)).rowcount


def park(tx: Connection, message: Message, *, error: str) -> bool:
    """Send a message no more, whatever it waits for; False where it is being sent."""
    return _change_free(tx, message, state=MessageState.DEAD, error=error)


def _change_free(tx: Connection, message: Message, **values: Any) -> bool:
    here = _is(message.workspace, message.key)
    changed = update(table).where(*here, is_free(), table.c.state == message.state)
    return tx.execute(changed.values(**values)).rowcount == 1


def troubles(tx: Connection) -> list[tuple[MessageState, str, int]]:
    """Count what is in trouble in every workspace by its state and reason, the most first."""
    reason, count = (table.c.state, table.c.error), func.count()
    found = select(*reason, count).where(or_(_is_parked, _has_failed)).group_by(*reason)
    found = found.order_by(count.desc(), table.c.error)
    return [(row[0], row[1], int(row[2])) for row in tx.execute(found)]


def held_back(tx: Connection, errors: Collection[str]) -> list[tuple[WorkspaceId, str, int]]:
    """Count what waits for one of `errors` to be mended, by workspace and error."""
    reason, count = (table.c.workspace, table.c.error), func.count()
    waiting = and_(waits, table.c.error.in_(errors), is_not_gone(table.c.workspace))
    found = select(*reason, count).where(waiting).group_by(*reason).order_by(*reason)
    return [(row[0], row[1], int(row[2])) for row in tx.execute(found)]


def get(tx: Connection, workspace: WorkspaceId, key: MessageKey) -> Message | None:
    row = tx.execute(select(table).where(*_is(workspace, key))).one_or_none()
    return None if row is None else to_message(row)


def by_ts(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, ts: MessageTs
) -> Message | None:
    """Return the message that Slack put at that place."""
    there = and_(table.c.workspace == workspace, table.c.channel == channel, table.c.ts == ts)
    row = tx.execute(select(table).where(there)).one_or_none()
    return None if row is None else to_message(row)


def next_due(tx: Connection) -> datetime | None:
    """Return when the next message is due, in any workspace where the bot is."""
    waiting = select(table.c.due_at).where(waits, is_not_gone(table.c.workspace))
    # Not `min`: that would read all of them, where the index gives the first.
    earliest = tx.execute(waiting.order_by(table.c.due_at).limit(1))
    return cast(datetime | None, earliest.scalar_one_or_none())


def waits_since(tx: Connection) -> datetime | None:
    """Return since when the oldest of what waits could have been sent, in any workspace."""
    waiting = select(func.min(table.c.wanted_at)).where(waits, is_not_gone(table.c.workspace))
    return cast(datetime | None, tx.execute(waiting).scalar_one())


def key_values(workspace: WorkspaceId, key: MessageKey) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "kind": key.kind,
        "about": key.about,
        "recipient": key.to,
        "occasion": key.occasion,
    }


def is_free() -> ColumnElement[bool]:
    """Whether it is in nobody's hands: without a token there is no lease, only a wait."""
    return or_(table.c.lease_token.is_(None), table.c.leased_until <= DbNow())


def _is(workspace: WorkspaceId, key: MessageKey) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in key_values(workspace, key).items()]


def due_first(row: Row[tuple[object, ...]]) -> tuple[Any, ...]:
    return (row.due_at, row.workspace, row.kind, row.about, row.recipient, row.occasion)


def to_message(row: Row[tuple[object, ...]]) -> Message:
    return Message(
        workspace=row.workspace,
        key=MessageKey(kind=row.kind, about=row.about, to=row.recipient, occasion=row.occasion),
        revision=row.revision,
        state=row.state,
        wanted_at=row.wanted_at,
        due_at=row.due_at,
        attempts=row.attempts,
        channel=row.channel,
        ts=row.ts,
        is_repeat=row.is_repeat,
        error=row.error,
        replaces_ts=row.replaces_ts,
    )
