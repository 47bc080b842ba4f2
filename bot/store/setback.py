"""Setbacks."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, text
from sqlalchemy import update as update_

from bot.domain.errors import StaleWriteError
from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import Sight
from bot.domain.setback import Cost, Merge, Money, Setback, SetbackDraft
from bot.store.chunks import chunks
from bot.store.prepared import is_row, named
from bot.store.tables import setback as table

_GET = select(table).where(is_row(table))


def add(
    tx: Connection, workspace: WorkspaceId, draft: SetbackDraft, *, by: UserId, at: datetime
) -> Setback:
    """Number and store a setback.

    Two at once in one workspace take their turns until the first has committed.
    """
    take_turns(tx, workspace)
    last = select(func.max(table.c.number)).where(table.c.workspace == workspace)
    setback = Setback(
        workspace=workspace,
        number=(tx.execute(last).scalar_one() or 0) + 1,
        kind=draft.kind,
        text=draft.text,
        started_at=draft.started_at,
        ended_at=draft.ended_at,
        cost=draft.cost,
        severity=draft.severity,
        services=draft.services,
        project=draft.project,
        channel=draft.channel,
        permalink=draft.permalink,
        source=draft.source,
        recorded_by=by,
        recorded_at=at,
    )
    tx.execute(insert(table).values(_values(setback)))
    return setback


def get(tx: Connection, workspace: WorkspaceId, number: int) -> Setback | None:
    row = tx.execute(_GET, named(workspace=workspace, number=number)).one_or_none()
    return None if row is None else _to_setback(row)


def get_many(tx: Connection, workspace: WorkspaceId, numbers: Iterable[int]) -> dict[int, Setback]:
    """Return those of `numbers` that there are."""
    found: dict[int, Setback] = {}
    for some in chunks(sorted(set(numbers))):
        mine = (table.c.workspace == workspace, table.c.number.in_(some))
        found |= {row.number: _to_setback(row) for row in tx.execute(select(table).where(*mine))}
    return found


def update(tx: Connection, setback: Setback) -> Setback:
    """Write the setback as it is now and return it with its next version.

    Raises:
        StaleWriteError: Somebody else wrote it since it was read, or it is not there.
    """
    changed = (
        update_(table)
        .where(
            table.c.workspace == setback.workspace,
            table.c.number == setback.number,
            table.c.version == setback.version,
        )
        .values({**_values(setback), "version": setback.version + 1})
        .returning(table)
    )
    row = tx.execute(changed).one_or_none()
    if row is None:
        raise StaleWriteError(f"Setback {setback.number} changed meanwhile.")
    return _to_setback(row)


def recent(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    project: ProjectKey | None,
    since: datetime,
    until: datetime,
) -> list[Setback]:
    """Return those that began in [since, until), newest first; `project` None takes all.

    What was merged into another one is left out: it counts there.
    """
    found = select(table).where(
        table.c.workspace == workspace,
        table.c.started_at >= since,
        table.c.started_at < until,
        table.c.merged_into.is_(None),
    )
    if project is not None:
        found = found.where(table.c.project == project)
    rows = tx.execute(found.order_by(table.c.started_at.desc(), table.c.number.desc()))
    return [_to_setback(row) for row in rows]


def latest(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    limit: int,
    sight: Sight,
    project: ProjectKey | None = None,
    is_open: bool = False,
    before: int | None = None,
) -> list[Setback]:
    """Return those recorded last, the newest first, without what was merged into another one.

    Args:
        tx: The transaction.
        workspace: Whose.
        limit: How many, at most.
        sight: Only what is seen.
        project: Only this one's; None takes all.
        is_open: Only those that have not ended.
        before: Only those with a lower number.
    """
    found = select(table).where(table.c.workspace == workspace, table.c.merged_into.is_(None))
    if project is not None:
        found = found.where(table.c.project == project)
    if is_open:
        found = found.where(table.c.ended_at.is_(None))
    if before is not None:
        found = found.where(table.c.number < before)
    if sight.channels is not None:
        found = found.where(is_seen(sight, sight.channels))
    rows = tx.execute(found.order_by(table.c.number.desc()).limit(limit))
    return [_to_setback(row) for row in rows]


def merged_into(tx: Connection, workspace: WorkspaceId, number: int) -> list[Setback]:
    """Return what was merged into that setback, by number."""
    mine = select(table).where(table.c.workspace == workspace, table.c.merged_into == number)
    return [_to_setback(row) for row in tx.execute(mine.order_by(table.c.number))]


def is_seen(sight: Sight, channels: Iterable[ChannelId]) -> ColumnElement[bool]:
    """Say in SQL what `permission.may_see_setback` says; a test holds them together."""
    is_read = table.c.channel.in_(sorted(channels))
    if sight.user is None or sight.is_outsider:
        return is_read
    return or_(is_read, table.c.recorded_by == sight.user)


def take_turns(tx: Connection, workspace: WorkspaceId) -> None:
    """Let nobody else number a setback of the workspace until commit; SQLite has one writer anyway.

    What is read afterwards is what the one before has committed.
    """
    if tx.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended('setback ' || :workspace, 0))")
        tx.execute(lock, {"workspace": workspace})


def _values(setback: Setback) -> dict[str, Any]:
    cost = setback.cost
    return {
        "workspace": setback.workspace,
        "number": setback.number,
        "kind": setback.kind,
        "text": setback.text,
        "started_at": setback.started_at,
        "ended_at": setback.ended_at,
        "minutes_down": cost.minutes_down,
        "working_days_slipped": _written(cost.working_days_slipped),
        "money_amount": _written(cost.money.amount if cost.money else None),
        "money_currency": cost.money.currency if cost.money else None,
        "severity": setback.severity,
        "services": setback.services,
        "project": setback.project,
        "channel": setback.channel,
        "permalink": setback.permalink,
        "source": setback.source,
        "recorded_by": setback.recorded_by,
        "recorded_at": setback.recorded_at,
        "first_started_at": setback.first_started_at,
        "merged_into": setback.merged.into if setback.merged else None,
        "merged_by": setback.merged.by if setback.merged else None,
        "merged_at": setback.merged.at if setback.merged else None,
        "version": setback.version,
    }


def _written(figure: Decimal | None) -> str | None:
    return None if figure is None else str(figure)


def _to_setback(row: Row[tuple[object, ...]]) -> Setback:
    days, amount = row.working_days_slipped, row.money_amount
    money = None if amount is None else Money(amount=Decimal(amount), currency=row.money_currency)
    return Setback(
        workspace=row.workspace,
        number=row.number,
        kind=row.kind,
        text=row.text,
        started_at=row.started_at,
        ended_at=row.ended_at,
        cost=Cost(
            minutes_down=row.minutes_down,
            working_days_slipped=None if days is None else Decimal(days),
            money=money,
        ),
        severity=row.severity,
        services=tuple(row.services),
        project=row.project,
        channel=row.channel,
        permalink=row.permalink,
        source=row.source,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        first_started_at=row.first_started_at,
        merged=None
        if row.merged_into is None
        else Merge(into=row.merged_into, by=row.merged_by, at=row.merged_at),
        version=row.version,
    )
