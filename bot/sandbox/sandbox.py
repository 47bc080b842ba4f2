"""One strict local Slack as an ASGI application."""

import html
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox import control, oauth
from bot.sandbox.acts.answer import use_response_url
from bot.sandbox.clock import OnClock
from bot.sandbox.connection import Cuttable
from bot.sandbox.core import Core
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import SLACK_LIMITS, Limits
from bot.sandbox.seed import Seed
from bot.sandbox.webapi.endpoint import call_method
from bot.sandbox.world import World

PAGE = Path(__file__).parent / "page"
# the page loads nothing from elsewhere and nobody frames it
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

AVATAR = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><rect width="72" height="72" '
    'fill="{colour}"/><text x="36" y="46" font-size="28" font-family="sans-serif" fill="#fff" '
    'text-anchor="middle">{initials}</text></svg>'
)


class Sandbox:
    """Several may live in one process; each keeps its own world and nothing else."""

    def __init__(
        self,
        seed: Seed,
        on_clock: OnClock | None = None,
        *,
        limits: Limits = SLACK_LIMITS,
    ) -> None:
        self.core = Core(seed, on_clock=on_clock, limits=limits)
        self.app: ASGIApp = Cuttable(Headers(self._starlette()))

    @property
    def world(self) -> World:
        return self.core.world

    @property
    def base_url(self) -> str:
        return self.core.world.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        """Where it is served, without a slash at the end."""
        self.core.world.base_url = url

    async def settle(self) -> None:
        """Wait until every event has had its first attempt at delivery."""
        await self.core.settle()

    async def close(self) -> None:
        await self.core.close()

    def _starlette(self) -> Starlette:
        core = self.core

        async def api(request: Request) -> Response:
            return await call_method(core, request)

        async def respond(request: Request) -> Response:
            return await _respond(core, request)

        async def upload(request: Request) -> Response:
            return await _upload(core, request)

        async def authorize(request: Request) -> Response:
            return await oauth.authorize(core, request)

        async def avatar(request: Request) -> Response:
            return _avatar(core, request)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            yield
            await core.close()

        return Starlette(
            lifespan=lifespan,
            routes=[
                Route("/api/{method:path}", api, methods=["GET", "POST"]),
                Route("/response/{key}", respond, methods=["POST"]),
                WebSocketRoute("/socket/{ticket}", core.sockets.serve),
                Route("/files/upload/{file}", upload, methods=["POST"]),
                Route("/oauth/v2/authorize", authorize, methods=["GET", "POST"]),
                Route("/avatar/{user}", avatar),
                Route("/archives/{channel}/{message}", _archive),
                *control.routes(core),
                Route("/", _index),
                Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
            ],
        )


class Headers:
    """Says on each answer that the page may load from here alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("Content-Security-Policy", POLICY)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, with_headers)


async def _index(_: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})


async def _archive(request: Request) -> Response:
    """A permalink leads to the page, at that message."""
    channel = request.path_params["channel"]
    digits = request.path_params["message"].removeprefix("p")
    ts = f"{digits[:-6]}.{digits[-6:]}"
    thread_ts = request.query_params.get("thread_ts")
    where = f"t/{quote(thread_ts)}/{ts}" if thread_ts else ts
    return RedirectResponse(f"/#/{channel}/{where}")


def _avatar(core: Core, request: Request) -> Response:
    """Initials on the person's colour."""
    person = core.world.people.get(request.path_params["user"])
    if person is None:
        return PlainTextResponse("user_not_found", status_code=404)
    initials = "".join(word[0] for word in person.real_name.split()[:2]).upper()
    picture = AVATAR.format(colour=html.escape(person.avatar), initials=html.escape(initials))
    return Response(picture, media_type="image/svg+xml")


async def _respond(core: Core, request: Request) -> Response:
    """A response_url: no token, JSON in, `ok` out."""
    key = request.path_params["key"]
    body: Any = None
    error = None
    try:
        body = _object(await request.body())
        use_response_url(core, key, body)
    except SlackError as refused:
        error = refused.code
    status = 200 if error is None else 404 if error.endswith("_url") else 400
    core.traffic.add(
        "in", "response_url", "response_url", status=status, seconds=0.0, error=error,
        request=body, response=error or "ok",
    )  # fmt: skip
    if error is not None:
        return JSONResponse({"ok": False, "error": error}, status_code=status)
    return PlainTextResponse("ok")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body


async def _upload(core: Core, request: Request) -> Response:
    file = core.world.files.get(request.path_params["file"])
    if file is None or file.uploaded:
        return PlainTextResponse("file_not_found", status_code=404)
    content = await _content(request)
    if len(content) != file.length:
        return PlainTextResponse("length_mismatch", status_code=400)
    file.content, file.uploaded = content, True
    return PlainTextResponse(f"OK - {file.length}")


async def _content(request: Request) -> bytes:
    """The raw body, or the one file of a multipart form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        for part in form.values():
            if not isinstance(part, str):
                return await part.read()
    return b""
