"""The part of the control API that sets the scene: people, channels, apps, faults."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from bot.sandbox.acts.actor import NOT_FOUND, actor, app_in, app_named, room_for
from bot.sandbox.acts.asked import Handler, made, need
from bot.sandbox.cards import app_card, person_card, team_card
from bot.sandbox.core import GOODBYE, Core
from bot.sandbox.errors import ControlError
from bot.sandbox.faults import Fault
from bot.sandbox.model import Json, Room
from bot.sandbox.seed import App, Channel, Person, Team, channel_from, person_from

MOST_GOODBYES = 10
REASONS = ("warning", "refresh_requested", "link_disabled")
CHANGEABLE = ("request_url", "socket_mode", "install_url")


async def traffic(core: Core, body: Json, request: Request) -> Json:
    return core.traffic.since(made(int, body.get("since") or 0))


async def plan_fault(core: Core, body: Json, request: Request) -> Json:
    core.faults.plan(made(Fault, **_without_as(body)))
    return {}


async def clear_faults(core: Core, body: Json, request: Request) -> Json:
    core.faults.clear()
    return {}


def _without_as(body: Mapping[str, Any]) -> Json:
    return {key: value for key, value in body.items() if key != "as"}


def _home(core: Core, body: Json) -> Json:
    """Fields of a person or a channel, in the workspace named or else in that of who acts."""
    team_id = core.world.team_of(actor(core, body["as"]).id).id if body.get("as") else ""
    return {"team_id": team_id, **_without_as(body)}


async def add_team(core: Core, body: Json, request: Request) -> Json:
    """A new workspace, with its first administrator and #general when `admin` names one."""
    world = core.world
    name = need(body, "name")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "workspace"
    team = made(
        world.add_team,
        Team(id=body.get("id") or world.new_id("T"), name=name, domain=body.get("domain") or slug),
    )
    answer: Json = {"team": team_card(team)}
    if body.get("admin"):
        real_name = need(body, "admin")
        admin = Person(
            id=world.new_id("U"), name=real_name.split()[0].lower(), real_name=real_name,
            is_admin=True, team_id=team.id,
        )  # fmt: skip
        world.add_person(admin)
        general = Channel(
            id=world.new_id("C"), name="general", members=(admin.id,), team_id=team.id
        )
        world.add_channel(general)
        answer["person"] = person_card(world, admin)
    core.changed()
    return answer


async def add_person(core: Core, body: Json, request: Request) -> Json:
    body = {"id": core.world.new_id("U"), **_home(core, body)}
    if body["id"] in core.world.people:
        raise ControlError("already_there", f"{body['id']} is already here.")
    person = made(core.world.add_person, made(person_from, body))
    core.person_event("team_join", person.id)
    return {"person": person_card(core.world, person)}


async def change_person(core: Core, body: Json, request: Request) -> Json:
    user = _person(core, request.path_params["user"])
    person = made(core.world.change_person, user, **_without_as(body))
    core.person_event("user_change", user)
    return {"person": person_card(core.world, person)}


def _person(core: Core, user: str) -> str:
    if user not in core.world.people:
        raise ControlError("user_not_found", f"There is nobody called {user}.", status=NOT_FOUND)
    return user


async def add_channel(core: Core, body: Json, request: Request) -> Json:
    body = {"id": core.world.new_id("C"), **_home(core, body)}
    team_id = body["team_id"] or core.world.first_team.id
    taken = core.world.channel_names(team_id) if team_id in core.world.teams else {}
    if body["id"] in core.world.rooms or body.get("name") in taken:
        raise ControlError("name_taken", "There is such a channel already.")
    room = made(core.world.add_channel, made(channel_from, body))
    core.changed(room.id)
    return {"channel": room.id}


async def add_member(core: Core, body: Json, request: Request) -> Json:
    room = _channel(core, request, body)
    user = _person(core, need(body, "user"))
    if core.world.team_of(user).id not in room.teams:
        raise ControlError(
            "user_not_in_workspace", "Share the channel with that person's workspace first."
        )
    core.join(room, user, inviter=body.get("as"))
    return {}


async def remove_member(core: Core, body: Json, request: Request) -> Json:
    core.leave(_channel(core, request, body), request.path_params["user"], actor=body.get("as"))
    return {}


