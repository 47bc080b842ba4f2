"""What must be said to Slack: one row for each message, for ever."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)

from bot.domain.ids import ChannelId, MessageTs, WorkspaceId
from bot.domain.lease import SUSPECT_LAPSES, Claimed
from bot.domain.outbox import (
    LOOKED_UP,
    QUIET_ENDS,
    CallKind,
    Message,
    MessageKey,
    MessageKind,
    MessageState,
)
from bot.store import slack_wait
from bot.store.installation import is_not_gone
from bot.store.moments import DbNow, DbNowPlus
from bot.store.prepared import is_row, its, named
from bot.store.tables import outbox as table
from bot.store.upsert import Insert, insert_of

_KEY = tuple(table.primary_key)
# Literal, or no partial index serves.
_waits = table.c.state.in_([literal_column("'pending'"), literal_column("'unknown'")])
_is_parked = and_(table.c.state == MessageState.DEAD, table.c.error.not_in(QUIET_ENDS))
_has_failed = and_(_waits, table.c.error != "")
_NO_LEASE: dict[str, Any] = {"leased_until": None, "lease_token": None, "lapses": 0}
_ran_out = table.c.lease_token.is_not(None)  # of what is free
_lapses = table.c.lapses + case((_ran_out, 1), else_=0)
_is_suspect = _lapses >= SUSPECT_LAPSES
# What is due at once is due now by the database's clock too, whatever the product's says: `wake`.
_AT_ONCE: dict[str, Any] = {"leased_until": DbNow()}
_CALL = case(
    (table.c.kind == MessageKind.HOME, CallKind.HOME),
    (table.c.kind == MessageKind.STEP, CallKind.STEP),
    (table.c.ts.is_(None), CallKind.POST),
    else_=CallKind.UPDATE,
)
# What wanting a message again changes. One that waits keeps its state (an ambiguous send stays
# ambiguous) and its moment (a back-off is kept): it is rendered when it is sent.
_WANTED_AGAIN: dict[str, Any] = {
    "revision": table.c.revision + 1,
    "state": case((_waits, table.c.state), else_=MessageState.PENDING),
    "attempts": case((_waits, table.c.attempts), else_=0),
    "lapses": case((_waits, table.c.lapses), else_=0),
    "leased_until": case((_waits, table.c.leased_until), else_=DbNow()),
}
_is_claimed = and_(is_row(table), table.c.lease_token == its(table.c.lease_token))
_CLAIMED = update(table).where(_is_claimed)
_is_current = table.c.revision == its(table.c.revision)
_SENT = _CLAIMED.values(
    state=case((_is_current, MessageState.SENT), else_=MessageState.PENDING),
    wanted_at=case((_is_current, table.c.wanted_at), else_=its(table.c.due_at)),
    due_at=case((_is_current, table.c.due_at), else_=its(table.c.due_at)),
    leased_until=case((_is_current, None), else_=DbNow()),
    lease_token=None,
    lapses=0,
    attempts=0,
    error="",
)


def want(tx: Connection, workspace: WorkspaceId, key: MessageKey, *, now: datetime) -> None:
    """Say it, or say it anew in place. A send that is under way is followed by another."""
    row = {**_key_values(workspace, key), "wanted_at": now, "due_at": now}
    tx.execute(_want(tx.dialect.name), row)


@cache
def _want(dialect: str) -> Insert:
    insert = insert_of(dialect, table).values(
        revision=1,
        state=MessageState.PENDING,
        attempts=0,
        is_repeat=False,
        error="",
        **_AT_ONCE,
    )
    again = _wanted_again(insert.excluded.wanted_at)
    return insert.on_conflict_do_update(index_elements=list(_KEY), set_=again)


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
        column.name: case((_waits, column), else_=now)
        for column in (table.c.wanted_at, table.c.due_at)
    }
    return {**_WANTED_AGAIN, **since}


def exists(tx: Connection, workspace: WorkspaceId, key: MessageKey) -> bool:
    there = select(table.c.workspace).where(*_is(workspace, key)).exists()
    return bool(tx.execute(select(there)).scalar_one())


def claim_due(
    tx: Connection,
    *,
    now: datetime,
    limit: int,
    lease: timedelta,
    passing_over: Collection[tuple[WorkspaceId, str]] = (),
    but_not_of: Collection[WorkspaceId] = (),
) -> list[Claimed[Message]]:
    """Take up to `limit` messages that are due at `now`, oldest first, with one lease token.

    Of the places in `passing_over`, a workspace and a recipient each, only messages that Slack
    has already are taken: an update needs no turn in the channel. Of the workspaces in
    `but_not_of` nothing is. What is for a workspace that took the bot away waits, and what Slack
    asked any process to wait with.

    A row whose earlier claim ran out was perhaps posted by a worker that died: it comes back as
    unknown, and as a repeat where Slack had not placed it before; one whose claims ran out again
    and again is left to `claim_suspect`. `now` is the product's clock and decides what is due; the
    lease runs on the database's. The condition stands on the UPDATE too, so that of two workers
    only the first to commit gets a row. One of the four queries that look across workspaces.
    """
    wanted = and_(~_is_suspect, *_not_to(passing_over), *_not_of(but_not_of))
    return _claim(tx, wanted, now=now, limit=limit, lease=lease)


def claim_suspect(tx: Connection, *, now: datetime, lease: timedelta) -> Claimed[Message] | None:
    """Take one of those whose claims ran out again and again, the oldest that is due at `now`."""
    return next(iter(_claim(tx, _is_suspect, now=now, limit=1, lease=lease)), None)


def _claim(
    tx: Connection, wanted: ColumnElement[bool], *, now: datetime, limit: int, lease: timedelta
) -> list[Claimed[Message]]:
    due = (
        select(*_KEY)
        .where(
            _waits,
            table.c.due_at <= now,
            _is_free(),
            is_not_gone(table.c.workspace),
            _may_be_called(),
            wanted,
        )
        .order_by(table.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer and leaves it out
        .cte("due")
    )
    token = secrets.token_hex(16)
    claimed = (
        update(table)
        .where(*(column == due.c[column.name] for column in _KEY), _waits, _is_free())
        .values(
            state=case((_ran_out, MessageState.UNKNOWN), else_=table.c.state),
            is_repeat=case((and_(_ran_out, table.c.ts.is_(None)), true()), else_=table.c.is_repeat),
            attempts=table.c.attempts + 1,
            lapses=_lapses,
            leased_until=DbNowPlus(lease),
            lease_token=token,
        )
        .returning(table)
    )
    rows = sorted(tx.execute(claimed), key=_due_first)
    return [Claimed(_to_message(row), token, row.lapses) for row in rows]


def _not_to(places: Collection[tuple[WorkspaceId, str]]) -> list[ColumnElement[bool]]:
    if not places:
        return []
    elsewhere = tuple_(table.c.workspace, table.c.recipient).not_in(list(places))
    return [or_(table.c.ts.is_not(None), elsewhere)]


def _not_of(workspaces: Collection[WorkspaceId]) -> list[ColumnElement[bool]]:
    return [table.c.workspace.not_in(list(workspaces))] if workspaces else []


def sent(
    tx: Connection,
    claimed: Claimed[Message],
    *,
    channel: ChannelId,
    ts: MessageTs,
    at: datetime,
    is_repeat: bool = False,
) -> bool:
    """Note that Slack has it; False where the lease was lost.

    Where it was wanted again meanwhile it is due at once, since Slack has the older words.
    """
    said = {"channel": channel, "ts": ts, "sent_at": at, "is_repeat": is_repeat}
    its = named(revision=claimed.item.revision, due_at=at)
    return tx.execute(_SENT, {**_claim_of(claimed), **its, **said}).rowcount == 1


def failed(
    tx: Connection,
    claimed: Claimed[Message],
    *,
    state: MessageState,
    now: datetime,
    wait: timedelta,
    error: str,
    is_repeat: bool,
    place: tuple[ChannelId, MessageTs] | None = None,
) -> bool:
    """Note what became of a send that Slack did not accept; False where the lease was lost.

    It is due once `wait` is over by the product's clock, where `now` is, or by the database's.
    With `place` Slack did take it, and what follows from that could not be written down.
    """
    placed = {} if place is None else {"channel": place[0], "ts": place[1]}
    return _change_claimed(
        tx,
        claimed,
        state=state,
        due_at=now + wait,
        leased_until=DbNowPlus(wait),
        error=error,
        is_repeat=is_repeat,
        **placed,
    )


def give_back(
    tx: Connection, claimed: Claimed[Message], *, now: datetime, wait: timedelta, is_meant: bool
) -> bool:
    """Free what was not begun, for when `wait` is over; False where the lease was lost.

    `is_meant`: it is not late, since it is not to be sent before then.
    """
    later = {"wanted_at": now + wait} if is_meant else {}
    due = {"due_at": now + wait, "leased_until": DbNowPlus(wait)}
    return _change_claimed(tx, claimed, lapses=table.c.lapses, **due, **later)


def may_send(tx: Connection, claimed: Claimed[Message], *, left: timedelta) -> bool:
    """Whether the lease lasts `left` longer, and Slack asked no process to wait meanwhile."""
    return bool(tx.execute(_may_send(left), _claim_of(claimed)).scalar_one())


@lru_cache
def _may_send(left: timedelta) -> Select[tuple[bool]]:
    lasts = table.c.leased_until > DbNowPlus(left)
    may = and_(_is_claimed, lasts, _may_be_called())
    return select(select(table.c.workspace).where(may).exists())


def wake(tx: Connection, *, now: datetime) -> int:
    """Make due at `now` what has waited long enough by the database's clock; return how many.

    There is something only where the product's clock was ahead when the message was wanted or
    put off, and was set right since. What somebody is sending is left alone, and what another
    worker is waking. Like a claim it looks across workspaces.
    """
    overslept = and_(_waits, table.c.due_at > now, table.c.leased_until <= DbNow())
    free = select(*_KEY).where(overslept).with_for_update(skip_locked=True)
    since = case((table.c.wanted_at > now, now), else_=table.c.wanted_at)
    woken = update(table).where(tuple_(*_KEY).in_(free), overslept)
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


def post_anew(tx: Connection, claimed: Claimed[Message], *, due_at: datetime) -> bool:
    """Let a message that somebody deleted be posted again; False where the lease was lost."""
    return _change_claimed(
        tx,
        claimed,
        state=MessageState.PENDING,
        wanted_at=due_at,
        due_at=due_at,
        **_AT_ONCE,
        attempts=0,
        replaces_ts=claimed.item.ts,
        ts=None,
        is_repeat=False,
        error="",
    )


def drop(tx: Connection, claimed: Claimed[Message], *, error: str) -> bool:
    """Park a message that is not sent, with the reason; False where the lease was lost.

    Where it was wanted again meanwhile it stays due: the reason may be gone.
    """
    is_current = table.c.revision == claimed.item.revision
    parked = case((is_current, MessageState.DEAD), else_=table.c.state)
    return _change_claimed(tx, claimed, state=parked, error=error, **_AT_ONCE)


def troubled(tx: Connection, workspace: WorkspaceId) -> list[Message]:
    """Return what is parked for a reason that somebody may mend, or waits after a failed try."""
    found = select(table).where(table.c.workspace == workspace, or_(_is_parked, _has_failed))
    return [_to_message(row) for row in sorted(tx.execute(found), key=_due_first)]


def revive(tx: Connection, message: Message, *, now: datetime) -> bool:
    """Make a message due at `now`, with all its tries before it; False where it is being sent."""
    may_be_there = and_(table.c.is_repeat, table.c.ts.is_(None))
    return _change_free(
        tx,
        message,
        state=case((may_be_there, MessageState.UNKNOWN), else_=MessageState.PENDING),
        wanted_at=now,
        due_at=now,
        **_AT_ONCE,
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
        _is_free(),
    )
    since = {"wanted_at": now, "due_at": now}
    tries = {"attempts": 0, "lapses": 0}
    again = {"state": MessageState.PENDING, **tries, **since, **_AT_ONCE}
    return tx.execute(update(table).where(refused).values(again)).rowcount


def free_late(
    tx: Connection, workspace: WorkspaceId, *, now: datetime, due_before: datetime
) -> int:
    """Make due at `now` what could have been sent already, and would be due before long."""
    waiting = and_(
        table.c.workspace == workspace,
        _waits,
        table.c.wanted_at <= now,
        table.c.due_at > now,
        table.c.due_at <= due_before,
        _is_free(),
    )
    return tx.execute(update(table).where(waiting).values(due_at=now, **_AT_ONCE)).rowcount


def park(tx: Connection, message: Message, *, error: str) -> bool:
    """Send a message no more, whatever it waits for; False where it is being sent."""
    return _change_free(tx, message, state=MessageState.DEAD, error=error)


def _change_free(tx: Connection, message: Message, **values: Any) -> bool:
    here = _is(message.workspace, message.key)
    changed = update(table).where(*here, _is_free(), table.c.state == message.state)
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
    waiting = and_(_waits, table.c.error.in_(errors), is_not_gone(table.c.workspace))
    found = select(*reason, count).where(waiting).group_by(*reason).order_by(*reason)
    return [(row[0], row[1], int(row[2])) for row in tx.execute(found)]


def get(tx: Connection, workspace: WorkspaceId, key: MessageKey) -> Message | None:
    row = tx.execute(select(table).where(*_is(workspace, key))).one_or_none()
    return None if row is None else _to_message(row)


def by_ts(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, ts: MessageTs
) -> Message | None:
    """Return the message that Slack put at that place."""
    there = and_(table.c.workspace == workspace, table.c.channel == channel, table.c.ts == ts)
    row = tx.execute(select(table).where(there)).one_or_none()
    return None if row is None else _to_message(row)


def next_due(tx: Connection) -> datetime | None:
    """Return when the next message is due, in any workspace where the bot is."""
    waiting = select(table.c.due_at).where(_waits, is_not_gone(table.c.workspace))
    # Not `min`: that would read all of them, where the index gives the first.
    earliest = tx.execute(waiting.order_by(table.c.due_at).limit(1))
    return cast(datetime | None, earliest.scalar_one_or_none())


def waits_since(tx: Connection) -> datetime | None:
    """Return since when the oldest of what waits could have been sent, in any workspace."""
    waiting = select(func.min(table.c.wanted_at)).where(_waits, is_not_gone(table.c.workspace))
    return cast(datetime | None, tx.execute(waiting).scalar_one())


def _key_values(workspace: WorkspaceId, key: MessageKey) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "kind": key.kind,
        "about": key.about,
        "recipient": key.to,
        "occasion": key.occasion,
    }


def _may_be_called() -> ColumnElement[bool]:
    """Whether Slack asked nobody to wait with a call that it takes, as `Message.calls` says."""
    is_looked_up = and_(table.c.state == MessageState.UNKNOWN, _CALL == CallKind.POST)
    all_of_them = and_(
        *(slack_wait.is_over(table.c.workspace, literal(c, _CALL.type)) for c in LOOKED_UP)
    )
    return case((is_looked_up, all_of_them), else_=slack_wait.is_over(table.c.workspace, _CALL))


def _is_free() -> ColumnElement[bool]:
    """Whether it is in nobody's hands: without a token there is no lease, only a wait."""
    return or_(table.c.lease_token.is_(None), table.c.leased_until <= DbNow())


def _is(workspace: WorkspaceId, key: MessageKey) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in _key_values(workspace, key).items()]


def _change_claimed(tx: Connection, claimed: Claimed[Message], **values: Any) -> bool:
    """Write and give the claim up, only while its token holds (fencing)."""
    changed = _CLAIMED.values({**_NO_LEASE, **values})
    return tx.execute(changed, _claim_of(claimed)).rowcount == 1


def _claim_of(claimed: Claimed[Message]) -> dict[str, Any]:
    """Return the parameters of `_is_claimed`."""
    mine = named(lease_token=claimed.token)
    return {**mine, **named(**_key_values(claimed.item.workspace, claimed.item.key))}


def _due_first(row: Row[tuple[object, ...]]) -> tuple[Any, ...]:
    return (row.due_at, row.workspace, row.kind, row.about, row.recipient, row.occasion)


def _to_message(row: Row[tuple[object, ...]]) -> Message:
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
