"""How things stand for one person: what they are asked again, their projects, their setbacks."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    union,
)

from bot.domain.assumption import Impact, Status
from bot.domain.home import Counts
from bot.domain.ids import AssumptionKey, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import Sight
from bot.domain.prompt import QUESTIONS, PromptState
from bot.domain.trace import TraceState
from bot.store.assumption import is_seen
from bot.store.setback import is_seen as is_setback_seen
from bot.store.tables import assumption, project, prompt, setback, stakeholder, trace

_is_tracked = assumption.c.status.in_((Status.UNVALIDATED, Status.VALIDATED))
_of_assumption = and_(
    stakeholder.c.workspace == assumption.c.workspace,
    stakeholder.c.assumption == assumption.c.assumption,
)
_is_unvalidated = assumption.c.status == Status.UNVALIDATED


def counts(
    tx: Connection,
    workspace: WorkspaceId,
    projects: Collection[ProjectKey],
    *,
    sight: Sight,
    now: datetime,
) -> dict[ProjectKey, Counts]:
    """Count how each project's assumptions stand, as far as they are seen."""
    seen = [] if sight.channels is None else [is_seen(sight.user, sight.channels)]
    overdue = and_(_is_unvalidated, assumption.c.validate_by < now.date())
    stale = and_(assumption.c.status == Status.VALIDATED, assumption.c.valid_until <= now)
    bearing = and_(_is_unvalidated, assumption.c.impact == Impact.CRITICAL)
    counted = (
        select(
            assumption.c.project,
            _count(_is_tracked).label("open"),
            _count(_is_unvalidated).label("unvalidated"),
            _count(overdue).label("overdue"),
            _count(stale).label("stale"),
            _count(assumption.c.status == Status.REFUTED).label("refuted"),
            _count(bearing).label("bearing"),
        )
        .where(
            assumption.c.workspace == workspace,
            assumption.c.project.in_(sorted(projects)),
            *seen,
        )
        .group_by(assumption.c.project)
    )
    return {
        ProjectKey(row.project): Counts(
            open=row.open,
            unvalidated=row.unvalidated,
            overdue=row.overdue,
            stale=row.stale,
            refuted=row.refuted,
            bearing=row.bearing,
        )
        for row in tx.execute(counted)
    }


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).cast(Integer)


def projects_of(tx: Connection, workspace: WorkspaceId, user: UserId) -> list[ProjectKey]:
    """Return the projects that the person leads, owns an open one of, or is asked in, by key."""
    led = select(project.c.project).where(project.c.workspace == workspace, project.c.lead == user)
    owned = select(assumption.c.project).where(
        assumption.c.workspace == workspace, _is_tracked, assumption.c.owner == user
    )
    asked = (
        select(assumption.c.project)
        .join(stakeholder, _of_assumption)
        .where(
            stakeholder.c.workspace == workspace,
            stakeholder.c.user_id == user,
            ~stakeholder.c.is_released,  # as the partial index has it
            _is_tracked,
        )
    )
    found = tx.execute(union(led, owned, asked)).scalars()
    return sorted(ProjectKey(key) for key in found)


def people_in(tx: Connection, workspace: WorkspaceId, key: ProjectKey) -> list[UserId]:
    """Return who owns an open assumption of the project, or is asked about one."""
    here = and_(assumption.c.workspace == workspace, assumption.c.project == key, _is_tracked)
    asked = (
        select(stakeholder.c.user_id)
        .join(assumption, _of_assumption)
        .where(here, ~stakeholder.c.is_released)
    )
    found = tx.execute(union(select(assumption.c.owner).where(here), asked)).scalars()
    return [UserId(user) for user in found]


def asked_and_silent(
    tx: Connection, workspace: WorkspaceId, user: UserId
) -> dict[AssumptionKey, tuple[int, datetime]]:
    """Return which questions to the person are out: of each the latest round, since when."""
    about_them = and_(
        stakeholder.c.workspace == prompt.c.workspace,
        stakeholder.c.assumption == prompt.c.assumption,
        stakeholder.c.user_id == prompt.c.stakeholder,
    )
    out = (
        select(prompt.c.assumption, prompt.c.round, func.min(prompt.c.sent_at).label("sent_at"))
        .join(stakeholder, about_them)
        .where(
            stakeholder.c.workspace == workspace,
            stakeholder.c.user_id == user,
            ~stakeholder.c.is_released,  # as the partial index has it
            prompt.c.kind.in_(QUESTIONS),
            prompt.c.state == PromptState.SENT,
        )
        .group_by(prompt.c.assumption, prompt.c.round)
        .order_by(prompt.c.round)
    )
    return {row.assumption: (row.round, row.sent_at) for row in tx.execute(out)}


def untraced(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    recorded_by: UserId,
    projects: Collection[ProjectKey],
    sight: Sight,
    limit: int,
) -> list[int]:
    """Return the setbacks that wait for a trace, the latest first.

    They are those that the person recorded, or of one of the projects, as far as they are seen.
    Nothing was traced to them, and not everything that was suggested is rejected.
    """
    of_it = and_(trace.c.workspace == setback.c.workspace, trace.c.setback == setback.c.number)
    is_traced = exists().where(of_it, trace.c.state == TraceState.CONFIRMED)
    is_open = exists().where(of_it, trace.c.state == TraceState.CANDIDATE)
    waits = and_(~is_traced, or_(is_open, ~exists().where(of_it)))
    theirs = or_(setback.c.recorded_by == recorded_by, setback.c.project.in_(sorted(projects)))
    if sight.channels is not None:
        theirs = and_(theirs, is_setback_seen(sight, sight.channels))
    found = (
        select(setback.c.number)
        .where(setback.c.workspace == workspace, setback.c.merged_into.is_(None), theirs, waits)
        .order_by(setback.c.number.desc())
        .limit(limit)
    )
    return list(tx.execute(found).scalars())
