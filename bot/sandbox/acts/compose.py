"""Typing: a message, or a slash command; shortcuts; opening an app's home."""

import secrets
from collections.abc import Callable, Mapping

from bot.sandbox import payloads, wire
from bot.sandbox.acts.actor import actor, app_for, message_for, room_for
from bot.sandbox.acts.answer import as_body, say
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError, DeliveryFailedError, SlackError
from bot.sandbox.kit.names import name_blocks
from bot.sandbox.model import Json, Message, Room
from bot.sandbox.seed import App, Command, Shortcut
from bot.sandbox.text import rich_text, typed_command, typed_message


async def compose(
    core: Core, *, user: str, channel: str, text: str, thread_ts: str | None = None
) -> Json:
    """What pressing Enter does; `channel` may be a person's id, which opens the conversation."""
    who = actor(core, user)
    if channel in core.world.people:
        channel = core.world.direct(who.id, channel).id
    room = room_for(core, who.id, channel, member=True)
    if room.is_archived:
        raise ControlError("is_archived", "This channel is archived.")
    if not text.strip():
        raise ControlError("no_text", "Write something first.")
    if text.startswith("/"):
        error = await _command(core, who.id, room, text, in_thread=thread_ts is not None)
        return {"kind": "command"} | ({"error": error} if error else {})
    if thread_ts is not None:
        parent = message_for(core, who.id, room.id, thread_ts)
        thread_ts = parent.thread_ts or parent.ts
    return {"kind": "message", "ts": _message(core, who.id, room, text, thread_ts).ts}


def _message(core: Core, user: str, room: Room, text: str, thread_ts: str | None) -> Message:
    stored = _typed(core, typed_message, text, user, room)
    return core.post(
        Message(
            ts=core.world.new_ts(),
            channel=room.id,
            user=user,
            text=stored,
            blocks=name_blocks([rich_text(stored, "")]),
            client_msg_id=secrets.token_hex(16),
            thread_ts=thread_ts,
        )
    )


def _typed(
    core: Core,
    read: Callable[[str, Mapping[str, str], Mapping[str, str]], str],
    text: str,
    user: str,
    room: Room,
) -> str:
    team_id = core.world.team_of(user).id
    return read(text, core.world.names(team_id, room), core.world.channel_names(team_id))


async def _command(core: Core, user: str, room: Room, text: str, *, in_thread: bool) -> str | None:
    """Return Slack's word for what went wrong, if anything did."""
    name, _, rest = text.partition(" ")
    name = name.strip()
    found = _owner(core, core.world.team_of(user).id, name)
    if found is None:
        core.slackbot_says(room, user, f"`{name}` is not a valid command.")
        return "unknown_command"
    if in_thread:
        core.slackbot_says(room, user, f"`{name}` is not supported in threads. Sorry!")
        return "not_supported_in_threads"
    app, command = found
    rest = rest.strip()
    if command.should_escape:
        rest = _typed(core, typed_command, rest, user, room)
    payload = payloads.command(core.world, app, command.command, rest, user=user, room=room)
    try:
        answer = await core.delivery.send(app, "command", command.command, payload)
        body = as_body(answer)
        if body is not None:
            say(core, app, body, user=user, channel=room.id, thread=None)
    except DeliveryFailedError as failure:
        return _command_failed(core, room, user, name, failure.shown_as)
    except SlackError:
        return _command_failed(core, room, user, name, "invalid_command_response")
    return None


def _command_failed(core: Core, room: Room, user: str, name: str, error: str) -> str:
    core.slackbot_says(room, user, f'{name} failed with the error "{error}"')
    return error


def _owner(core: Core, team_id: str, name: str) -> tuple[App, Command] | None:
    """Of two apps with the same command the one installed last wins, as in Slack.

    A command is its workspace's own: in a shared channel those of the others do not have it.
    """
    for app in reversed(list(core.world.installed_apps(team_id))):
        for command in app.commands:
            if command.command.lower() == name.lower():
                return app, command
    return None


async def shortcut(
    core: Core, *, user: str, callback_id: str, channel: str | None = None, ts: str | None = None
) -> Json:
    """A message shortcut when a message is named, else a global one."""
    who = actor(core, user)
    kind = "message" if channel and ts else "global"
    app, found = _shortcut(core, core.world.team_of(who.id).id, kind, callback_id)
    if channel and ts:
        message = message_for(core, who.id, channel, ts)
        if message.ephemeral_to is not None:
            raise ControlError("message_not_found", "Slack offers no shortcuts on this message.")
        payload = payloads.message_shortcut(core.world, app, found, message, user=who.id)
    else:
        payload = payloads.global_shortcut(core.world, app, found, user=who.id)
    return await deliver(core, app, "shortcut", callback_id, payload)


def _shortcut(core: Core, team_id: str, kind: str, callback_id: str) -> tuple[App, Shortcut]:
    for app in core.world.installed_apps(team_id):
        for one in app.shortcuts:
            if (one.type, one.callback_id) == (kind, callback_id):
                return app, one
    raise ControlError("shortcut_not_found", f"No app here has the {kind} shortcut {callback_id}.")


async def deliver(core: Core, app: App, kind: str, name: str, payload: Json) -> Json:
    """Send and forget the answer; `error` is what the person would be shown."""
    try:
        await core.delivery.send(app, kind, name, payload)
    except DeliveryFailedError as failure:
        return {"error": failure.shown_as}
    return {}


async def open_home(core: Core, *, user: str, app_id: str, tab: str = "home") -> Json:
    """Fires app_home_opened and waits until the app has heard it."""
    who = actor(core, user)
    app = app_for(core, who.id, app_id)
    if tab not in ("home", "messages"):
        raise ControlError("bad_value", "A tab is home or messages.")
    room = core.world.direct(who.id, app.bot_user_id)
    event: Json = {
        "type": "app_home_opened",
        "user": who.id,
        "channel": room.id,
        "tab": tab,
        "event_ts": core.world.new_ts(),
    }
    published = core.world.views.homes.get((app.key, who.id))
    if published is not None:
        event["view"] = wire.view(published)
    core.events.emit(event, [app], source=app.team_id)
    await core.settle()
    return {"view": home(core, user=who.id, app=app), "channel": room.id}


def home(core: Core, *, user: str, app: App) -> Json | None:
    published = core.world.views.homes.get((app.key, user))
    return wire.view(published) if published else None
