"""The front door for Slack: size, signature and shape are checked before Bolt sees a request."""

import asyncio
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus

import structlog
from prometheus_client import Histogram
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.signature import SignatureCheck, Verdict
from bot.web.slack_payload import MalformedError, read_payload

log = structlog.get_logger()

_ack = Histogram(
    "stilltrue_ack_seconds",
    "From a genuine request of Slack to our answer, for which it waits 3 s.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)

BODY_MAX = 1_000_000  # bytes; the largest payloads of Slack are a tenth of it
BODY_SECONDS = 3.0  # Slack itself waits no longer for the whole answer
PAYLOAD = "slack.payload"  # where the scope holds what was read from the body


class SlackEvents:
    """Lets genuine, well-formed requests through to `slack`, with what was read in the scope.

    Whatever else comes gets a 4xx: a 5xx would make the sender try it again.
    """

    def __init__(
        self,
        slack: ASGIApp,
        *,
        signing_secrets: Sequence[str],
        now: Callable[[], float] = time.time,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._slack = slack
        self._check = SignatureCheck(signing_secrets)
        self._now = now
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _answer_other_method(scope)(scope, receive, send)
            return
        headers = dict(scope["headers"])
        body = await self._read(headers, receive)
        if isinstance(body, Response):
            await body(scope, receive, send)
            return
        verdict = self._check(
            headers.get(b"x-slack-request-timestamp", b""),
            headers.get(b"x-slack-signature", b""),
            body,
            now=self._now(),
        )
        if verdict is not Verdict.GENUINE:
            await _refuse_unproven(verdict, body)(scope, receive, send)
            return
        try:
            payload = read_payload(headers.get(b"content-type", b""), body)
        except MalformedError as error:
            await _refused(HTTPStatus.BAD_REQUEST, str(error))(scope, receive, send)
            return
        if payload.get("type") == "url_verification":
            await PlainTextResponse(str(payload.get("challenge", "")))(scope, receive, send)
            return
        with _ack.time():
            await self._slack({**scope, PAYLOAD: payload}, _replay(body, receive), send)

    async def _read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes | Response:
        """Return the whole body, or the refusal of one that is too large or too slow."""
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit() or len(announced) > len(str(BODY_MAX)) + 1:
            return _too_large()
        if int(announced) > BODY_MAX:
            return _too_large()
        try:
            async with asyncio.timeout(self._body_seconds):
                return await _whole_body(receive)
        except TimeoutError:
            return _refused(HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly")


async def _whole_body(receive: Receive) -> bytes | Response:
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return _refused(HTTPStatus.BAD_REQUEST, "the body ended too early")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_MAX:
            return _too_large()
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read already, then whatever comes after it."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _answer_other_method(scope: Scope) -> Response:
    if scope["method"] in {"GET", "HEAD"} and b"ssl_check=1" in scope["query_string"]:
        return Response()
    response = _refused(HTTPStatus.METHOD_NOT_ALLOWED, "Slack's requests come by POST")
    response.headers["allow"] = "POST"
    return response


def _refuse_unproven(verdict: Verdict, body: bytes) -> Response:
    # Slack checks the certificate by a request that it does not sign; nothing follows from it.
    if verdict is Verdict.UNSIGNED and body.startswith(b"ssl_check=1"):
        return Response()
    log.warning("request.refused", cause=f"the signature is {verdict.value}", bytes=len(body))
    return _refused(HTTPStatus.UNAUTHORIZED, f"the request is {verdict.value}")


def _too_large() -> Response:
    response = _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
    response.headers["connection"] = "close"  # the rest of it is not read
    return response


def _refused(status: HTTPStatus, cause: str) -> Response:
    return JSONResponse({"error": cause}, status_code=status)
