"""What Slack tells of channels: who came and went, and what one is called or has become."""

import asyncio
from typing import Any

import structlog

from bot.domain.errors import OperatorFixableError, RetryableError
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.slack.dispatch import Routes
from bot.slack.interaction import Happened
from bot.slack.tools import Reply, Tools
from bot.slack.views.parts import View, sentence
from bot.usecases.channel import (
    follow_new_id,
    hide_channel,
    is_channel,
    joined,
    known_channel,
    left,
    rename_channel,
)
from bot.usecases.outbox import invited

log = structlog.get_logger()


async def learn(
    tools: Tools, workspace: WorkspaceId, channel: ChannelId, *, news: str = ""
) -> None:
    """Ask Slack who reads the channel; where it does not answer, the worker asks again."""
    try:
        await tools.channels.refresh(workspace, channel, news=news)
    except (RetryableError, OperatorFixableError) as error:
        log.info("channel.not_learned", channel=channel, cause=str(error))


async def shared_warning(tools: Tools, workspace: WorkspaceId, channel: ChannelId) -> str:
    """Say, in one sentence, that another company reads the channel; empty where none does.

    Slack is asked about a channel that nobody knows yet, for a second: a form waits for this.
    """
    known = await tools.db.read(known_channel, workspace, channel)
    if (known is None or not known.is_known) and is_channel(channel):
        try:
            async with asyncio.timeout(_ASKED_FOR):
                await learn(tools, workspace, channel)
        except TimeoutError:
            log.info("channel.not_learned", channel=channel, cause="Slack took too long")
        else:
            known = await tools.db.read(known_channel, workspace, channel)
    return _SHARED if known is not None and known.is_shared else ""


async def with_warning(
    tools: Tools, workspace: WorkspaceId, channel: ChannelId, page: View
) -> View:
    """The form; where another company reads what it makes be shown in the channel, it says so."""
    if not await shared_warning(tools, workspace, channel):
        return page
    return {**page, "blocks": [sentence(f"⚠️ {_SHOWN_TO_OTHERS}"), *page["blocks"]]}


_ASKED_FOR = 1.0  # seconds: Slack opens a form for three
_SHARED = (
    "People of another company are in this channel: they will read what you put down here. Stop "
    "here if it is not for them."
)
_SHOWN_TO_OTHERS = (
    "People of another company are in the channel where this is shown, and will read what you put "
    "down here. Leave out what is not for them."
)


def _channel(event: Any) -> ChannelId:
    """Read which channel an event is about: an id, or an object that has one."""
    named = event.get("channel")
    return ChannelId(str((named.get("id") if isinstance(named, dict) else named) or ""))


def _is_us(tools: Tools, happened: Happened) -> bool:
    installation = tools.installations.get(happened.workspace)
    return installation is not None and happened.user == installation.workspace.bot_user


async def _learn_news(tools: Tools, happened: Happened, channel: ChannelId) -> None:
    await learn(tools, happened.workspace, channel, news=happened.delivery.key)


async def came(tools: Tools, happened: Happened) -> Reply:
    """Let somebody read a private channel from now on.

    Where the bot came, what waited for that is posted, and Slack is asked who reads it.
    """
    channel, now = _channel(happened.event), tools.clock.now()
    if _is_us(tools, happened):
        await tools.db.write(invited, happened.workspace, channel, now=now)
        tools.after_ack(happened, _learn_news(tools, happened, channel))
    else:
        user = UserId(happened.user)
        await tools.db.write(joined, happened.workspace, channel, user, now=now)
    return None


async def went(tools: Tools, happened: Happened) -> Reply:
    """Let somebody read it no more; where the bot had to leave, Slack says nothing of it now."""
    channel, now = _channel(happened.event), tools.clock.now()
    if _is_us(tools, happened):
        await tools.db.write(hide_channel, happened.workspace, channel, now=now)
    else:
        user = UserId(happened.user)
        await tools.db.write(left, happened.workspace, channel, user, now=now)
    return None


async def bot_went(tools: Tools, happened: Happened) -> Reply:
    """Somebody removed the bot from a private channel: Slack says nothing of it from now on."""
    channel = _channel(happened.event)
    await tools.db.write(hide_channel, happened.workspace, channel, now=tools.clock.now())
    return None


async def renamed(tools: Tools, happened: Happened) -> Reply:
    named = happened.event.get("channel") or {}
    name = str(named.get("name") or "")
    await tools.db.write(rename_channel, happened.workspace, _channel(happened.event), name)
    return None


async def changed(tools: Tools, happened: Happened) -> Reply:
    """Ask Slack anew: another company reads along now, or no longer does, or the bot went."""
    channel = _channel(happened.event)
    tools.after_ack(happened, _learn_news(tools, happened, channel))
    return None


async def id_changed(tools: Tools, happened: Happened) -> Reply:
    """Follow a channel that has another id now, as where an organisation shares it."""
    old, new = (ChannelId(str(happened.event.get(f"{one}_channel_id") or "")) for one in _AGES)
    workspace = happened.workspace
    await tools.db.write(follow_new_id, workspace, old, new, now=tools.clock.now())
    for channel in (old, new):
        await tools.projects.forget(workspace, channel)
    tools.after_ack(happened, _learn_news(tools, happened, new))
    return None


_AGES = ("old", "new")
ROUTES = Routes(
    events={
        "member_joined_channel": came,
        "member_left_channel": went,
        "channel_left": changed,
        "group_left": bot_went,
        "channel_rename": renamed,
        "group_rename": renamed,
        "channel_shared": changed,
        "channel_unshared": changed,
        "channel_id_changed": id_changed,
    }
)
