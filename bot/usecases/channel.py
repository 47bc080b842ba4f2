"""Who reads what, as of what Slack said last of the channels where it was said."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.domain.channel import Channel
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.permission import ALL, OPERATOR, Reader, Sight, may_read
from bot.domain.permission import sight_of as fold
from bot.store import channel as channels
from bot.store import channel_id, standing
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.follow import refresh_homes
from bot.usecases.readership import readers_changed

log = structlog.get_logger()

REFRESH = timedelta(minutes=5)  # how old may be what Slack said of a channel
CLAIMED = timedelta(seconds=30)  # until another worker asks, where one died before it had heard
_MET_COUNTS = timedelta(hours=1)  # where Slack hides a channel from the bot


def sight_of(tx: Connection, workspace: WorkspaceId, reader: Reader) -> Sight:
    """Return what the reader sees of the workspace."""
    if reader == OPERATOR:
        return ALL
    return fold(reader, channels.all_of(tx, workspace, member_of=reader.user))


def sight_without_looking(reader: Reader) -> Sight:
    """Return what the reader surely sees: one's own, and where the request came from."""
    return fold(reader, ())


def reader_for(tx: Connection, workspace: WorkspaceId, user: UserId) -> Reader:
    """Return the person as a reader who is nowhere in particular.

    Somebody whom the directory never saw may be a guest, so counts as one.
    """
    known = members.get(tx, workspace, user)
    if known is not None and known.is_stranger:
        return Reader.outsider(user)
    return Reader.person(user, is_guest=known is None or known.is_guest)


def sight_of_recipient(tx: Connection, workspace: WorkspaceId, to: str) -> Sight:
    """Return what may be said in a message to that person, or to everybody in that channel."""
    if is_person(to):
        return sight_of(tx, workspace, reader_for(tx, workspace, UserId(to)))
    return sight_of(tx, workspace, Reader.audience(ChannelId(to)))


def is_person(to: str) -> bool:
    """Whether the id is a person's; those of channels begin with another letter."""
    return to.startswith(("U", "W"))


def is_channel(id_: str) -> bool:
    """Whether it is a channel and no conversation between a few; those begin with D."""
    return id_.startswith(("C", "G"))


def expect_channel(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, now: datetime
) -> bool:
    """Note that something is said in a channel, so that the worker asks Slack who reads it.

    Returns:
        False where it is known already, or is a conversation, of which Slack would tell nothing.
    """
    if not is_channel(channel):
        return False
    return channels.expect(tx, workspace, channel, now=now)


def claim_channels(
    tx: Connection, *, now: datetime, limit: int
) -> list[tuple[WorkspaceId, ChannelId]]:
    """Take the channels of which it is the longest since Slack was asked; one worker gets each.

    Where nobody says what came of it, as where that worker died, another one soon asks again.
    """
    return channels.claim_due(tx, now=now, limit=limit, next_at=now + CLAIMED)


def put_off_channel(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, now: datetime
) -> None:
    """Ask Slack about a channel later, since it says nothing just now; what it said last stays."""
    channels.put_off(tx, workspace, channel, due_at=now + REFRESH)


def describe_channel(tx: Connection, channel: Channel, *, now: datetime) -> None:
    """Keep what Slack says of a channel; whom it leaves out reads it no more."""
    before = channels.get(tx, channel.workspace, channel.id)
    channels.put(tx, channel, due_at=now + REFRESH, met_since=now - _MET_COUNTS)
    readers_changed(tx, before, channel, now=now)
    if before is None or before.is_open != channel.is_open:
        _refresh_homes_in(tx, channel.workspace, channel.id, now=now)
    elif not channel.is_open:
        came_or_went = before.members ^ channel.members
        refresh_homes(tx, channel.workspace, came_or_went, now=now)


def _refresh_homes_in(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, now: datetime
) -> None:
    """Publish anew the Homes that show how the channel's project does: others read it now."""
    project = projects.of_channel(tx, workspace, channel)
    if project is not None:
        users = {project.lead, *standing.people_in(tx, workspace, project.key)}
        refresh_homes(tx, workspace, users, now=now)


def hide_channel(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, now: datetime
) -> None:
    """Note that Slack tells the bot nothing of the channel: who was met there of late reads it."""
    before = channels.get(tx, workspace, channel)
    channels.hide(tx, workspace, channel, met_since=now - _MET_COUNTS, due_at=now + REFRESH)
    if before is not None:
        readers_changed(tx, before, replace(before, seen_at=None), now=now)
    _refresh_homes_in(tx, workspace, channel, now=now)


def meet(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, user: UserId, *, now: datetime
) -> bool:
    """Note that somebody acts in a channel, so reads it, whatever Slack said of it before.

    Returns:
        Whether Slack should be asked about the channel at once.
    """
    is_new = channels.expect(tx, workspace, channel, now=now)
    channels.add_members(tx, workspace, channel, [user], at=now)
    return is_new


def is_met(tx: Connection, workspace: WorkspaceId, channel: ChannelId, user: UserId) -> bool:
    """Whether the person is known to read the channel, so need not be noted there."""
    known = channels.get(tx, workspace, channel)
    return known is not None and may_read(reader_for(tx, workspace, user), known)


def joined(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, user: UserId, *, now: datetime
) -> None:
    """Let somebody read a private channel that the product knows, from now on."""
    known = channels.get(tx, workspace, channel)
    if known is not None and not known.is_open:
        channels.add_members(tx, workspace, channel, [user], at=now)
        refresh_homes(tx, workspace, [user], now=now)


def left(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, user: UserId, *, now: datetime
) -> None:
    """Let somebody read the channel no more, on their Home neither."""
    channels.remove_member(tx, workspace, channel, user)
    refresh_homes(tx, workspace, [user], now=now)


def rename_channel(tx: Connection, workspace: WorkspaceId, channel: ChannelId, name: str) -> None:
    channels.rename(tx, workspace, channel, name)


def follow_new_id(
    tx: Connection, workspace: WorkspaceId, old: ChannelId, new: ChannelId, *, now: datetime
) -> None:
    """Take a channel for the same one that Slack called otherwise before it was shared."""
    if old == new or not (is_channel(old) and is_channel(new)):
        return
    before, known = (channels.get(tx, workspace, one) for one in (old, new))
    moved = channel_id.follow(tx, workspace, old, new)
    channels.expect(tx, workspace, new, now=now)
    if known is not None:  # what Slack said of the new id first was about nothing that we knew
        readers_changed(tx, before, known, now=now)
        _refresh_homes_in(tx, workspace, new, now=now)
    log.info("channel.id_changed", channel=new, before=old, rows=moved)


def is_shared(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> bool:
    """Whether another company reads the channel, as far as Slack has said."""
    return channels.is_shared(tx, workspace, channel)


def known_channel(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> Channel | None:
    return channels.get(tx, workspace, channel)
