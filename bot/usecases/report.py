"""The account of a period: what went wrong, and which assumptions were underneath it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import report as rules
from bot.domain.ids import ProjectKey, WorkspaceId
from bot.domain.report import Report
from bot.store import assumption as assumptions
from bot.store import history
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.usecases.project import get_project


def report_on(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    project: ProjectKey | None,
    since: datetime,
    until: datetime,
    now: datetime,
) -> Report:
    """Account for the setbacks that began in [since, until) and the assumptions open in it.

    `project` None takes all of the workspace.

    Raises:
        NotFoundError: There is no such project in this workspace.
    """
    if project is not None:
        get_project(tx, workspace, project)
    events = history.of_workspace(tx, workspace, project)
    known = assumptions.get_many(tx, workspace, list(events))
    return rules.build(
        setbacks=setbacks.recent(tx, workspace, project=project, since=since, until=until),
        # What had hurt before the period is no save in it, so the older ones count too.
        traces=traces.before(tx, workspace, until=until, project=project),
        assumptions=list(known.values()),
        histories=events,
        since=since,
        until=until,
        now=now,
    )
