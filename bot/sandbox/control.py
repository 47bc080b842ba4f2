"""`/_sandbox/…`: what the page, tests and scripts use; README.md beside this file lists it."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.acts import compose, form, press
from bot.sandbox.acts.actor import NOT_FOUND, actor, app_named, first_person, nested, room_for
from bot.sandbox.acts.time import move, target
from bot.sandbox.cards import (
    app_card,
    message_card,
    person_card,
    room_card,
    thread_or_channel,
    view_cards,
)
from bot.sandbox.content import read_json
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError
from bot.sandbox.faults import Fault
from bot.sandbox.model import Json
from bot.sandbox.seed import channel_from, person_from

Handler = Callable[[Core, Json, Request], Awaitable[Json]]


async def state(core: Core, body: Json, request: Request) -> Json:
    world = core.world
    user = actor(core, body.get("as") or first_person(core)).id
    rooms = [room for room in world.rooms.values() if world.sees(user, room)]
    return {
        "as": user,
        "seq": core.feed.seq,
        "now": core.clock.now().isoformat(),
        "team": {"id": world.team_id, "name": world.team_name, "domain": world.team_domain},
        "people": [person_card(world, person) for person in world.people.values()],
        "channels": [room_card(world, room, user) for room in rooms],
        "apps": [app_card(core, app) for app in world.installed_apps()],
        "views": view_cards(core, user),
        "hint": world.hint or None,
    }


async def messages(core: Core, body: Json, request: Request) -> Json:
    user = actor(core, body.get("as")).id
    room = room_for(core, user, body.get("channel"))
    shown = thread_or_channel(core, room, user, body.get("thread_ts"))
    if shown:
        room.read[user] = max(room.read.get(user, ""), shown[-1].ts)
    return {"messages": [message_card(core.world, one) for one in shown]}


async def post_compose(core: Core, body: Json, request: Request) -> Json:
    return await compose.compose(
        core,
        user=need(body, "as"),
        channel=need(body, "channel"),
        text=str(body.get("text") or ""),
        thread_ts=body.get("thread_ts"),
    )


async def post_action(core: Core, body: Json, request: Request) -> Json:
    return await press.action(core, body)


async def post_options(core: Core, body: Json, request: Request) -> Json:
    return await press.options(core, body)


async def view_submit(core: Core, body: Json, request: Request) -> Json:
    values = nested(body.get("values"))
    return await form.submit(
        core, user=need(body, "as"), view_id=need(body, "view_id"), values=values
    )


async def view_close(core: Core, body: Json, request: Request) -> Json:
    clear = bool(body.get("clear"))
    return await form.close(core, user=need(body, "as"), view_id=need(body, "view_id"), clear=clear)


async def shortcut(core: Core, body: Json, request: Request) -> Json:
    return await compose.shortcut(
        core,
        user=need(body, "as"),
        callback_id=need(body, "callback_id"),
        channel=body.get("channel"),
        ts=body.get("ts"),
    )


async def home_open(core: Core, body: Json, request: Request) -> Json:
    tab = body.get("tab") or "home"
    return await compose.open_home(
        core, user=need(body, "as"), app_id=need(body, "app_id"), tab=tab
    )


async def home(core: Core, body: Json, request: Request) -> Json:
    user = actor(core, body.get("as")).id
    app = app_named(core, body.get("app_id"))
    return {"view": compose.home(core, user=user, app_id=app.app_id)}


async def run_function(core: Core, body: Json, request: Request) -> Json:
    return await compose.run_function(
        core,
        app_id=need(body, "app_id"),
        callback_id=need(body, "callback_id"),
        inputs=body.get("inputs"),
    )


async def open_direct(core: Core, body: Json, request: Request) -> Json:
    user = actor(core, body.get("as")).id
    other = need(body, "with")
    if other not in core.world.people:
        raise ControlError("user_not_found", f"There is nobody called {other}.", status=NOT_FOUND)
    room = core.world.direct(user, other)
    core.changed(room.id)
    return {"channel": room.id}


async def clock(core: Core, body: Json, request: Request) -> Json:
    return {"now": core.clock.now().isoformat()}


async def move_clock(core: Core, body: Json, request: Request) -> Json:
    await move(core, target(core, body))
    return {"now": core.clock.now().isoformat()}


async def traffic(core: Core, body: Json, request: Request) -> Json:
    return core.traffic.since(made(lambda **query: int(query.get("since") or 0), body))


async def plan_fault(core: Core, body: Json, request: Request) -> Json:
    core.faults.plan(made(Fault, body))
    return {}


async def clear_faults(core: Core, body: Json, request: Request) -> Json:
    core.faults.clear()
    return {}


async def add_person(core: Core, body: Json, request: Request) -> Json:
    body = {"id": core.world.new_id("U"), **body}
    if body["id"] in core.world.people:
        raise ControlError("already_there", f"{body['id']} is already here.")
    person = made(person_from, body)
    core.world.people[person.id] = person
    core.person_event("team_join", person.id)
    return {"person": person_card(core.world, person)}


async def change_person(core: Core, body: Json, request: Request) -> Json:
    user = request.path_params["user"]
    if user not in core.world.people:
        raise ControlError("user_not_found", f"There is nobody called {user}.", status=NOT_FOUND)
    person = made(lambda **changes: core.world.change_person(user, **changes), body)
    core.person_event("user_change", user)
    return {"person": person_card(core.world, person)}


async def add_channel(core: Core, body: Json, request: Request) -> Json:
    body = {"id": core.world.new_id("C"), **body}
    if body["id"] in core.world.rooms or body.get("name") in core.world.channel_names():
        raise ControlError("name_taken", "There is such a channel already.")
    room = core.world.add_channel(made(channel_from, body))
    core.changed(room.id)
    return {"channel": room.id}


async def add_member(core: Core, body: Json, request: Request) -> Json:
    room = _channel(core, request)
    user = need(body, "user")
    if user not in core.world.people:
        raise ControlError("user_not_found", f"There is nobody called {user}.", status=NOT_FOUND)
    core.join(room, user, inviter=body.get("as"))
    return {}


async def remove_member(core: Core, body: Json, request: Request) -> Json:
    core.leave(_channel(core, request), request.path_params["user"])
    return {}


def _channel(core: Core, request: Request) -> Any:
    room = core.world.rooms.get(request.path_params["channel"])
    if room is None or room.kind == "im":
        raise ControlError("channel_not_found", "There is no such channel.", status=NOT_FOUND)
    return room


async def change_app(core: Core, body: Json, request: Request) -> Json:
    app = app_named(core, request.path_params["app_id"])
    known = {key: body[key] for key in ("request_url", "socket_mode") if key in body}
    changed = core.change_app(app.app_id, **known)
    if app.socket_mode and not changed.socket_mode:
        core.refresh_sockets(changed, "link_disabled")
    return {"app": app_card(core, changed)}


async def uninstall(core: Core, body: Json, request: Request) -> Json:
    core.uninstall(app_named(core, request.path_params["app_id"]))
    await core.settle()
    return {}


async def refresh_sockets(core: Core, body: Json, request: Request) -> Json:
    app = app_named(core, body.get("app_id"))
    reason = str(body.get("reason") or "refresh_requested")
    if reason not in ("warning", "refresh_requested", "link_disabled"):
        raise ControlError(
            "bad_value", "Slack's reasons: warning, refresh_requested, link_disabled."
        )
    core.refresh_sockets(app, reason)
    return {}


async def settle(core: Core, body: Json, request: Request) -> Json:
    await core.settle()
    return {}


async def file(core: Core, request: Request) -> Response:
    found = core.world.files.get(request.path_params["file"])
    if found is None:
        return _refused(ControlError("file_not_found", "There is no such file.", status=NOT_FOUND))
    # served as a download of plain bytes, except pictures, so that nothing uploaded can run here
    kind = "image/png" if found.content.startswith(b"\x89PNG") else "application/octet-stream"
    return Response(found.content, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})


def need(body: Json, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise ControlError("missing", f"Say {key}.")
    return value


def made(build: Callable[..., Any], body: Json) -> Any:
    """Build from JSON; a wrong name or type is the caller's mistake, said in one sentence."""
    body = {key: value for key, value in body.items() if key != "as"}
    try:
        return build(body) if build in (person_from, channel_from) else build(**body)
    except (TypeError, ValueError) as error:
        raise ControlError("bad_value", str(error)) from None


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "state", state),
    ("GET", "messages", messages),
    ("POST", "compose", post_compose),
    ("POST", "action", post_action),
    ("POST", "options", post_options),
    ("POST", "view/submit", view_submit),
    ("POST", "view/close", view_close),
    ("POST", "shortcut", shortcut),
    ("POST", "home/open", home_open),
    ("GET", "home", home),
    ("POST", "function", run_function),
    ("POST", "im", open_direct),
    ("GET", "clock", clock),
    ("POST", "clock", move_clock),
    ("GET", "traffic", traffic),
    ("POST", "faults", plan_fault),
    ("DELETE", "faults", clear_faults),
    ("POST", "people", add_person),
    ("PATCH", "people/{user}", change_person),
    ("POST", "channels", add_channel),
    ("POST", "channels/{channel}/members", add_member),
    ("DELETE", "channels/{channel}/members/{user}", remove_member),
    ("PATCH", "apps/{app_id}", change_app),
    ("POST", "apps/{app_id}/uninstall", uninstall),
    ("POST", "socket/refresh", refresh_sockets),
    ("POST", "settle", settle),
]


