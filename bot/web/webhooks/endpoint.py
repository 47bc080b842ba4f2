"""The way in for incident tools: address, size, proof and shape are checked, in that order."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from secrets import token_hex

import structlog
from prometheus_client import Counter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from bot.domain.errors import StaleWriteError, UserFixableError
from bot.domain.ids import WorkspaceId
from bot.domain.setback_update import SetbackUpdate
from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.usecases.ports import Clock, Database
from bot.usecases.webhook import Outcome, find_endpoint, note_heard, receive
from bot.web.webhooks import (
    alertmanager,
    generic,
    github,
    incidentio,
    jira,
    opsgenie,
    pagerduty,
)
from bot.web.webhooks.payload import MalformedError, read_object
from bot.web.webhooks.proof import Headers
from bot.web.webhooks.tool import Received, Tool

log = structlog.get_logger()

TOOLS: dict[WebhookSource, Tool] = {
    WebhookSource.PAGERDUTY: pagerduty.TOOL,
    WebhookSource.ALERTMANAGER: alertmanager.TOOL,
    WebhookSource.GITHUB: github.TOOL,
    WebhookSource.JIRA: jira.TOOL,
    WebhookSource.INCIDENTIO: incidentio.TOOL,
    WebhookSource.OPSGENIE: opsgenie.TOOL,
    WebhookSource.GENERIC: generic.TOOL,
}
TRY_HEADER = "X-Stilltrue-Try"  # with it a genuine request is checked to the end, and not recorded
BODY_SECONDS = 3.0
_WRITES_MOST = 3  # tries, when a person changes the same setback at the same moment

_received = Counter(
    "stilltrue_webhooks",
    "Requests of incident tools, by what became of them.",
    ["source", "outcome"],
)


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, cause: str, outcome: str, **facts: object) -> None:
        super().__init__(cause)
        self.status = status
        self.outcome = outcome
        self.facts = facts  # for the log alone


class Webhooks:
    """Takes what tools send to `/webhooks/{source}/{address}`.

    Whatever is wrong with a request gets a 4xx: a 5xx would make the sender try it again. The
    address alone says whose it is; nothing in the body does.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        now: Callable[[], float] = time.time,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        """Args: `now` is real time in seconds; signatures and secrets go by it, not by `clock`."""
        self._db = db
        self._clock = clock
        self._now = now
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with bound_contextvars(request=token_hex(4)):
            response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        source = request.path_params["source"]
        label = source if source in set(WebhookSource) else "unknown"
        try:
            outcome, details = await self._take(request)
        except _RefusedError as refused:
            _received.labels(label, refused.outcome).inc()
            if refused.status is not HTTPStatus.NOT_FOUND:  # scanners would fill the log
                log.warning("webhook.refused", source=label, cause=str(refused), **refused.facts)
            response = JSONResponse({"error": str(refused)}, status_code=refused.status)
            if refused.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                response.headers["connection"] = "close"  # the rest of it is not read
            elif refused.status is HTTPStatus.METHOD_NOT_ALLOWED:
                response.headers["allow"] = "POST"
            return response
        _received.labels(label, outcome).inc()
        return JSONResponse({"status": outcome} | details, status_code=HTTPStatus.ACCEPTED)

    async def _take(self, request: Request) -> tuple[str, dict[str, str]]:
        if request.method != "POST":
            raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "send it by POST", "refused")
        endpoint = await self._endpoint(request)
        with bound_contextvars(workspace=endpoint.workspace):
            try:
                return await self._take_for(endpoint, request)
            except _RefusedError as refused:
                refused.facts["workspace"] = endpoint.workspace
                raise

    async def _take_for(
        self, endpoint: WebhookEndpoint, request: Request
    ) -> tuple[str, dict[str, str]]:
        tool, headers = TOOLS[endpoint.source], dict(request.scope["headers"])
        body = await self._body(request, tool)
        real = self._now()
        secrets = endpoint.accepted(datetime.fromtimestamp(real, UTC))
        if not tool.is_genuine(headers, body, secrets, real):
            raise _RefusedError(
                HTTPStatus.UNAUTHORIZED,
                "the proof is missing or wrong",
                "forged",
                endpoint=endpoint.id,
                bytes=len(body),
            )
        received = _read(tool, headers, body)
        await self._db.write(note_heard, endpoint, now=self._clock.now())
        if received.is_test or TRY_HEADER.lower().encode() in headers:
            return "test", {}
        if not received.updates:
            return _ignored(endpoint, received)
        return await self._record(endpoint, received)

    async def _endpoint(self, request: Request) -> WebhookEndpoint:
        """Return the endpoint that listens at this address."""
        workspace, _, rest = request.path_params["address"].partition("-")
        id_, _, token = rest.partition("-")
        found = None
        if all(part.isascii() and part.isalnum() for part in (workspace, id_, token)):
            found = await self._db.read(find_endpoint, WorkspaceId(workspace), id_, token)
        if found is None or found.source != request.path_params["source"]:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "there is nothing at this address", "unknown")
        return found

    async def _body(self, request: Request, tool: Tool) -> bytes:
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced[:20]) > tool.body_max:
            raise _too_large()
        try:
            async with asyncio.timeout(self._body_seconds):
                return await _whole_body(request, tool.body_max)
        except TimeoutError:
            cause = "the body came too slowly"
            raise _RefusedError(HTTPStatus.REQUEST_TIMEOUT, cause, "refused") from None

    async def _record(
        self, endpoint: WebhookEndpoint, received: Received
    ) -> tuple[str, dict[str, str]]:
        """Record each update in a transaction of its own; what was done stays done if one fails."""
        outcomes = []
        for update in received.updates:
            try:
                outcomes.append(await self._write(endpoint, update))
            except UserFixableError as error:
                raise _RefusedError(HTTPStatus.BAD_REQUEST, str(error), "malformed") from None
        telling = min(outcomes, key=list(Outcome).index)
        if telling is Outcome.UNCHANGED and received.why_ignored:
            return _ignored(endpoint, received)
        log.info(
            "webhook.received",
            endpoint=endpoint.id,
            kind=received.event,
            updates=len(outcomes),
            outcome=telling.value,
        )
        return telling.value, {}

    async def _write(self, endpoint: WebhookEndpoint, update: SetbackUpdate) -> Outcome:
        for _ in range(_WRITES_MOST - 1):
            try:
                return await self._db.write(receive, endpoint, update, now=self._clock.now())
            except StaleWriteError:
                continue
        return await self._db.write(receive, endpoint, update, now=self._clock.now())


def _ignored(endpoint: WebhookEndpoint, received: Received) -> tuple[str, dict[str, str]]:
    why = received.why_ignored
    log.info("webhook.ignored", endpoint=endpoint.id, kind=received.event, why=why)
    return "ignored", {"why": why}


def _read(tool: Tool, headers: Headers, body: bytes) -> Received:
    try:
        return tool.read(headers, read_object(body), body)
    except MalformedError as error:
        if body.startswith(b"payload="):
            cause = "choose the content type application/json"
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, cause, "malformed") from None
        raise _RefusedError(HTTPStatus.BAD_REQUEST, str(error), "malformed") from None


async def _whole_body(request: Request, most: int) -> bytes:
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise _too_large()
            chunks.append(chunk)
    except ClientDisconnect:
        cause = "the body ended too early"
        raise _RefusedError(HTTPStatus.BAD_REQUEST, cause, "refused") from None
    return b"".join(chunks)


def _too_large() -> _RefusedError:
    return _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large", "refused")
