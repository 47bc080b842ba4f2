"""Socket Mode: the SDK's client, with a check at the start, a watchdog and an end that waits."""

import asyncio
import logging
import time

import aiohttp
import structlog
from prometheus_client import Histogram
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.domain.errors import FatalError
from bot.slack.client import SlackClient
from bot.slack.errors import Sort, code_of, sort_of

log = structlog.get_logger()

_ack = Histogram("stilltrue_socket_ack_seconds", "From a delivery by socket to our answer.")

_FIRST_SECONDS = 8.0  # how long a start waits for Slack
_PING_SECONDS = 5.0  # a connection that was cut is noticed at the next one
_WATCH_SECONDS = 15.0
_DEAD_LOOKS = 3  # looks in a row without a connection, after which the client is made anew
_LAST_SECONDS = 3.0  # for envelopes under way at the end: Slack waits no longer either


class SocketMode:
    """One connection to Slack. The SDK mends most breaks; a client that stays dead is replaced."""

    def __init__(self, bolt: AsyncApp, *, app_token: str, base_url: str) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._web = SlackClient(base_url=base_url)
        self._client: SocketModeClient | None = None
        self._handling: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._is_closing = False
        self._delivered_at = 0.0  # Unix seconds
        self.refusal = ""  # why Slack refuses the token, found out after the start

    async def start(self) -> None:
        """Connect, or go on trying in the background where Slack does not answer.

        Raises:
            FatalError: Slack refuses the token.
        """
        url = await self._first_url()
        self._connect(url)
        self._watching = asyncio.create_task(self._watch())
        if url is not None:
            await self._until_connected()

    async def close(self) -> None:
        """Answer what was taken, then leave."""
        self._is_closing = True
        if self._watching is not None:
            self._watching.cancel()
        if self._handling:
            await asyncio.wait(self._handling, timeout=_LAST_SECONDS)
        await self._drop_client()

    @property
    def silent_for(self) -> float | None:
        """Seconds since Slack was last heard, by an answered ping or a delivery; None: not yet."""
        ages = [age for age in (self.ping_age, self.envelope_age) if age is not None]
        return min(ages, default=None)

    @property
    def ping_age(self) -> float | None:
        """Seconds since Slack answered a ping; None: this connection's none yet."""
        pinged = self._client.last_ping_pong_time if self._client is not None else None
        return time.time() - pinged if pinged else None

    @property
    def envelope_age(self) -> float | None:
        """Seconds since Slack delivered something; None: not yet."""
        return time.time() - self._delivered_at if self._delivered_at else None

    @property
    def is_alive(self) -> bool:
        """Whether a connection is open and has answered a ping of late."""
        client = self._client
        if client is None or client.stale or client.current_session is None:
            return False
        if client.current_session.closed:
            return False
        answered_at = client.last_ping_pong_time
        return answered_at is None or time.time() - answered_at < 4 * _PING_SECONDS

    async def _first_url(self) -> str | None:
        try:
            async with asyncio.timeout(_FIRST_SECONDS):
                answer = await self._web.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            if sort_of(error) in {Sort.OPERATOR, Sort.GONE, Sort.OURS}:
                raise FatalError(
                    f"SLACK_APP_TOKEN is refused by Slack ({code_of(error)}). Copy an app-level "
                    "token with connections:write, which begins with xapp-, from your app's page "
                    "“Basic Information”, and turn Socket Mode on."
                ) from error
            log.warning("socket.unreachable", cause=code_of(error))
            return None
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("socket.unreachable", cause=type(error).__name__)
            return None
        return str(answer["url"])

    def _connect(self, url: str | None) -> None:
        client = SocketModeClient(
            app_token=self._app_token,
            logger=logging.getLogger("slack_sdk.stilltrue"),
            web_client=self._web,
            ping_interval=_PING_SECONDS,
        )
        client.wss_uri = url
        client.socket_mode_request_listeners.append(self._handle)
        self._client = client
        self._connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]

    async def _until_connected(self) -> None:
        await asyncio.wait([self._connecting], timeout=_FIRST_SECONDS)

    async def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        self._connecting.cancel()
        await client.close()  # type: ignore[no-untyped-call]

    async def _watch(self) -> None:
        """Replace a client that stays dead: such a process looks alive and hears nothing."""
        dead_looks = 0
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            dead_looks = 0 if self.is_alive else dead_looks + 1
            if dead_looks >= _DEAD_LOOKS:
                log.warning("socket.replaced", seconds=dead_looks * _WATCH_SECONDS)
                dead_looks = 0
                await self._replace()

    async def _replace(self) -> None:
        """Make the client anew; where Slack refuses the token, say so, and ask again later.

        While Slack is away at a start, nobody can say whether it takes the token.
        """
        await self._drop_client()
        try:
            url = await self._first_url()
        except FatalError as error:
            self.refusal = str(error)
            log.error("socket.refused", cause=self.refusal)  # noqa: TRY400 - it says all
            return
        self.refusal = ""
        self._connect(url)

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.current_task()
        if self._is_closing or task is None:
            return  # not acknowledged: Slack gives it to another connection, or again later
        self._handling.add(task)
        self._delivered_at = time.time()
        try:
            with _ack.time():
                response = await run_async_bolt_app(self._bolt, request)
            await send_async_response(client, request, response, time.time())
        finally:
            self._handling.discard(task)
