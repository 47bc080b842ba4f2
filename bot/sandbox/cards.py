"""People, rooms, messages, apps and open forms, as the control API shows them to the page."""

from dataclasses import asdict

from bot.sandbox import wire
from bot.sandbox.acts.actor import message_for
from bot.sandbox.core import Core
from bot.sandbox.model import SLACKBOT, Json, Message, Room
from bot.sandbox.seed import App, Person, Team
from bot.sandbox.world import World


def person_card(world: World, person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": wire.tz_label(person.tz, world.clock.now()),
        # Slack's own API says that Slackbot is no bot; nobody can act as it
        "is_bot": person.is_bot or person.id == SLACKBOT,
        "deleted": person.deleted,
        "is_admin": person.is_admin,
        "avatar": person.avatar,
        "team_id": person.team_id,
    }


def room_card(world: World, room: Room, user: str) -> Json:
    shown = [one for one in world.visible(room, user) if not one.is_reply]
    other = room.other(user)
    card: Json = {
        "id": room.id,
        "name": world.people[other].real_name if other else room.name,
        "kind": room.kind,
        "members": list(room.members),
        "topic": room.topic,
        "is_member": user in room.members,
        "last_ts": shown[-1].ts if shown else None,
        "unread": world.unread(room, user),
        "is_shared": room.is_shared,
        "teams": list(room.teams),
    }
    return card | ({"with": other} if other else {})


def app_card(core: Core, app: App) -> Json:
    connected = (
        core.sockets.connected(app.app_id) > 0 if app.socket_mode else app.request_url is not None
    )
    return {
        "app_id": app.app_id,
        "name": app.name,
        "bot_user_id": app.bot_user_id,
        "connected": connected,
        "install_url": app.install_url,
        "home_enabled": "app_home_opened" in app.events,
        "commands": [
            {"command": one.command, "description": one.description, "usage_hint": one.usage_hint}
            for one in app.commands
        ],
        "shortcuts": [
            {"type": one.type, "name": one.name, "callback_id": one.callback_id}
            for one in app.shortcuts
        ],
        "functions": [asdict(one) for one in app.functions],
    }


def team_card(team: Team) -> Json:
    return {"id": team.id, "name": team.name, "domain": team.domain}


def available_card(app: App) -> Json:
    """An app that is not here yet and says where it can be added."""
    return {"app_id": app.app_id, "name": app.name, "install_url": app.install_url}


def view_cards(core: Core, user: str) -> list[Json]:
    return [
        wire.view(view) | {"app_name": core.world.installs[view.app].name}
        for view in core.world.views.stack(user)
    ]


def thread_or_channel(core: Core, room: Room, user: str, thread_ts: str | None) -> list[Message]:
    """One thread with its first message, or what stands in the channel itself; oldest first."""
    shown = core.world.visible(room, user)
    if thread_ts:
        root = message_for(core, user, room.id, thread_ts)
        return [one for one in shown if root.ts in (one.ts, one.thread_ts)]
    return [one for one in shown if not one.is_reply or one.broadcast]


def message_card(world: World, message: Message) -> Json:
    full = wire.message(world, message)
    thread_ts = message.thread_ts if message.is_reply else None
    keys = (
        "reply_count",
        "latest_reply",
        "reactions",
        "edited",
        "thread_ts",
        "bot_id",
        "username",
        "metadata",
    )
    return {
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "ephemeral": message.ephemeral_to is not None,
        "files": message.files,
        "app_id": message.app_id,
        "permalink": wire.permalink(world, message.channel, message.ts, thread_ts),
        **{key: full.get(key) for key in keys},
    }
