"""Socket Mode: Slack's deliveries over a websocket that we open."""

import logging

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import FatalError
from bot.slack.errors import Sort, code_of, sort_of, translated

log = structlog.get_logger()


class Socket:
    """One connection to Slack; the SDK opens it anew whenever it ends."""

    def __init__(self, bolt: AsyncApp, *, app_token: str, client: AsyncWebClient) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._client = client
        self._handler: AsyncSocketModeHandler | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the connection is open and Slack answers its pings."""
        client = self._handler.client if self._handler is not None else None
        session = client.current_session if client is not None else None
        if client is None or session is None or client.closed or client.stale:
            return False
        return not session.closed

    async def open(self) -> None:
        """Connect and begin to take deliveries.

        Raises:
            FatalError: Slack refuses the token. The SDK itself would try it again for ever.
            RetryableError: Slack did not answer.
        """
        url = await self._first_address()
        self._handler = AsyncSocketModeHandler(
            self._bolt,
            app_token=self._app_token,
            web_client=self._client,
            logger=logging.getLogger("slack_sdk.socket_mode"),
        )
        self._handler.client.wss_uri = url
        await self._handler.connect_async()  # type: ignore[no-untyped-call]
        log.info("socket.opened")

    async def _first_address(self) -> str:
        """Ask for the address ourselves, so that a wrong token stops the start."""
        try:
            answer = await self._client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            if sort_of(error) in {Sort.OPERATOR, Sort.GONE, Sort.OURS}:
                raise FatalError(
                    f"SLACK_APP_TOKEN is refused by Slack ({code_of(error)}). Create an app-level "
                    "token with the scope connections:write on your app's page “Basic "
                    "Information”; it begins with xapp-."
                ) from error
            raise translated(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error
        return str(answer["url"])

    async def close(self) -> None:
        if self._handler is not None:
            handler, self._handler = self._handler, None
            await handler.close_async()  # type: ignore[no-untyped-call]
            log.info("socket.closed")
