"""What somebody asks the bot in words: which project is meant, and what broke in a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.period import Period
from bot.domain.permission import Reader, may_see_setback
from bot.domain.project import Project
from bot.domain.request import Where
from bot.domain.setback import Setback, SetbackKind
from bot.domain.text import listed
from bot.store import setback as setbacks
from bot.usecases.channel import sight_of
from bot.usecases.member import zone_of
from bot.usecases.project import projects_of
from bot.usecases.report import period_of

_NAMED = 8  # projects in a sentence


def find_project(
    tx: Connection,
    workspace: WorkspaceId,
    where: Where,
    *,
    here: ChannelId | None,
    reader: Reader,
) -> Project | None:
    """Return the project that is meant; None takes all that the reader may see.

    Args:
        tx: The transaction; only read.
        workspace: Whose.
        where: What was said; nothing of it: the project of `here`, where it has one.
        here: The channel where it was asked.
        reader: Who asks; what they may not see is not found.

    Raises:
        UserFixableError: There is no such project, or the reader may not see it.
    """
    seen = projects_of(tx, workspace, reader=reader)
    if where.is_everywhere:
        return None
    if where.channel is not None:
        found = _home_of(seen, where.channel)
        if found is None:
            raise UserFixableError(f"That channel has no project that I know. {_known(seen)}")
        return found
    if where.words:
        return _named(seen, where.words)
    return _home_of(seen, here)


def _home_of(seen: Sequence[Project], channel: ChannelId | None) -> Project | None:
    return next((one for one in seen if one.channel == channel), None)


def _named(seen: Sequence[Project], words: str) -> Project:
    """By its key, else by its name, else by the one name that begins so."""
    by_key = [one for one in seen if one.key.casefold() == words]
    by_name = [one for one in seen if one.name.casefold() == words]
    by_beginning = [one for one in seen if one.name.casefold().startswith(f"{words} ")]
    for found in (by_key, by_name, by_beginning):
        if len(found) == 1:
            return found[0]
    raise UserFixableError(f"I know no project “{words}”. {_known(seen)}")


def _known(seen: Sequence[Project]) -> str:
    if not seen:
        return "There is none here yet: log something in a channel, and I offer to start one."
    more = [f"{len(seen) - _NAMED} more"] if len(seen) > _NAMED else []
    return f"I know {listed([*(one.key for one in seen[:_NAMED]), *more])}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """What went wrong in a time."""

    period: Period
    setbacks: tuple[Setback, ...]  # the newest first


def what_broke(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    project: ProjectKey | None,
    kind: SetbackKind | None,
    period: str,
    asked_by: UserId,
    reader: Reader,
    now: datetime,
) -> Broken:
    """Return what began in the time, as far as the reader may see it; `project` None takes all.

    Raises:
        UserFixableError: The words are no period.
    """
    seen = projects_of(tx, workspace, reader=reader)
    zone = zone_of(tx, workspace, asked_by)
    time = period_of(period, seen=seen, project=project, zone=zone, now=now)
    sight = sight_of(tx, workspace, reader)
    found = setbacks.recent(tx, workspace, project=project, since=time.since, until=time.until)
    return Broken(
        period=time,
        setbacks=tuple(
            one for one in found if kind in {None, one.kind} and may_see_setback(sight, one)
        ),
    )
