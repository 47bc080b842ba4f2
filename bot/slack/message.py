"""What is written where the bot reads along: an answer, a request, or what sounds like a hint."""

from bot.domain.ids import ChannelId, MessageTs
from bot.slack import channel, listening, mention, reply
from bot.slack.dispatch import Routes
from bot.slack.interaction import Happened
from bot.slack.tools import Reply, Tools
from bot.slack.written import is_of_a_person
from bot.usecases.reply import Thread, read_thread

_CONVERTED = frozenset({"channel_convert_to_private", "channel_convert_to_public"})


async def heard(tools: Tools, happened: Happened) -> Reply:
    if happened.event.get("subtype") in _CONVERTED:  # heard at once where the bot listens
        return await channel.changed(tools, happened)
    if not is_of_a_person(tools, happened):
        return None
    match happened.event.get("channel_type"):
        case "im" if await _is_answer(tools, happened):
            return await reply.heard(tools, happened)
        case "im":
            return await mention.heard(tools, happened)
        case "channel" | "group":
            return await listening.heard(tools, happened)
        case _:
            return None


async def _is_answer(tools: Tools, happened: Happened) -> bool:
    """Whether it stands in the thread of something that the person was asked."""
    place, thread = happened.event.get("channel"), happened.event.get("thread_ts")
    if not place or not thread or thread == happened.event.get("ts"):
        return False
    found = await tools.db.read(
        read_thread,
        happened.workspace,
        ChannelId(str(place)),
        MessageTs(str(thread)),
        by=happened.user,
    )
    return found != Thread()


ROUTES = Routes(events={"message": heard})
