"""Whose Home a change concerns: theirs is published anew, soon and once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.home import FOLLOWED_FOR, GATHERED_FOR
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.project import Project
from bot.domain.setback import Setback
from bot.store import home, standing
from bot.store import project as projects


def refresh_homes(
    tx: Connection,
    workspace: WorkspaceId,
    users: Iterable[UserId],
    *,
    now: datetime,
    by: UserId | None = None,
) -> None:
    """Publish the Homes of those who have looked at theirs of late; that of `by` at once."""
    home.want(
        tx,
        workspace,
        sorted(set(users)),
        opened_since=now - FOLLOWED_FOR,
        now=now,
        later=now + GATHERED_FOR,
        at_once=by,
    )


def concerned(assumption: Assumption, project: Project | None) -> set[UserId]:
    """Return whose Home shows the assumption, or has just ceased to."""
    asked = {person.user for person in assumption.stakeholders}
    lead = {project.lead} if project is not None else set()
    return {assumption.owner, assumption.logged_by, *asked, *lead}


def refresh_homes_of_setback(tx: Connection, setback: Setback, *, now: datetime) -> None:
    """Publish anew the Homes that show the setback among those to be traced."""
    users = {setback.recorded_by}
    if setback.project is not None:
        project = projects.get(tx, setback.workspace, setback.project)
        users |= {project.lead} if project is not None else set()
        users |= set(standing.people_in(tx, setback.workspace, setback.project))
    refresh_homes(tx, setback.workspace, users, now=now)
