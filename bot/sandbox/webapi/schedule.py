"""chat.scheduleMessage and its neighbours, on the sandbox's clock."""

from datetime import UTC, datetime, timedelta

from bot.sandbox.errors import SlackError
from bot.sandbox.model import Json, Scheduled
from bot.sandbox.webapi.call import Call, Method
from bot.sandbox.webapi.chat import compose, target

FURTHEST = timedelta(days=120)
WINDOW = timedelta(minutes=5)
MOST_IN_WINDOW = 30
DEFAULT_PAGE = 100


async def schedule(call: Call) -> Json:
    room = target(call)
    post_at = _moment(call)
    near = [
        one
        for one in call.world.scheduled.values()
        if one.channel == room.id and abs(one.post_at - post_at) < WINDOW
    ]
    if len(near) >= MOST_IN_WINDOW:
        raise SlackError("restricted_too_many")
    draft = compose(call, room)
    planned = Scheduled(
        id=call.world.new_id("Q"),
        app=call.app.key,
        channel=room.id,
        post_at=post_at,
        created=int(call.core.clock.now().timestamp()),
        arguments=dict(call.arguments),
    )
    call.world.scheduled[planned.id] = planned

    async def post() -> None:
        # Slack never posts a scheduled message that carries metadata
        if call.world.scheduled.pop(planned.id, None) and draft.metadata is None:
            draft.ts = call.world.new_ts()
            call.core.post(draft)

    call.core.clock.at(post_at, post)
    message: Json = {"text": draft.text, "type": "delayed_message", "bot_id": call.app.bot_id}
    if draft.blocks:
        message["blocks"] = draft.blocks
    return {
        "channel": room.id,
        "scheduled_message_id": planned.id,
        "post_at": int(post_at.timestamp()),
        "message": message,
    }


def _moment(call: Call) -> datetime:
    try:
        post_at = datetime.fromtimestamp(int(call.need("post_at")), UTC)
    except (ValueError, OverflowError, OSError):
        raise SlackError("invalid_time") from None
    now = call.core.clock.now()
    if post_at <= now:
        raise SlackError("time_in_past")
    if post_at > now + FURTHEST:
        raise SlackError("time_too_far")
    return post_at


async def list_scheduled(call: Call) -> Json:
    channel = call.text("channel")
    mine = [
        one
        for one in call.world.scheduled.values()
        if one.app == call.app.key and channel in ("", one.channel)
    ]
    page, metadata = call.page(sorted(mine, key=lambda one: one.post_at), default=DEFAULT_PAGE)
    return {
        "scheduled_messages": [
            {
                "id": one.id,
                "channel_id": one.channel,
                "post_at": int(one.post_at.timestamp()),
                "date_created": one.created,
                "text": str(one.arguments.get("text") or ""),
            }
            for one in page
        ],
        "response_metadata": metadata,
    }


async def delete_scheduled(call: Call) -> Json:
    planned = call.world.scheduled.get(call.need("scheduled_message_id"))
    if planned is None or planned.channel != call.need("channel"):
        raise SlackError("invalid_scheduled_message_id")
    del call.world.scheduled[planned.id]
    return {}


METHODS = {
    "chat.scheduleMessage": Method(run=schedule, scopes=("chat:write",)),
    "chat.scheduledMessages.list": Method(run=list_scheduled),
    "chat.deleteScheduledMessage": Method(run=delete_scheduled, scopes=("chat:write",)),
}
