"""Claims on the outbox: taking what is due, and writing down what became of it, while they hold."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    literal,
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
    CallKind,
    Message,
    MessageKind,
    MessageState,
)
from bot.store import slack_wait
from bot.store.installation import is_not_gone
from bot.store.moments import DbNow, DbNowPlus
from bot.store.outbox import AT_ONCE, KEY, due_first, is_free, key_values, to_message, waits
from bot.store.prepared import is_row, its, named
from bot.store.tables import outbox as table

_NO_LEASE: dict[str, Any] = {"leased_until": None, "lease_token": None, "lapses": 0}
_ran_out = table.c.lease_token.is_not(None)  # of what is free
_lapses = table.c.lapses + case((_ran_out, 1), else_=0)
_is_suspect = _lapses >= SUSPECT_LAPSES
_CALL = case(
    (table.c.kind == MessageKind.HOME, CallKind.HOME),
    (table.c.kind == MessageKind.STEP, CallKind.STEP),
    (table.c.ts.is_(None), CallKind.POST),
    else_=CallKind.UPDATE,
)
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
        select(*KEY)
        .where(
            waits,
            table.c.due_at <= now,
            is_free(),
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
        .where(*(column == due.c[column.name] for column in KEY), waits, is_free())
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
    rows = sorted(tx.execute(claimed), key=due_first)
    return [Claimed(to_message(row), token, row.lapses) for row in rows]


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


def post_anew(tx: Connection, claimed: Claimed[Message], *, due_at: datetime) -> bool:
    """Let a message that somebody deleted be posted again; False where the lease was lost."""
    return _change_claimed(
        tx,
        claimed,
        state=MessageState.PENDING,
        wanted_at=due_at,
        due_at=due_at,
        **AT_ONCE,
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
    return _change_claimed(tx, claimed, state=parked, error=error, **AT_ONCE)


def _may_be_called() -> ColumnElement[bool]:
    """Whether Slack asked nobody to wait with a call that it takes, as `Message.calls` says."""
    is_looked_up = and_(table.c.state == MessageState.UNKNOWN, _CALL == CallKind.POST)
    all_of_them = and_(
        *(slack_wait.is_over(table.c.workspace, literal(c, _CALL.type)) for c in LOOKED_UP)
    )
    return case((is_looked_up, all_of_them), else_=slack_wait.is_over(table.c.workspace, _CALL))


def _change_claimed(tx: Connection, claimed: Claimed[Message], **values: Any) -> bool:
    """Write and give the claim up, only while its token holds (fencing)."""
    changed = _CLAIMED.values({**_NO_LEASE, **values})
    return tx.execute(changed, _claim_of(claimed)).rowcount == 1


def _claim_of(claimed: Claimed[Message]) -> dict[str, Any]:
    """Return the parameters of `_is_claimed`."""
    mine = named(lease_token=claimed.token)
    return {**mine, **named(**key_values(claimed.item.workspace, claimed.item.key))}
