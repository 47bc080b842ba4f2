"""Who has opened Home, and the publications of it that are due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from bot.domain.home import HomePlace
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.outbox import MessageKind, MessageState
from bot.store.tables import home as table
from bot.store.tables import outbox
from bot.store.types import UtcDateTime
from bot.store.upsert import insert_into, upsert

_waits = outbox.c.state.in_([literal_column("'pending'"), literal_column("'unknown'")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    opened_at: datetime
    place: HomePlace
    is_on_its_way: bool  # it is due, or being published


def put(
    tx: Connection, workspace: WorkspaceId, user: UserId, place: HomePlace, *, at: datetime
) -> None:
    """Note that the person looks at that place of their Home."""
    values = {"workspace": workspace, "user_id": user, "opened_at": at, "place": str(place)}
    upsert(tx, table, values)


def get(tx: Connection, workspace: WorkspaceId, user: UserId, *, now: datetime) -> Opened | None:
    published = and_(
        outbox.c.workspace == table.c.workspace,
        outbox.c.kind == literal_column(f"'{MessageKind.HOME}'"),
        outbox.c.about == "",
        outbox.c.recipient == table.c.user_id,
        outbox.c.occasion == "",
    )
    is_taken = outbox.c.lease_token.is_not(None)
    on_its_way = and_(_waits, or_(is_taken, outbox.c.due_at <= now))
    mine = select(table, func.coalesce(on_its_way, false()).label("on_its_way"))
    mine = mine.select_from(table.outerjoin(outbox, published))
    mine = mine.where(table.c.workspace == workspace, table.c.user_id == user)
    row = tx.execute(mine).one_or_none()
    if row is None:
        return None
    place = HomePlace.parse(row.place)
    return Opened(opened_at=row.opened_at, place=place, is_on_its_way=bool(row.on_its_way))


def want(
    tx: Connection,
    workspace: WorkspaceId,
    users: Collection[UserId],
    *,
    opened_since: datetime,
    now: datetime,
    later: datetime,
    at_once: UserId | None = None,
) -> int:
    """Let the Homes of those of `users` who opened theirs after `opened_since` be published anew.

    One statement, however many they are: it is part of nearly every change. A publication that
    waits stays where it is, but that of `at_once`, who looks at it just now, is due at `now`; the
    others are due `later`. Returns how many publications are due.
    """
    if not users:
        return 0
    due_at = case(
        (table.c.user_id == at_once, literal(now, UtcDateTime())),
        else_=literal(later, UtcDateTime()),
    )
    columns = (
        table.c.workspace,
        literal(MessageKind.HOME.value, Text),
        literal("", Text),
        table.c.user_id,
        literal("", Text),
        literal(1),
        literal(MessageState.PENDING.value, Text),
        due_at,  # meant for then, so it is wanted since then
        due_at,
        literal(0),
        false(),
        literal("", Text),
    )
    theirs = (table.c.workspace == workspace, table.c.user_id.in_(sorted(set(users))))
    wanted = select(*columns).where(*theirs, table.c.opened_at > opened_since)
    wanted = wanted.order_by(table.c.user_id)  # locked in one order, so that no two wait crosswise
    insert = insert_into(tx, outbox).from_select(_COLUMNS, wanted)
    soonest = and_(_waits, outbox.c.due_at <= insert.excluded.due_at)
    again: dict[str, Any] = {
        "revision": outbox.c.revision + 1,
        "state": case((_waits, outbox.c.state), else_=MessageState.PENDING),
        "attempts": case((_waits, outbox.c.attempts), else_=0),
        "wanted_at": case((soonest, outbox.c.wanted_at), else_=insert.excluded.wanted_at),
        "due_at": case((soonest, outbox.c.due_at), else_=insert.excluded.due_at),
    }
    key = [column.name for column in outbox.primary_key]
    return tx.execute(insert.on_conflict_do_update(index_elements=key, set_=again)).rowcount


_COLUMNS = [
    "workspace",
    "kind",
    "about",
    "recipient",
    "occasion",
    "revision",
    "state",
    "wanted_at",
    "due_at",
    "attempts",
    "is_repeat",
    "error",
]
