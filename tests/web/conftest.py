from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from bot.web.app import create_app
from bot.web.health import Check
from tests.web.slack_requests import SECRET


class SlackSide:
    """Stands for what answers Slack's requests: keeps what got through to it."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.error: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        assert message["more_body"] is False
        self.payloads.append(scope["slack.payload"])
        if self.error is not None:
            raise self.error
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message["body"][:0]})


@pytest.fixture
def slack() -> SlackSide:
    return SlackSide()


@pytest.fixture
def checks() -> list[Check]:
    return [Check(name="database", is_well=True)]


@pytest.fixture
async def client(slack: SlackSide, checks: list[Check]) -> AsyncIterator[httpx.AsyncClient]:
    async def readiness() -> list[Check]:
        return checks

    app = create_app(readiness=readiness, slack=slack, signing_secrets=(SECRET, "the old one"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bot"
    ) as opened:
        yield opened
