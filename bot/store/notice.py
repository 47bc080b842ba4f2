"""When each project's channel hears its next digest, cycle start and retrospective."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.domain.assumption import Status
from bot.domain.history import Asked, OutageCounted
from bot.domain.ids import ProjectKey, WorkspaceId
from bot.domain.notice import NoticeKind
from bot.store.happenings import kind_named
from bot.store.installation import is_not_gone
from bot.store.tables import assumption, history, setback
from bot.store.tables import notice as table
from bot.store.upsert import upsert

_NO_NEWS = [kind_named(Asked), kind_named(OutageCounted)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNotice:
    workspace: WorkspaceId
    project: ProjectKey
    kind: NoticeKind
    due_at: datetime


def put(tx: Connection, planned: PlannedNotice) -> None:
    """Plan the next one of its kind for the project; there is never more than one."""
    upsert(
        tx,
        table,
        {
            "workspace": planned.workspace,
            "project": planned.project,
            "kind": planned.kind,
            "due_at": planned.due_at,
        },
    )


def due(tx: Connection, *, now: datetime, limit: int) -> list[PlannedNotice]:
    """Return up to `limit` that are due, oldest first, for this transaction alone.

    Whoever reads one puts the next one of its kind in the same transaction, so that it needs no
    lease: a second worker passes by what the first has locked. It looks across workspaces.
    """
    rows = tx.execute(
        select(table)
        .where(table.c.due_at <= now, is_not_gone(table.c.workspace))
        .order_by(table.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer and leaves it out
    )
    return [
        PlannedNotice(
            workspace=row.workspace, project=row.project, kind=row.kind, due_at=row.due_at
        )
        for row in rows
    ]


def next_due(tx: Connection) -> datetime | None:
    """Return when the next one is due, in any workspace where the bot is."""
    waiting = select(table.c.due_at).where(is_not_gone(table.c.workspace))
    moment: datetime | None = tx.execute(
        waiting.order_by(table.c.due_at).limit(1)
    ).scalar_one_or_none()
    return moment


def has_news(
    tx: Connection,
    workspace: WorkspaceId,
    project: ProjectKey,
    *,
    since: datetime,
    until: datetime,
) -> bool:
    """Whether anything changed in [since, until): an assumption, or what went wrong.

    That somebody was asked is no change; that an answer expired is one, and no event.
    """
    happened = (
        select(func.count())
        .select_from(history)
        .join(
            assumption,
            (assumption.c.workspace == history.c.workspace)
            & (assumption.c.assumption == history.c.assumption),
        )
        .where(
            history.c.workspace == workspace,
            assumption.c.project == project,
            history.c.at >= since,
            history.c.at < until,
            history.c.kind.not_in(_NO_NEWS),
        )
    )
    expired = (
        select(func.count())
        .select_from(assumption)
        .where(
            assumption.c.workspace == workspace,
            assumption.c.project == project,
            assumption.c.status == Status.VALIDATED,
            assumption.c.valid_until >= since,
            assumption.c.valid_until < until,
        )
    )
    recorded = (
        select(func.count())
        .select_from(setback)
        .where(
            setback.c.workspace == workspace,
            setback.c.project == project,
            setback.c.recorded_at >= since,
            setback.c.recorded_at < until,
        )
    )
    return any(tx.execute(count).scalar_one() for count in (happened, recorded, expired))
