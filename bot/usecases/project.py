"""Projects: a channel maps to one, and the first assumption in a channel may start it."""

import re
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import PROJECT_KEY, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import OPERATOR, Reader, may_record, may_see_project
from bot.domain.project import Project
from bot.store import project as projects
from bot.usecases.channel import expect_channel, sight_of, sight_without_looking
from bot.usecases.cycle import plan_notices

log = structlog.get_logger()

_KEY_MAX = 10  # characters, as PROJECT_KEY says


class ProjectExistsError(UserFixableError):
    """The key or the channel belongs to a project already."""


def create_project(
    tx: Connection,
    *,
    workspace: WorkspaceId,
    key: ProjectKey,
    name: str,
    channel: ChannelId,
    lead: UserId,
    now: datetime,
    reader: Reader = OPERATOR,
) -> Project:
    """Start a project whose home is `channel`.

    Args:
        tx: The transaction.
        workspace: From the verified request.
        key: 2–10 letters and digits, a letter first; its being taken is no secret.
        name: 1–80 characters.
        channel: Where its cards are posted.
        lead: Who leads it.
        now: Aware UTC.
        reader: Who starts it, who must be able to read the channel.

    Raises:
        UserFixableError: The key is not one (2–10 letters and digits, a letter first).
        ProjectExistsError: The key is taken, or the channel has a project.
    """
    if PROJECT_KEY.fullmatch(key) is None:
        raise UserFixableError("A key has 2 to 10 letters or digits and begins with a letter.")
    if not may_record(sight_of(tx, workspace, reader), channel):
        raise UserFixableError("I cannot see that you are in this channel. Type the command there.")
    project = Project(
        workspace=workspace,
        key=key,
        name=name,
        channel=channel,
        lead=lead,
        created_at=now,
        cycle_start=_monday_of(now.date()),
    )
    if not projects.add(tx, project):
        taken = projects.of_channel(tx, workspace, channel)
        raise ProjectExistsError(
            f"This channel already belongs to {taken.key}."
            if taken
            else f"{key} is taken. Choose another key."
        )
    expect_channel(tx, workspace, channel, now=now)
    plan_notices(tx, project, now=now)
    log.info("project.created", project=key)
    return project


def project_of(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> Project | None:
    return projects.of_channel(tx, workspace, channel)


def get_project(
    tx: Connection, workspace: WorkspaceId, key: ProjectKey, *, reader: Reader
) -> Project:
    """Return the project of that key.

    Raises:
        NotFoundError: There is none in this workspace, or the reader may not see it.
    """
    found = projects.get(tx, workspace, key)
    if found is None or not _sees(tx, reader, found):
        raise NotFoundError(f"I know no project {key} here.")
    return found


def _sees(tx: Connection, reader: Reader, project: Project) -> bool:
    return may_see_project(sight_without_looking(reader), project) or may_see_project(
        sight_of(tx, project.workspace, reader), project
    )


def projects_of(tx: Connection, workspace: WorkspaceId, *, reader: Reader) -> list[Project]:
    """Return the projects that the reader may see, by key."""
    sight = sight_of(tx, workspace, reader)
    return [one for one in projects.all_of(tx, workspace) if may_see_project(sight, one)]


def suggest_key(tx: Connection, workspace: WorkspaceId, channel_name: str) -> ProjectKey:
    """Offer a free key made of the channel's name: `#apollo-launch` gives `APOLLO`."""
    taken = {project.key for project in projects.all_of(tx, workspace)}
    words = re.findall(r"[A-Z0-9]+", channel_name.upper())
    if words and words[0] in {"PROJ", "PROJECT", "TEAM", "EXT"}:
        words = words[1:]
    stem = next((word for word in words if PROJECT_KEY.fullmatch(word[:_KEY_MAX])), "PROJECT")
    stem = stem[:_KEY_MAX]
    numbered = (f"{stem[: _KEY_MAX - len(str(n))]}{n}" for n in range(2, len(taken) + 3))
    return ProjectKey(next(key for key in (stem, *numbered) if key not in taken))


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
