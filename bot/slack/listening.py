"""Listening, an optional feature (`channels:history`), off until somebody turns it on in a channel.

Who writes that they rely on something is offered, alone, to log it. Nothing of a message is kept.
"""

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.delivery import SecondCopyError
from bot.domain.errors import UserFixableError
from bot.domain.hint import find_hint
from bot.domain.ids import ChannelId, MessageTs
from bot.domain.permission import Looks
from bot.slack import ids, offer
from bot.slack.dispatch import Routes
from bot.slack.errors import code_of, translated
from bot.slack.interaction import Click, Command, Happened
from bot.slack.people import zone_of
from bot.slack.reader import reader_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import listening as views
from bot.slack.written import is_of_a_member
from bot.usecases.channel import known_channel
from bot.usecases.listening import (
    check_may_listen,
    is_listening,
    refuse_offers,
    take_turn,
    turn_listening,
)

_NO_MEMBER = frozenset({"not_in_channel", "channel_not_found"})
_ON_OFF = {"on": True, "off": False}


async def heard(tools: Tools, happened: Happened) -> Reply:
    """Offer to log what a message says; most messages end at the first look, which asks nobody."""
    event = happened.event
    text, channel = str(event.get("text") or ""), ChannelId(str(event.get("channel") or ""))
    if not is_of_a_member(tools, happened) or _is_for_the_bot(tools, happened):
        return None
    hint = find_hint(text)
    value = offer.value_of(hint.statement, ts=str(event.get("ts") or "")) if hint else None
    if hint is None or value is None:
        return None
    workspace, user = happened.workspace, happened.user
    if not await tools.db.read(is_listening, workspace, channel):
        return None
    thread = event.get("thread_ts")
    # This asks Slack about somebody new: an org's events do not tell who is of another company,
    # and a day is one where the person is.
    reader = await reader_of(tools, happened)
    if reader.looks is Looks.OUTSIDER:
        return None
    try:
        is_their_turn = await tools.write_once(
            happened,
            take_turn,
            workspace,
            channel,
            user,
            thread=MessageTs(str(thread)) if thread else None,
            now=tools.clock.now(),
        )
    except SecondCopyError:
        return None
    if is_their_turn:
        told = views.offer(decode(hint.statement), hint.reasons[0], value=value)
        thread_ts = str(thread) if thread else None
        whispered = tools.api.whisper(workspace, channel, user, told, thread_ts=thread_ts)
        tools.after_ack(happened, whispered)
    return None


def _is_for_the_bot(tools: Tools, happened: Happened) -> bool:
    """Whether it names the bot, or replies to it: that is answered in other ways."""
    installation = tools.installations.get(happened.workspace)
    if installation is None:
        return True
    bot = installation.workspace.bot_user
    is_named = f"<@{bot}" in str(happened.event.get("text") or "")
    return is_named or happened.event.get("parent_user_id") == bot


async def listen_here(tools: Tools, command: Command) -> Reply:
    """`/stilltrue listen [on|off]`, in the channel that is meant."""
    word, channel = command.text.strip().casefold(), command.channel
    if word and word not in _ON_OFF:
        raise UserFixableError(f"Type {tools.names.stilltrue} listen on, or off.")
    if channel is None or not channel.startswith(("C", "G")):
        raise UserFixableError("Type this in the channel that it is about.")
    if not word:
        is_on = await tools.db.read(is_listening, command.workspace, channel)
        return {"response_type": "ephemeral", **views.state(is_on=is_on, names=tools.names)}
    await zone_of(tools, command.workspace, command.user)  # so that an admin is known as one
    if _ON_OFF[word]:
        await _check_scopes(tools, command, channel)
        await tools.db.read(check_may_listen, command.workspace, channel, by=command.user)
        tools.after_ack(command, _turn_on(tools, command, channel))
        return None
    await _turn(tools, command, channel, is_on=False)
    return {"response_type": "ephemeral", **views.state(is_on=False, names=tools.names)}


async def _check_scopes(tools: Tools, command: Command, channel: ChannelId) -> None:
    """Refuse where Slack would never tell us what is written; where it did not say, it is tried."""
    installation = tools.installations.get(command.workspace)
    scopes = installation.scopes if installation is not None else frozenset()
    known = await tools.db.read(known_channel, command.workspace, channel)
    is_private = known is not None and known.is_known and known.is_private
    needed = "groups:history" if is_private else "channels:history"
    if scopes and needed not in scopes:
        raise UserFixableError(
            f"I may not read messages here (the scope {needed} is missing): whoever runs me makes "
            "the app's manifest with “stilltrue manifest --listen” and installs it again."
        )


async def _turn_on(tools: Tools, command: Command, channel: ChannelId) -> None:
    """Tell the channel first: nobody is listened to who was not told."""
    if not await tools.db.read(is_listening, command.workspace, channel):
        member = await tools.directory.member(command.workspace, command.user)
        by = member.name if member is not None else "one of you"
        told = views.announced(by, tools.names)
        try:
            payload = {**told, "channel": channel, "parse": "none"}
            await tools.api.call(command.workspace, "chat.postMessage", payload)
        except SlackApiError as error:
            if code_of(error) not in _NO_MEMBER:
                raise translated(error) from error
            raise UserFixableError(
                "I am not in this channel, so I hear nothing here. Type /invite and my name, then "
                "this again."
            ) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error
    await _turn(tools, command, channel, is_on=True)
    if command.response_url is not None:
        shown = views.state(is_on=True, names=tools.names)
        await tools.api.respond(command.response_url, shown)


async def _turn(tools: Tools, command: Command, channel: ChannelId, *, is_on: bool) -> None:
    await tools.write_once(
        command,
        turn_listening,
        command.workspace,
        channel,
        is_on=is_on,
        by=command.user,
        now=tools.clock.now(),
    )


async def press_later(tools: Tools, click: Click) -> Reply:
    """*Not now*: the offer goes away, and tomorrow is another day."""
    if click.response_url is not None:
        gone = {"delete_original": True}
        tools.after_ack(click, tools.api.respond(click.response_url, gone))
    return None


async def press_never(tools: Tools, click: Click) -> Reply:
    """*Not in this channel*: for the one who pressed it, at once."""
    if click.channel is None:
        return None
    await tools.write_once(click, refuse_offers, click.workspace, click.channel, click.user)
    if click.response_url is not None:
        told = views.refused(tools.names)
        tools.after_ack(click, tools.api.respond(click.response_url, told, replace_original=True))
    return None


ROUTES = Routes(clicks={ids.OFFER_LATER: press_later, ids.OFFER_NEVER: press_never})
