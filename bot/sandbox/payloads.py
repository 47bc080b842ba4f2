"""What the sandbox sends to an app when a person acts."""

from bot.sandbox import wire
from bot.sandbox.model import Json, Message, Room, View
from bot.sandbox.seed import App, Shortcut, Team
from bot.sandbox.world import World


def _team(team: Team) -> Json:
    return {"id": team.id, "domain": team.domain}


def _user(world: World, user: str) -> Json:
    name = world.people[user].name
    return {"id": user, "username": name, "name": name, "team_id": world.team_of(user).id}


def _head(world: World, app: App, kind: str, user: str, team_id: str) -> Json:
    """`team_id` is the app's workspace for what happens in a message, the person's for a view."""
    return {
        "type": kind,
        "user": _user(world, user),
        "api_app_id": app.app_id,
        "token": app.verification_token,
        "team": _team(world.teams[team_id]),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def response_link(world: World, key: str) -> str:
    return f"{world.base_url}/response/{key}"


def room_name(room: Room) -> str:
    """Slack hides the names of private places from payloads."""
    return {"channel": room.name, "private": "privategroup", "im": "directmessage"}[room.kind]


def command(world: World, app: App, name: str, text: str, *, user: str, room: Room) -> Json:
    """Form fields; every value is a string."""
    key = world.tickets.response_url(app.key, user, room.id)
    return {
        "token": app.verification_token,
        "team_id": app.team_id,
        "team_domain": world.teams[app.team_id].domain,
        "channel_id": room.id,
        "channel_name": room_name(room),
        "user_id": user,
        "user_name": world.people[user].name,
        "command": name,
        "text": text,
        "api_app_id": app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_link(world, key),
        "trigger_id": world.tickets.trigger(app.key, user, channel=room.id),
    }


def message_action(world: World, app: App, it: Message, *, user: str, action: Json) -> Json:
    """A press or a choice in a message; `message` is absent when it is ephemeral."""
    room = world.rooms[it.channel]
    key = world.tickets.response_url(
        app.key,
        user,
        room.id,
        message_ts=it.ts,
        thread_ts=it.thread_ts,
        may_replace=True,
    )
    container: Json = {
        "type": "message",
        "message_ts": it.ts,
        "channel_id": room.id,
        "is_ephemeral": it.ephemeral_to is not None,
    }
    if it.thread_ts:
        container["thread_ts"] = it.thread_ts
    payload = _head(world, app, "block_actions", user, app.team_id) | {
        "container": container,
        "trigger_id": world.tickets.trigger(app.key, user, channel=room.id),
        "channel": {"id": room.id, "name": room_name(room)},
        "state": {"values": world.views.message_state.get((user, room.id, it.ts), {})},
        "response_url": response_link(world, key),
        "actions": [action],
    }
    if it.ephemeral_to is None:
        payload["message"] = wire.message(world, it)
    return payload


def view_action(world: World, app: App, view: View, *, user: str, action: Json) -> Json:
    trigger = world.tickets.trigger(app.key, user, view_id=view.id, channel=view.origin)
    return _head(world, app, "block_actions", user, view.wire["team_id"]) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger,
        "view": wire.view(view),
        "state": {"values": view.state},
        "hash": view.wire["hash"],
        "actions": [action],
    }


def view_submission(world: World, app: App, view: View) -> Json:
    trigger = world.tickets.trigger(app.key, view.user, view_id=view.id, channel=view.origin)
    return _head(world, app, "view_submission", view.user, view.wire["team_id"]) | {
        "trigger_id": trigger,
        "view": wire.view(view),
        "response_urls": _response_urls(world, app, view),
    }


def _response_urls(world: World, app: App, view: View) -> list[Json]:
    """One for each conversation chosen in a select that has `response_url_enabled`."""
    urls = []
    for block in view.wire["blocks"]:
        element = block.get("element", {})
        if not element.get("response_url_enabled"):
            continue
        entry = view.state[block["block_id"]][element["action_id"]]
        channel = entry.get("selected_conversation") or entry.get("selected_channel")
        if channel in world.rooms:
            key = world.tickets.response_url(app.key, view.user, channel)
            urls.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel,
                    "response_url": response_link(world, key),
                }
            )
    return urls


def view_closed(world: World, app: App, view: View, *, is_cleared: bool) -> Json:
    return _head(world, app, "view_closed", view.user, view.wire["team_id"]) | {
        "view": wire.view(view),
        "is_cleared": is_cleared,
        "response_urls": [],
    }


def global_shortcut(world: World, app: App, shortcut: Shortcut, *, user: str) -> Json:
    return {
        "type": "shortcut",
        "token": app.verification_token,
        "action_ts": world.new_ts(),
        "team": _team(world.teams[app.team_id]),
        "user": {key: _user(world, user)[key] for key in ("id", "username", "team_id")},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": shortcut.callback_id,
        "trigger_id": world.tickets.trigger(app.key, user),
        "api_app_id": app.app_id,
    }


def message_shortcut(world: World, app: App, shortcut: Shortcut, it: Message, *, user: str) -> Json:
    room = world.rooms[it.channel]
    key = world.tickets.response_url(
        app.key, user, room.id, message_ts=it.ts, thread_ts=it.thread_ts,
        may_replace=it.app_id == app.app_id,
    )  # fmt: skip
    return {
        "type": "message_action",
        "token": app.verification_token,
        "action_ts": world.new_ts(),
        "team": _team(world.teams[app.team_id]),
        "user": {key: _user(world, user)[key] for key in ("id", "name", "username", "team_id")},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": room.id, "name": room_name(room)},
        "callback_id": shortcut.callback_id,
        "trigger_id": world.tickets.trigger(app.key, user, channel=room.id),
        "response_url": response_link(world, key),
        "message_ts": it.ts,
        "message": wire.message(world, it),
        "api_app_id": app.app_id,
    }


def block_suggestion(
    world: World, app: App, where: Message | View, *, user: str, element: Json
) -> Json:
    """`element` holds block_id, action_id and value, the text typed so far."""
    if isinstance(where, View):
        payload = _head(world, app, "block_suggestion", user, where.wire["team_id"]) | element
        return payload | {
            "container": {"type": "view", "view_id": where.id},
            "view": wire.view(where),
        }
    room = world.rooms[where.channel]
    payload = _head(world, app, "block_suggestion", user, app.team_id) | element
    return payload | {
        "container": {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": room.id,
            "is_ephemeral": where.ephemeral_to is not None,
        },
        "channel": {"id": room.id, "name": room_name(room)},
        "message": wire.message(world, where),
    }


def event_envelope(world: World, app: App, event: Json, source: str) -> Json:
    """`source` is the workspace where it happened, which in a shared channel may be another."""
    channel = event.get("channel") or app.team_id
    channel = channel if isinstance(channel, str) else channel.get("id", app.team_id)
    room = world.rooms.get(channel)
    return {
        "token": app.verification_token,
        "team_id": source,
        "context_team_id": app.team_id,
        "context_enterprise_id": None,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": world.new_id("Ev"),
        "event_time": int(world.clock.now().timestamp()),
        "authorizations": [authorization(app)],
        "is_ext_shared_channel": room is not None and room.is_shared,
        "event_context": f"4-{event['type']}-{app.team_id}-{app.app_id}-{channel}",
    }


def authorization(app: App) -> Json:
    return {
        "enterprise_id": None,
        "team_id": app.team_id,
        "user_id": app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
