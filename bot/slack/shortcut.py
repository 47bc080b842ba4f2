"""The shortcuts on a message: what somebody said becomes an assumption or a setback.

Slack copies the message into the payload, so that they work where the bot is not a member.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.errors import RetryableError
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.slack import assumption, ids, offer, project, setback
from bot.slack.dispatch import Routes
from bot.slack.errors import code_of
from bot.slack.interaction import Body, Shortcut
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as form_views
from bot.slack.views.setback_forms import SetbackFields

R = TypeVar("R")

_DIRECT = ("directmessage", "mpdm-")  # how the names of conversations between people begin
_ASKED_FOR = 1.0  # seconds: Slack opens a form for three, and more may have to be asked
_UNSEEN = frozenset({"channel_not_found", "not_in_channel"})  # private, and the bot is not in it
_CUT = "The message is longer than a form holds: here is its beginning, and the link leads to it."
_NOT_HERE = (
    "I am not in this channel, so I cannot post the card there until somebody types /invite and "
    "my name. What you log is kept, and everybody you name is asked."
)
_WAS_PRIVATE = (
    "This was said between a few people. What you log goes to the project that you choose, and "
    "everybody in its channel reads it."
)
_SETBACK_WAS_PRIVATE = (
    "This was said between a few people. What you record is shown in the channel of the project "
    "that you choose, and everybody there reads it."
)
_NO_SETBACK_HERE = (
    "I am not in this channel, so I cannot show there what may be behind it until somebody types "
    "/invite and my name. What you record is kept."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picked:
    """The message that the shortcut was used on."""

    text: str  # as Slack sent it: not yet decoded
    channel: ChannelId
    author: UserId | None  # None where an app or a workflow wrote it
    permalink: str | None  # None where Slack does not say
    is_bot_here: bool
    is_between_people: bool  # a direct message: no project's home


async def log_message(tools: Tools, shortcut: Shortcut) -> Reply:
    """Log what somebody said, with a link to where they said it."""
    tools.after_ack(shortcut, _open_log(tools, shortcut))
    return None


async def _open_log(tools: Tools, shortcut: Shortcut) -> None:
    """Who uses the shortcut relies on it; who wrote it may know, so they are proposed to be asked.

    The project follows from the channel; a message between people goes where the person chooses.
    """
    picked, here = await asyncio.gather(
        _pick(tools, shortcut),
        tools.projects.of_channel(shortcut.workspace, ChannelId(shortcut.channel or "")),
    )
    if here is None and not picked.is_between_people:
        await project.offer(
            tools,
            shortcut,
            channel=picked.channel,
            text=picked.text,
            permalink=picked.permalink,
            notice="" if picked.is_bot_here else _NOT_HERE,
        )
        return
    asked = await _proposed(tools, shortcut, picked)
    statement = decode(picked.text)
    fields = form_views.Fields(statement=statement, owner=shortcut.user, asked=asked)
    told = "" if picked.is_bot_here else _NOT_HERE
    if picked.is_between_people:
        told = _WAS_PRIVATE
    problem = " ".join(filter(None, (told, _CUT if len(statement) > form_views.FORM_MAX else "")))
    if here is not None:
        link = picked.permalink
        await assumption.open_new(
            tools, shortcut, here, fields=fields, permalink=link, problem=problem
        )
        return
    await offer.choose_project(tools, shortcut, fields, permalink=picked.permalink, problem=problem)


async def setback_message(tools: Tools, shortcut: Shortcut) -> Reply:
    """Record what somebody said went wrong, with a link to where they said it."""
    tools.after_ack(shortcut, _open_setback(tools, shortcut))
    return None


async def _open_setback(tools: Tools, shortcut: Shortcut) -> None:
    picked = await _pick(tools, shortcut)
    fields = SetbackFields(text=decode(picked.text))
    told = "" if picked.is_bot_here else _NO_SETBACK_HERE
    if picked.is_between_people:
        told = _SETBACK_WAS_PRIVATE
    await setback.open_form(
        tools,
        shortcut,
        fields,
        channel=None if picked.is_between_people else picked.channel,
        permalink=picked.permalink,
        problem=told,
    )


async def _pick(tools: Tools, shortcut: Shortcut) -> _Picked:
    """Read the message, and ask Slack where it is and whether the bot is there, both at once.

    The form does not wait long for either: it opens without the link, and warns nobody.
    """
    message = shortcut.message or {}
    channel, ts = ChannelId(shortcut.channel or ""), str(message.get("ts") or "")
    is_between_people = channel.startswith("D") or shortcut.channel_name.startswith(_DIRECT)
    permalink, is_bot_here = await asyncio.gather(
        _soon(tools.api.permalink(shortcut.workspace, channel, ts), None),
        _soon(_is_bot_in(tools, shortcut.workspace, channel), True),
    )
    author = message.get("user")
    return _Picked(
        text=_text_of(message),
        channel=channel,
        author=UserId(author) if isinstance(author, str) and not message.get("bot_id") else None,
        permalink=permalink,
        is_bot_here=is_bot_here,
        is_between_people=is_between_people,
    )


async def _soon(asked: Awaitable[R], otherwise: R) -> R:
    try:
        async with asyncio.timeout(_ASKED_FOR):
            return await asked
    except TimeoutError:
        return otherwise


def _text_of(message: Body) -> str:
    """What the message says; what an app posts may stand in its attachments alone."""
    if message.get("text"):
        return str(message["text"])
    told = (one.get("text") or one.get("fallback") for one in message.get("attachments") or ())
    return next((str(text) for text in told if text), "")


async def _is_bot_in(tools: Tools, workspace: WorkspaceId, channel: ChannelId) -> bool:
    """Whether the bot can post there; True where Slack does not say, so that nobody is warned."""
    try:
        found = await tools.api.call(
            workspace, "conversations.info", {"channel": channel}, as_form=True
        )
    except SlackApiError as error:
        return code_of(error) not in _UNSEEN
    except (aiohttp.ClientError, TimeoutError):
        return True
    return bool((found.get("channel") or {}).get("is_member", True))


async def _proposed(tools: Tools, shortcut: Shortcut, picked: _Picked) -> tuple[UserId, ...]:
    """The author, where they are somebody else who can answer; they may be taken out again."""
    if picked.author is None or picked.author == shortcut.user:
        return ()
    try:
        author = await tools.directory.member(shortcut.workspace, picked.author)
    except RetryableError:
        return ()
    return (author.user,) if author is not None and author.can_be_asked else ()


ROUTES = Routes(
    shortcuts={ids.LOG_SHORTCUT: log_message, ids.SETBACK_SHORTCUT: setback_message},
)
