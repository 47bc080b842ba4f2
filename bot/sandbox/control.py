"""`/_sandbox/…`: what the page, tests and scripts use; README.md beside this file lists it."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import setting
from bot.sandbox.acts import compose, form, press, workflow
from bot.sandbox.acts.actor import NOT_FOUND, actor, app_for, first_person, nested, room_for
from bot.sandbox.acts.asked import Handler, need
from bot.sandbox.acts.time import move, target
from bot.sandbox.cards import (
    app_card,
    available_card,
    message_card,
    person_card,
    room_card,
    team_card,
    thread_or_channel,
    view_cards,
)
from bot.sandbox.content import read_json
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError
from bot.sandbox.model import Json


async def state(core: Core, body: Json, request: Request) -> Json:
    """What one person sees: their workspace, and of the others what a shared channel brings."""
    world = core.world
    user = actor(core, body.get("as") or first_person(core, body.get("team") or None)).id
    team = world.team_of(user)
    rooms = [room for room in world.rooms.values() if world.sees(user, room)]
    known = {member for room in rooms for member in room.members}
    known |= {message.user for room in rooms if room.is_shared for message in room.messages}
    people = [
        one for one in world.people.values() if one.team_id in ("", team.id) or one.id in known
    ]
    here = list(world.installed_apps(team.id))
    absent = [app for app in world.apps.values() if app.app_id not in {one.app_id for one in here}]
    return {
        "as": user,
        "seq": core.feed.seq,
        "now": core.clock.now().isoformat(),
        "team": team_card(team),
        "teams": [team_card(one) for one in world.teams.values()],
        "people": [person_card(world, person) for person in people],
        "channels": [room_card(world, room, user) for room in rooms],
        "apps": [app_card(core, app) for app in here],
        "available": [available_card(app) for app in absent if app.install_url],
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
    return {"view": compose.home(core, user=user, app=app_for(core, user, body.get("app_id")))}


async def run_function(core: Core, body: Json, request: Request) -> Json:
    return await workflow.run(
        core,
        user=body.get("as"),
        app_id=need(body, "app_id"),
        callback_id=need(body, "callback_id"),
        inputs=body.get("inputs"),
    )


async def function_result(core: Core, body: Json, request: Request) -> Json:
    execution = core.world.executions.get(request.path_params["execution"])
    if execution is None:
        raise ControlError("execution_not_found", "No step runs by that id.", status=NOT_FOUND)
    return workflow.result(execution)


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
    ("GET", "function/{execution}", function_result),
    ("POST", "im", open_direct),
    ("GET", "clock", clock),
    ("POST", "clock", move_clock),
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
        for method, path, handler in (*ROUTES, *setting.ROUTES)
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
