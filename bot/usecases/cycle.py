"""A project's cycles: counting them from another day, and planning what is said by them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import ProjectKey, UserId, WorkspaceId
from bot.domain.notice import NoticeKind, next_moment
from bot.domain.permission import Reader, may_lead, may_see_project
from bot.domain.project import Project
from bot.store import member as members
from bot.store import notice as notices
from bot.store import project as projects
from bot.store.notice import PlannedNotice
from bot.usecases.channel import reader_for, sight_of
from bot.usecases.member import zone_of

log = structlog.get_logger()

_FARTHEST = timedelta(days=2 * 365)  # a first day beyond it is a slip of the fingers


def plan_notices(tx: Connection, project: Project, *, now: datetime) -> None:
    """Plan the next notice of each kind; one that was planned otherwise moves."""
    zone = zone_of(tx, project.workspace, project.lead)
    for kind in NoticeKind:
        plan_notice(tx, project, kind, after=now, zone=zone)


def plan_notice(
    tx: Connection, project: Project, kind: NoticeKind, *, after: datetime, zone: ZoneInfo
) -> None:
    """Plan the next one of a kind, later than `after`, in the lead's zone."""
    due_at = next_moment(kind, first_day=project.cycle_start, after=after, zone=zone)
    planned = PlannedNotice(
        workspace=project.workspace, project=project.key, kind=kind, due_at=due_at
    )
    notices.put(tx, planned)


def shift_cycles(
    tx: Connection,
    workspace: WorkspaceId,
    key: ProjectKey,
    first_day: date,
    *,
    by: UserId,
    now: datetime,
    reader: Reader | None = None,
) -> Project:
    """Count the project's cycles from another first day, and move what is planned by them.

    Raises:
        NotFoundError: There is no such project in this workspace.
        UserFixableError: `by` may not lead it, or the day is years away.
    """
    project = projects.get(tx, workspace, key)
    sight = sight_of(tx, workspace, reader or reader_for(tx, workspace, by))
    if project is None or not may_see_project(sight, project):
        raise NotFoundError(f"I know no project {key} here.")
    if not may_lead(by, members.get(tx, workspace, by), project):
        raise UserFixableError(
            f"Only the lead of {key} or a workspace admin can change when its cycles start."
        )
    if abs(first_day - now.date()) > _FARTHEST:
        raise UserFixableError(f"{first_day} is far away. Choose a day within two years.")
    projects.set_cycle_start(tx, workspace, key, first_day)
    shifted = replace(project, cycle_start=first_day)
    plan_notices(tx, shifted, now=now)
    log.info("cycles.shifted", project=key, by=by, first_day=first_day.isoformat())
    return shifted
