"""chat.*: messages into channels and direct conversations."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox import wire
from bot.sandbox.content import LARGEST_METADATA, read_content
from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.model import SLACKBOT, Json, Message, Room
from bot.sandbox.webapi.call import Call, Method, missing

LONGEST_UPDATE = 4000
PERSON_PREFIXES = ("U", "W")


async def post_message(call: Call) -> Json:
    room = target(call)
    call.core.buckets.take_message(room.id, "/".join(call.app.key))
    message = call.core.post(compose(call, room))
    return {
        "channel": room.id,
        "ts": message.ts,
        "message": wire.message(call.world, message),
    }


def target(call: Call) -> Room:
    """Where a message goes; a person's id opens the conversation with them."""
    name = call.need("channel")
    if name.startswith(PERSON_PREFIXES):
        return direct_with(call, name, unknown="channel_not_found")
    name = call.world.channel_names(call.team.id).get(name.removeprefix("#"), name)
    room = call.world.rooms.get(name)
    bot = call.app.bot_user_id
    if room is None or not call.world.sees(bot, room):
        raise SlackError("channel_not_found")
    if room.is_archived:
        raise SlackError("is_archived")
    if bot not in room.members and not call.has("chat:write.public"):
        raise SlackError("not_in_channel")
    return room


def direct_with(call: Call, user: str, *, unknown: str) -> Room:
    """The bot's conversation with one person.

    A deactivated person counts as reachable: Slack takes the message and shows it to nobody.
    Somebody from another workspace is reachable only while they share a channel with the bot.
    """
    person = call.person(user)
    bot = call.app.bot_user_id
    if person is None:
        raise SlackError(unknown)
    if person.is_bot or user == SLACKBOT:
        raise SlackError("cannot_dm_bot")
    is_own = call.world.is_of(person, call.team.id)
    if not is_own and not call.world.share_channel(user, bot):
        raise SlackError(unknown)
    return call.world.direct(bot, user)


def compose(call: Call, room: Room, **fields: Any) -> Message:
    """A checked message of the app's, not yet posted."""
    content = read_content(call.arguments)
    check_files(call, content["blocks"])
    thread_ts = call.text("thread_ts") or None
    if thread_ts is not None:
        parent = call.world.find(room.id, thread_ts)
        if parent is None:
            raise SlackError("thread_not_found")
        thread_ts = parent.thread_ts or parent.ts
    username = call.text("username") if call.has("chat:write.customize") else None
    return call.core.from_app(
        call.app,
        room.id,
        content.pop("text"),
        thread_ts=thread_ts,
        broadcast=call.flag("reply_broadcast"),
        username=username or None,
        **content,
        **fields,
    )


def check_files(call: Call, blocks: list[Json]) -> None:
    """A picture that is not yet processed, or not there, makes the blocks invalid."""
    for file_id in _slack_files(blocks):
        stored = call.world.files.get(file_id)
        if stored is None or not stored.completed:
            raise InvalidBlocksError(
                "invalid_blocks", [f"[ERROR] invalid slack file: {file_id} [json-pointer:/blocks]"]
            )


def _slack_files(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("slack_file"), dict):
            yield value["slack_file"].get("id", "")
        for item in value.values():
            yield from _slack_files(item)
    elif isinstance(value, list):
        for item in value:
            yield from _slack_files(item)


async def update(call: Call) -> Json:
    message = _own(call, "cant_update_message")
    text = call.text("text")
    if len(text) > LONGEST_UPDATE:
        raise SlackError("msg_too_long")
    content = read_content(call.arguments)
    check_files(call, content["blocks"])
    if call.arguments.get("metadata") is None:
        content["metadata"] = message.metadata
    edited = {"user": call.app.bot_user_id, "ts": call.world.new_ts()}
    call.core.edit(message, **content, edited=edited)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": wire.message(call.world, message),
    }


async def delete(call: Call) -> Json:
    message = _own(call, "cant_delete_message")
    call.core.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def _own(call: Call, otherwise: str) -> Message:
    room = call.room()
    message = call.world.find(room.id, call.need("ts"))
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    if message.user != call.app.bot_user_id:
        raise SlackError(otherwise)
    if room.is_archived:
        raise SlackError("is_inactive")
    return message


async def post_ephemeral(call: Call) -> Json:
    room = target(call)
    user = call.need("user")
    if user not in room.members:
        raise SlackError("user_not_in_channel")
    message = call.core.post(compose(call, room, ephemeral_to=user))
    return {"message_ts": message.ts}


async def get_permalink(call: Call) -> Json:
    room = call.room()
    message = call.world.find(room.id, call.need("message_ts"))
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    thread_ts = message.thread_ts if message.is_reply else None
    link = wire.permalink(call.world, room.id, message.ts, thread_ts)
    return {"channel": room.id, "permalink": link}


async def unfurl(call: Call) -> Json:
    room = call.room()
    message = call.world.find(room.id, call.need("ts"))
    if message is None:
        raise SlackError("cannot_find_message")
    unfurls = call.json("unfurls")
    if not isinstance(unfurls, dict):
        raise missing("unfurls")
    if len(str(unfurls)) > LARGEST_METADATA:
        raise SlackError("invalid_unfurls_format")
    for url, attachment in unfurls.items():
        message.attachments.append(
            {"id": len(message.attachments) + 1, "from_url": url, **attachment}
        )
    call.core.changed(room.id)
    return {}


METHODS = {
    "chat.postMessage": Method(run=post_message, scopes=("chat:write",)),
    "chat.update": Method(run=update, scopes=("chat:write",)),
    "chat.delete": Method(run=delete, scopes=("chat:write",)),
    "chat.postEphemeral": Method(run=post_ephemeral, scopes=("chat:write",)),
    "chat.getPermalink": Method(run=get_permalink),
    "chat.unfurl": Method(run=unfurl, scopes=("links:write",)),
}