def routes(core: Core) -> list[Route]:
    async def serve_file(request: Request) -> Response:
        return await file(core, request)

    async def follow(request: Request) -> Response:
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(
            core.feed.follow(), media_type="text/event-stream", headers=headers
        )

    made_routes = [
        Route(f"/_sandbox/{path}", _endpoint(core, handler), methods=[method])
        for method, path, handler in ROUTES
    ]
    return [
        *made_routes,
        Route("/_sandbox/files/{file}", serve_file),
        Route("/_sandbox/events", follow),
    ]


def _endpoint(core: Core, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            answer = await handler(core, await _body(request), request)
        except ControlError as error:
            return _refused(error)
        return JSONResponse({"ok": True, **answer}, headers={"Cache-Control": "no-store"})

    return endpoint


async def _body(request: Request) -> Json:
    """The query of a GET, else a JSON object."""
    if request.method in ("GET", "DELETE"):
        return dict(request.query_params)
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        # what a page of another origin can send without asking first is refused
        raise ControlError("invalid_post_type", "Send application/json.", status=415)
    try:
        body = read_json(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ControlError("invalid_json", "Send a JSON object.")
    return body


def _refused(error: ControlError) -> JSONResponse:
    body = {"ok": False, "error": error.code, "message": str(error)}
    return JSONResponse(body, status_code=error.status)
