"""What follows where another company, or fewer people, read a channel from now on."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.channel import Channel
from bot.domain.ids import UserId
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.project import Project
from bot.store import exposure, outbox
from bot.store import member as members
from bot.store import project as projects

log = structlog.get_logger()


def readers_changed(
    tx: Connection, before: Channel | None, channel: Channel, *, now: datetime
) -> None:
    """Draw anew what the change shows or hides; the lead hears of another company, once.

    Args:
        tx: The transaction.
        before: As Slack described it last; None: it never did.
        channel: As it describes it now.
        now: Aware UTC.
    """
    was_shared = before is not None and before.is_shared
    if before is not None and (before.is_open, before.is_shared) != (
        channel.is_open,
        channel.is_shared,
    ):
        count = exposure.retell(tx, channel.workspace, channel.id, now=now)
        log.info("channel.readers_changed", channel=channel.id, messages=count)
    project = projects.of_channel(tx, channel.workspace, channel.id)
    if project is not None and channel.is_shared and not was_shared:
        _warn(tx, project, now=now)


def _warn(tx: Connection, project: Project, *, now: datetime) -> None:
    for user in _who_hears(tx, project):
        told = MessageKey(
            kind=MessageKind.SHARED, about=project.key, to=user, occasion=now.date().isoformat()
        )
        outbox.want(tx, project.workspace, told, now=now)


def _who_hears(tx: Connection, project: Project) -> list[UserId]:
    """Return the lead; where they have left, everybody who owns something open there."""
    owners = exposure.owners_in(tx, project.workspace, project.key)
    for some in ([project.lead], owners):
        known = members.get_many(tx, project.workspace, some)
        there = [user for user in some if user not in known or known[user].can_be_asked]
        if there:
            return there
    return []