async def convert_channel(core: Core, body: Json, request: Request) -> Json:
    """`private` says what it becomes."""
    user = actor(core, body.get("as")).id
    room = room_for(core, user, request.path_params["channel"], member=True)
    private = body.get("private") is not False
    if room.kind == "im" or (room.kind == "private") == private:
        raise ControlError("bad_value", "This conversation is that already, or cannot be.")
    core.convert(room, private=private, actor=user)
    return {}


async def share_channel(core: Core, body: Json, request: Request) -> Json:
    """Slack Connect: the channel is there in another workspace too, by the same id."""
    room = _channel(core, request, body)
    core.share(room, _team(core, need(body, "team")))
    return {}


def _channel(core: Core, request: Request, body: Json) -> Room:
    """The channel, if whoever acts sees it; a script that names nobody sees each."""
    name = request.path_params["channel"]
    if body.get("as"):
        room = room_for(core, actor(core, body["as"]).id, name)
    else:
        room = core.world.rooms.get(name)  # type: ignore[assignment]
    if room is None or room.kind == "im":
        raise ControlError("channel_not_found", "There is no such channel.", status=NOT_FOUND)
    return room


def _team(core: Core, team_id: str) -> str:
    if team_id not in core.world.teams:
        raise ControlError("team_not_found", f"There is no workspace {team_id}.", status=NOT_FOUND)
    return team_id


async def change_app(core: Core, body: Json, request: Request) -> Json:
    app = app_named(core, request.path_params["app_id"])
    changed = core.change_app(app.app_id, **{key: body[key] for key in CHANGEABLE if key in body})
    if app.socket_mode and not changed.socket_mode:
        core.refresh_sockets(changed, "link_disabled")
    return {"app": app_card(core, changed)}


async def install(core: Core, body: Json, request: Request) -> Json:
    """Install as the app's own settings page does, without OAuth; the token is in the answer."""
    app = app_named(core, request.path_params["app_id"])
    scopes = body.get("scopes") or ()
    installed = core.world.install(app.app_id, _place(core, app, body), tuple(map(str, scopes)))
    core.changed()
    return {"bot_token": installed.bot_token, "app": app_card(core, installed)}


async def uninstall(core: Core, body: Json, request: Request) -> Json:
    """`order` names the events that say so, as often as each is to come."""
    app = app_named(core, request.path_params["app_id"])
    order = body.get("order") or list(GOODBYE)
    if not isinstance(order, list) or not set(order) <= set(GOODBYE) or len(order) > MOST_GOODBYES:
        raise ControlError("bad_value", f"An order is a list of {' and '.join(GOODBYE)}.")
    core.uninstall(app_in(core, app.app_id, _place(core, app, body)), order)
    await core.settle()
    return {}


def _place(core: Core, app: App, body: Json) -> str:
    """The workspace that is meant: the one named, else that of who acts, else the app's first."""
    if body.get("team"):
        return _team(core, need(body, "team"))
    return core.world.team_of(actor(core, body["as"]).id).id if body.get("as") else app.team_id


async def consent(core: Core, body: Json, request: Request) -> Json:
    """Who agrees at once on the consent page from now on; without `user`, somebody must look."""
    user = body.get("user")
    core.consents = actor(core, user).id if user else None
    return {}


async def refresh_sockets(core: Core, body: Json, request: Request) -> Json:
    app = app_named(core, body.get("app_id"))
    reason = str(body.get("reason") or "refresh_requested")
    if reason not in REASONS:
        raise ControlError("bad_value", f"Slack's reasons: {', '.join(REASONS)}.")
    core.refresh_sockets(app, reason)
    return {}


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "traffic", traffic),
    ("POST", "faults", plan_fault),
    ("DELETE", "faults", clear_faults),
    ("POST", "teams", add_team),
    ("POST", "people", add_person),
    ("PATCH", "people/{user}", change_person),
    ("POST", "channels", add_channel),
    ("POST", "channels/{channel}/members", add_member),
    ("DELETE", "channels/{channel}/members/{user}", remove_member),
    ("POST", "channels/{channel}/convert", convert_channel),
    ("POST", "channels/{channel}/share", share_channel),
    ("PATCH", "apps/{app_id}", change_app),
    ("POST", "apps/{app_id}/install", install),
    ("POST", "apps/{app_id}/uninstall", uninstall),
    ("POST", "consent", consent),
    ("POST", "socket/refresh", refresh_sockets),
]
