"""`/api/<method>`: reads the call, checks who makes it, answers as Slack does."""

import asyncio
import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.connection import cut
from bot.sandbox.content import read_json
from bot.sandbox.core import Core
from bot.sandbox.errors import RateLimitedError, SlackError
from bot.sandbox.faults import Fault
from bot.sandbox.model import InstallKey, Json
from bot.sandbox.seed import App
from bot.sandbox.webapi import apps, chat, conversations, files, schedule, users, views
from bot.sandbox.webapi.call import Call, Method

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **schedule.METHODS,
    **users.METHODS,
    **views.METHODS,
}
HTML = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"


async def call_method(core: Core, request: Request) -> Response:
    """One call, with its fault if one is planned, noted in the traffic."""
    name = request.path_params["method"]
    start = time.monotonic()
    fault = core.faults.for_call(name)
    arguments: Mapping[str, Any] = {}
    if fault is not None and fault.kind != "reset_after":
        response = await _faulty(core, fault, request)
        answer: Json = {"injected": fault.kind}
    else:
        arguments, response, answer = await _answer(core, name, request)
        if fault is not None:
            cut(request)
    core.traffic.add(
        "in",
        "api",
        name,
        status=response.status_code,
        seconds=time.monotonic() - start,
        error=fault.kind if fault else answer.get("error"),
        request=_without_token(arguments),
        response=answer,
    )
    return response


async def _answer(
    core: Core, name: str, request: Request
) -> tuple[Mapping[str, Any], Response, Json]:
    arguments: Mapping[str, Any] = {}
    answer: Json
    headers = {"x-slack-req-id": secrets.token_hex(16), "date": formatdate(usegmt=True)}
    status = 200
    try:
        arguments, token = await _read(request)
        method = _method(name)
        app = _caller(core, method, arguments, token, request)
        if app is not None:
            headers["x-oauth-scopes"] = ",".join(app.scopes)
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        app = app or next(iter(core.world.apps.values()))  # api.test alone is called by nobody
        call = Call(core=core, app=app, arguments=arguments, token=token)
        answer = {"ok": True} | await _run(method, name, call)
    except SlackError as error:
        answer = {"ok": False, "error": error.code, **error.extra}
    except RateLimitedError as limit:
        answer, status = {"ok": False, "error": "ratelimited"}, 429
        headers["Retry-After"] = str(limit.retry_after)
    return arguments, JSONResponse(answer, status_code=status, headers=headers), answer


def _method(name: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    return METHODS[name]


async def _run(method: Method, name: str, call: Call) -> Json:
    if method.caller == "bot":
        call.require(*method.scopes)
    call.core.buckets.take_call(name, "/".join(call.app.key))
    return await method.run(call)


async def _read(request: Request) -> tuple[Mapping[str, Any], str | None]:
    """The arguments and the token, from wherever Slack takes them."""
    arguments: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    in_body = True
    if kind == "application/json":
        in_body = False  # Slack takes no token from a JSON body
        arguments |= _json_object(await request.body())
    elif request.method == "POST":
        async with request.form() as form:
            arguments |= {key: value for key, value in form.items() if isinstance(value, str)}
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return arguments, bearer.strip()
    return arguments, arguments.get("token") if in_body else None


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = read_json(body or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def _caller(
    core: Core, method: Method, arguments: Mapping[str, Any], token: str | None, request: Request
) -> App | None:
    if method.caller == "none":
        return None
    if method.caller == "client":
        return _client(core, arguments, request)
    if not token:
        raise SlackError("not_authed")
    key = core.world.tokens.get(token) or _step_of(core, token)
    if key is not None:
        app = core.world.installs[key]
        if token in core.world.revoked or not app.installed:
            raise SlackError("account_inactive")
        return _of_kind(app, method, "bot")
    for app in core.world.apps.values():
        if token == app.app_token:
            return _of_kind(app, method, "app")
    raise SlackError("invalid_auth")


def _step_of(core: Core, token: str) -> InstallKey | None:
    """Whose workflow step a token is of."""
    steps = core.world.executions.values()
    return next((step.app for step in steps if step.token == token), None)


def _of_kind(app: App, method: Method, kind: str) -> App:
    if method.caller != kind:
        raise SlackError("not_allowed_token_type")
    return app


def _client(core: Core, arguments: Mapping[str, Any], request: Request) -> App:
    client_id, secret = arguments.get("client_id"), arguments.get("client_secret")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(given).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise SlackError("invalid_client_id") from None
    app = next((one for one in core.world.apps.values() if one.client_id == client_id), None)
    if app is None:
        raise SlackError("invalid_client_id")
    if app.client_secret != secret:
        raise SlackError("bad_client_secret")
    return app


async def _faulty(core: Core, fault: Fault, request: Request) -> Response:
    match fault.kind:
        case "429":
            return JSONResponse(
                {"ok": False, "error": "ratelimited"},
                status_code=429,
                headers={"Retry-After": str(fault.retry_after)},
            )
        case "5xx":
            return Response("upstream error", status_code=fault.status or 503)
        case "html":
            return Response(HTML, status_code=fault.status or 502, media_type="text/html")
        case "empty":
            return Response(b"", status_code=fault.status or 200)
        case "error":
            return JSONResponse({"ok": False, "error": fault.error}, fault.status or 200)
        case "hang":
            with suppress(TimeoutError):
                await asyncio.wait_for(core.closing.wait(), fault.seconds)
        case _:
            pass  # reset_before has nothing to wait for
    cut(request)
    return Response(b"", status_code=500)


def _without_token(arguments: Mapping[str, Any]) -> Json:
    secret = ("token", "client_secret")
    return {key: value for key, value in arguments.items() if key not in secret}
