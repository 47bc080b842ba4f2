"""A project's cycles: counting them from another day, and planning what is said by them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError
from bot.domain.ids import ProjectKey, WorkspaceId
from bot.domain.notice import NoticeKind, next_moment
from bot.domain.project import Project
from bot.store import notice as notices
from bot.store import project as projects
from bot.store.notice import PlannedNotice
from bot.usecases.member import zone_of

log = structlog.get_logger()


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
    tx: Connection, workspace: WorkspaceId, key: ProjectKey, first_day: date, *, now: datetime
) -> Project:
    """Count the project's cycles from another first day, and move what is planned by them.

    Raises:
        NotFoundError: There is no such project in this workspace.
    """
    projects.set_cycle_start(tx, workspace, key, first_day)
    shifted = projects.get(tx, workspace, key)
    if shifted is None:
        raise NotFoundError(f"I know no project {key} here.")
    plan_notices(tx, shifted, now=now)
    log.info("cycles.shifted", project=key, first_day=first_day.isoformat())
    return shifted
