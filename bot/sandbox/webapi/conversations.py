"""conversations.* and reactions.add."""

from bot.sandbox import wire
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Json, Message, Room
from bot.sandbox.webapi.call import Call, Method
from bot.sandbox.webapi.chat import direct_with

FAMILY = {"channel": "channels", "private": "groups", "im": "im"}
KIND_OF_TYPE = {"public_channel": "channel", "private_channel": "private", "im": "im"}
OTHER_TYPES = ("mpim",)
MOST_OPENED = 8
HISTORY_PAGE, MOST_HISTORY = 100, 999


def _may(call: Call, room: Room, right: str) -> None:
    """`right` is read or history; the scope depends on the kind of conversation."""
    call.require(f"{FAMILY[room.kind]}:{right}")


def of_types(call: Call) -> list[Room]:
    """Conversations of the asked types that the bot may know of."""
    types = call.names("types") or ["public_channel"]
    if not set(types) <= {*KIND_OF_TYPE, *OTHER_TYPES}:
        raise SlackError("invalid_types")
    kinds = {KIND_OF_TYPE[name] for name in types if name in KIND_OF_TYPE}
    for kind in sorted(kinds):
        call.require(f"{FAMILY[kind]}:read")
    return [
        room
        for room in call.world.rooms.values()
        if room.kind in kinds
        and call.world.sees(call.app.bot_user_id, room)
        and not (call.flag("exclude_archived") and room.is_archived)
    ]


async def info(call: Call) -> Json:
    call.require(*(f"{family}:read" for family in FAMILY.values()))
    room = call.room()
    _may(call, room, "read")
    channel = wire.room(call.world, room, call.app.bot_user_id)
    if not call.flag("include_num_members"):
        channel.pop("num_members", None)
    return {"channel": channel}


async def list_all(call: Call) -> Json:
    page, metadata = call.page(of_types(call), default=100)
    return {
        "channels": [wire.room(call.world, room, call.app.bot_user_id) for room in page],
        "response_metadata": metadata,
    }


async def members(call: Call) -> Json:
    call.require(*(f"{family}:read" for family in FAMILY.values()))
    room = call.room()
    _may(call, room, "read")
    page, metadata = call.page(room.members, default=100)
    return {"members": page, "response_metadata": metadata}


async def open_direct(call: Call) -> Json:
    call.require("im:write", "mpim:write")
    if call.text("channel"):
        room = call.room()
        if room.kind != "im":
            raise SlackError("method_not_supported_for_channel_type")
    else:
        room = _with_users(call)
    if call.flag("return_im"):
        return {"channel": wire.room(call.world, room, call.app.bot_user_id)}
    return {"channel": {"id": room.id}}


def _with_users(call: Call) -> Room:
    users = call.names("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > MOST_OPENED:
        raise SlackError("too_many_users")
    for user in users:
        person = call.person(user)
        if person is None:
            raise SlackError("user_not_found")
        if person.deleted:
            raise SlackError("user_disabled")
    if len(users) > 1:
        raise SlackError("invalid_user_combination")  # the sandbox has no group conversations
    return direct_with(call, users[0], unknown="user_not_found")


async def join(call: Call) -> Json:
    room = call.room()
    if room.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if room.is_archived:
        raise SlackError("is_archived")
    call.core.join(room, call.app.bot_user_id)
    return {"channel": wire.room(call.world, room, call.app.bot_user_id)}


def _readable(call: Call) -> Room:
    room = call.room()
    _may(call, room, "history")
    if call.app.bot_user_id not in room.members:
        raise SlackError("not_in_channel")
    return room


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """Between `oldest` and `latest`, which count only when `inclusive`."""
    oldest, latest = call.text("oldest") or "0", call.text("latest")
    edges = {oldest, latest} if call.flag("inclusive") else set()
    try:
        low, high = float(oldest), float(latest or "inf")
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None
    return [one for one in messages if low < float(one.ts) < high or one.ts in edges]


def _shown(call: Call, messages: list[Message]) -> list[Json]:
    with_metadata = call.flag("include_all_metadata")
    return [wire.message(call.world, one, with_metadata=with_metadata) for one in messages]


async def history(call: Call) -> Json:
    room = _readable(call)
    there = [one for one in call.world.visible(room, None) if not one.is_reply or one.broadcast]
    newest_first = list(reversed(_within(call, there)))
    page, metadata = call.page(newest_first, default=HISTORY_PAGE, most=MOST_HISTORY)
    more = bool(metadata["next_cursor"])
    answer: Json = {"messages": _shown(call, page), "has_more": more, "pin_count": 0}
    return answer | ({"response_metadata": metadata} if more else {})


async def replies(call: Call) -> Json:
    room = _readable(call)
    parent = call.world.find(room.id, call.need("ts"))
    if parent is None or parent.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    thread_ts = parent.thread_ts or parent.ts
    root = call.world.find(room.id, thread_ts) or parent
    thread = [root, *_within(call, call.world.replies(room, thread_ts))]
    page, metadata = call.page(thread, default=HISTORY_PAGE, most=MOST_HISTORY)
    more = bool(metadata["next_cursor"])
    answer: Json = {"messages": _shown(call, page), "has_more": more}
    return answer | ({"response_metadata": metadata} if more else {})


async def react(call: Call) -> Json:
    room = call.room()
    message = call.world.find(room.id, call.need("timestamp"))
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    if call.app.bot_user_id not in room.members:
        raise SlackError("not_in_channel")
    users = message.reactions.setdefault(call.need("name").strip(":"), [])
    if call.app.bot_user_id in users:
        raise SlackError("already_reacted")
    users.append(call.app.bot_user_id)
    call.core.events.emit(
        {
            "type": "reaction_added",
            "user": call.app.bot_user_id,
            "reaction": call.need("name").strip(":"),
            "item": {"type": "message", "channel": room.id, "ts": message.ts},
            "item_user": message.user,
            "event_ts": call.world.new_ts(),
        },
        call.core.events.hearing(room),
        source=call.team.id,
    )
    call.core.changed(room.id)
    return {}


METHODS = {
    "conversations.info": Method(run=info),
    "conversations.list": Method(run=list_all),
    "conversations.members": Method(run=members),
    "conversations.open": Method(run=open_direct),
    "conversations.join": Method(run=join, scopes=("channels:join",)),
    "conversations.history": Method(run=history),
    "conversations.replies": Method(run=replies),
    "reactions.add": Method(run=react, scopes=("reactions:write",)),
}
