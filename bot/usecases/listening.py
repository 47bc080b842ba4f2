"""Listening in a channel: on and off, and whose turn it is to be offered something."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId, MessageTs, UserId, WorkspaceId
from bot.domain.permission import may_lead
from bot.store import listening, outbox, prompt
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.member import zone_of

log = structlog.get_logger()


class NotYoursToListenError(UserFixableError):
    """Somebody who may not decide it wants listening on or off."""


def is_listening(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> bool:
    return listening.is_on(tx, workspace, channel)


def check_may_listen(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, by: UserId
) -> None:
    """Refuse who may not decide what is read in a channel.

    Raises:
        NotYoursToListenError: They neither lead the channel's project nor are an admin.
    """
    project = projects.of_channel(tx, workspace, channel)
    if not may_lead(by, members.get(tx, workspace, by), project):
        who = "the project's lead and the workspace's admins" if project else "an admin"
        raise NotYoursToListenError(f"Only {who} can turn listening on or off here. Ask them.")


def turn_listening(
    tx: Connection,
    workspace: WorkspaceId,
    channel: ChannelId,
    *,
    is_on: bool,
    by: UserId,
    now: datetime,
) -> bool:
    """Begin or end; return whether that changed anything.

    Raises:
        NotYoursToListenError: They neither lead the channel's project nor are an admin.
    """
    check_may_listen(tx, workspace, channel, by=by)
    if is_on:
        changed = listening.turn_on(tx, workspace, channel, by=by, now=now)
    else:
        changed = listening.turn_off(tx, workspace, channel)
    if changed:
        log.info("listening.turned", is_on=is_on, channel=channel)
    return changed


def take_turn(
    tx: Connection,
    workspace: WorkspaceId,
    channel: ChannelId,
    user: UserId,
    *,
    thread: MessageTs | None,
    now: datetime,
) -> bool:
    """Note that the person is offered to log what they said; False where they must not be.

    Args:
        tx: The transaction.
        workspace: Whose.
        channel: Where it was said.
        user: Who said it, and alone is offered anything.
        thread: The message that it replies to; a thread on one of the bot's is left alone.
        now: Aware UTC; a day is one where the person is.
    """
    if not listening.is_on(tx, workspace, channel):
        return False
    if thread is not None and _is_ours(tx, workspace, channel, thread):
        return False
    today = now.astimezone(zone_of(tx, workspace, user)).date()
    return listening.take_turn(tx, workspace, channel, user, today=today)


def _is_ours(tx: Connection, workspace: WorkspaceId, channel: ChannelId, ts: MessageTs) -> bool:
    is_told = outbox.by_ts(tx, workspace, channel, ts) is not None
    return is_told or bool(prompt.of_message(tx, workspace, channel, ts))


def refuse_offers(tx: Connection, workspace: WorkspaceId, channel: ChannelId, user: UserId) -> None:
    """Offer the person nothing more in that channel."""
    listening.refuse(tx, workspace, channel, user)
