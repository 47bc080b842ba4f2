"""Brings payloads to an app, over HTTP or its socket, and waits for the acknowledgement."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.errors import DeliveryFailedError
from bot.sandbox.model import Json
from bot.sandbox.seed import App
from bot.sandbox.socket_mode import Sockets
from bot.sandbox.traffic import Traffic

MOST_REDIRECTS = 2
ENVELOPES = {"event": "events_api", "command": "slash_commands"}
"""Everything else is `interactive`."""


@dataclass(frozen=True, slots=True)
class Retry:
    number: int
    reason: str


def signature(secret: str, timestamp: str, body: bytes) -> str:
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Delivery:
    def __init__(self, sockets: Sockets, traffic: Traffic, *, ack_seconds: float) -> None:
        self._sockets = sockets
        self._traffic = traffic
        self._ack_seconds = ack_seconds
        self._session: aiohttp.ClientSession | None = None

    @staticmethod
    def reaches(app: App) -> bool:
        """Whether the app has said where its deliveries go."""
        return app.socket_mode or app.request_url is not None

    async def send(
        self, app: App, kind: str, name: str, payload: Json, *, retry: Retry | None = None
    ) -> Any:
        """Return what the app answered: a dict, a text, or None.

        Raises:
            DeliveryFailedError: No acknowledgement in time, or not a good one.
        """
        start = time.monotonic()
        answer, error, status = None, None, None
        try:
            if app.socket_mode:
                answer = await self._over_socket(app, kind, payload, retry)
            else:
                status, answer = await self._over_http(app, kind, payload, retry)
        except DeliveryFailedError as failure:
            error = failure.reason
            raise
        finally:
            self._traffic.add(
                "out",
                kind,
                name,
                status=status,
                seconds=time.monotonic() - start,
                error=error,
                request=payload,
                response=answer,
            )
        return answer

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _over_socket(self, app: App, kind: str, payload: Json, retry: Retry | None) -> Any:
        envelope: Json = {
            "type": ENVELOPES.get(kind, "interactive"),
            "accepts_response_payload": kind != "event",
            "payload": payload,
        }
        if kind == "event":
            envelope["retry_attempt"] = retry.number if retry else 0
            envelope["retry_reason"] = retry.reason if retry else ""
        return await self._sockets.deliver(app.app_id, envelope, seconds=self._ack_seconds)

    async def _over_http(
        self, app: App, kind: str, payload: Json, retry: Retry | None
    ) -> tuple[int, Any]:
        if app.request_url is None:
            raise DeliveryFailedError("connection_failed")
        body, headers = _encoded(kind, payload)
        timestamp = str(int(time.time()))
        headers["X-Slack-Request-Timestamp"] = timestamp
        headers["X-Slack-Signature"] = signature(app.signing_secret, timestamp, body)
        if retry is not None:
            headers["X-Slack-Retry-Num"] = str(retry.number)
            headers["X-Slack-Retry-Reason"] = retry.reason
        try:
            return await self._post(app.request_url, body, headers)
        except TimeoutError:
            raise DeliveryFailedError("http_timeout") from None
        except aiohttp.TooManyRedirects:
            raise DeliveryFailedError("too_many_redirects") from None
        except aiohttp.ClientSSLError:
            raise DeliveryFailedError("ssl_error") from None
        except aiohttp.ClientError:
            raise DeliveryFailedError("connection_failed") from None

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self._ack_seconds)
        async with self._session.post(
            url, data=body, headers=headers, timeout=limit, max_redirects=MOST_REDIRECTS
        ) as response:
            text = await response.text(errors="replace")
            if not response.ok:
                once = response.headers.get("x-slack-no-retry") == "1"
                raise DeliveryFailedError("http_error", retry=not once)
            return response.status, _parsed(text)


def _encoded(kind: str, payload: Json) -> tuple[bytes, dict[str, str]]:
    headers = {
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    if kind == "event":
        headers["Content-Type"] = "application/json"
        return json.dumps(payload).encode(), headers
    fields = payload if kind == "command" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), headers


def _parsed(text: str) -> Any:
    """An answer is JSON, or a text that is shown as it is."""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
