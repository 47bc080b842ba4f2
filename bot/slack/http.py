"""Requests that came by HTTP, as a plain ASGI callable; the front door has verified and read them.

Bolt's own adapter reads the body again, and takes a command whose text holds the word "payload"
for an empty one.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

log = structlog.get_logger()

PAYLOAD = "slack.payload"  # what the front door read from the body, in the scope

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_RETRY_HEADERS = (b"x-slack-retry-num", b"x-slack-retry-reason")


class HttpRequests:
    """Hands each payload to Bolt, and Bolt's answer back."""

    def __init__(self, bolt: AsyncApp) -> None:
        self._bolt = bolt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _request(scope)
        if request is None:
            await _answer(send, BoltResponse(status=400, body="the payload has another shape"))
            return
        await _answer(send, await self._bolt.async_dispatch(request))


def _request(scope: Scope) -> AsyncBoltRequest | None:
    headers: dict[str, str | Any] = {
        name.decode(): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _RETRY_HEADERS
    }
    try:
        # "socket_mode" is Bolt's name for a body that was read already.
        return AsyncBoltRequest(mode="socket_mode", body=dict(scope[PAYLOAD]), headers=headers)
    except (AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
        # Only what is read from the payload on the way in; nothing of ours has run yet.
        log.warning("request.malformed", cause=type(error).__name__)
        return None


async def _answer(send: Send, response: BoltResponse) -> None:
    body = str(response.body or "").encode()
    headers = [
        (name.lower().encode(), str(value).encode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
    if not body:
        headers = [header for header in headers if header[0] != b"content-type"]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
