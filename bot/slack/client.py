"""The SDK's client, which repeats nothing by itself and takes any answer for what it is."""

from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient


class SlackClient(AsyncWebClient):
    """Fails as the SDK promises also where something on the way answers in Slack's place.

    A post that was sent twice shows twice, so there are no retry handlers.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token: str | None = None,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        super().__init__(token=token, base_url=base_url, session=session, retry_handlers=[])

    async def _request(
        self, *, http_verb: str, api_url: str, req_args: dict[str, Any]
    ) -> dict[str, Any]:
        """Read text, a list or a number as no answer: the SDK would ask it for its `ok`."""
        try:
            answer = await super()._request(http_verb=http_verb, api_url=api_url, req_args=req_args)
        except UnicodeDecodeError as error:
            raise aiohttp.ClientPayloadError("The answer is no text.") from error
        return answer if isinstance(answer["data"], dict) else {**answer, "data": {}}
