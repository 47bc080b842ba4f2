"""The people that somebody names: who they are, and whether they can be asked."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.errors import RetryableError, UserFixableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member
from bot.slack.tools import Tools


class CannotBeAskedError(UserFixableError):
    """A person who was named is a bot, has left, or is not known."""


async def askable(tools: Tools, workspace: WorkspaceId, users: Iterable[UserId]) -> list[Member]:
    """Look the people up, all at once.

    Raises:
        CannotBeAskedError: One of them cannot answer; the sentence says who and why.
        RetryableError: Slack did not answer and one of them is not remembered.
    """
    wanted = list(dict.fromkeys(users))
    if len(wanted) == 1:  # the common case needs no tasks
        found = [await tools.directory.member(workspace, wanted[0])]
    else:
        found = await asyncio.gather(*(tools.directory.member(workspace, user) for user in wanted))
    return [_checked(member) for member in found]


def _checked(member: Member | None) -> Member:
    if member is None:
        raise CannotBeAskedError(
            "I cannot find one of the people you named. Choose somebody of this workspace."
        )
    if member.is_bot:
        raise CannotBeAskedError(f"{member.name} is a bot and cannot answer. Choose a person.")
    if member.is_deactivated:
        raise CannotBeAskedError(
            f"{member.name} has left this workspace. Choose somebody who can answer."
        )
    return member


async def zone_of(tools: Tools, workspace: WorkspaceId, user: UserId) -> ZoneInfo:
    """The person's zone; UTC while Slack cannot say, since a date is worth more than an error."""
    try:
        member = await tools.directory.member(workspace, user)
    except RetryableError:
        return ZoneInfo("UTC")
    return member.zone if member is not None else ZoneInfo("UTC")


def today_in(zone: ZoneInfo, now: datetime) -> date:
    return now.astimezone(zone).date()
