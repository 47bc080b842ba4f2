"""Trying an endpoint: a signed sample from here to it, by the way that the tool would take."""

import time
from collections.abc import Callable
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from bot.domain.webhook import WebhookEndpoint
from bot.web.webhooks.endpoint import TOOLS, TRY_HEADER


def post_sample(where: str, endpoint: WebhookEndpoint, secret: str) -> tuple[int, str]:
    """Send the sample to `where`, http or https; return the status and what it says.

    0 where nobody answers. It blocks, for 10 s at most.
    """
    tool = TOOLS[endpoint.source]
    signed = tool.signed(secret, tool.sample, time.time())
    headers = {"Content-Type": "application/json", TRY_HEADER: "1", **signed}
    request = Request(where + endpoint.path, data=tool.sample, headers=headers)  # noqa: S310 - the operator's
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
            return answer.status, answer.read(1000).decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            return error.code, error.read(1000).decode("utf-8", "replace")
    except (URLError, OSError) as error:
        return 0, f"nobody ({getattr(error, 'reason', error)}). Is the bot running there?"


class Trial:
    """Sends samples to this very process, by its public address where it has one."""

    def __init__(
        self, public_url: str | None, *, shows_own_port: bool, port: Callable[[], int]
    ) -> None:
        """`shows_own_port`: without a public address others reach it on this machine."""
        self._public_url = public_url
        self._shows_own_port = shows_own_port
        self._port = port

    @property
    def address(self) -> str:
        return self.reached_at if self._public_url or self._shows_own_port else ""

    @property
    def reached_at(self) -> str:
        return (self._public_url or f"http://127.0.0.1:{self._port()}").rstrip("/")

    def send(self, endpoint: WebhookEndpoint, secret: str) -> tuple[int, str]:
        return post_sample(self.reached_at, endpoint, secret)
