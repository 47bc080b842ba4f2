"""People, as the directory last saw them."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member
from bot.store import member as members


def remember(tx: Connection, member: Member) -> None:
    """Keep what Slack says of a person, for the moments when it does not answer."""
    members.put(tx, member)


def recall(tx: Connection, workspace: WorkspaceId, user: UserId) -> Member | None:
    return members.get(tx, workspace, user)


def recall_many(
    tx: Connection, workspace: WorkspaceId, users: Iterable[UserId]
) -> dict[UserId, Member]:
    return members.get_many(tx, workspace, users)


def zone_of(tx: Connection, workspace: WorkspaceId, user: UserId) -> ZoneInfo:
    """Return the person's zone; UTC for someone whom the directory never saw."""
    found = members.get(tx, workspace, user)
    return found.zone if found else ZoneInfo("UTC")
