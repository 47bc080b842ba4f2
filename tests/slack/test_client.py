"""What the client makes of an answer that is not Slack's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

from bot.domain.errors import RetryableError
from bot.slack.client import SlackClient
from bot.slack.errors import Sort, sort_of
from bot.slack.installation import identify
from bot.slack.probe import probe

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
STRANGE = [
    ("Service up", "text/plain"),
    ("", "text/plain"),
    ("<html>Sign in</html>", "text/html"),
    ('["ok"]', "application/json"),
    ('"ok"', "application/json"),
    ("200", "application/json"),
    ("null", "application/json"),
    ('{"ok": tr', "application/json"),
]


@asynccontextmanager
async def answering(body: bytes, content_type: str) -> AsyncIterator[str]:
    """A server that says the same to everything; its address."""

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=content_type)

    app = web.Application()
    app.router.add_route("*", "/api/{method}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(("body", "content_type"), STRANGE)
async def test_an_answer_that_is_not_slacks_leaves_the_outcome_open(
    body: str, content_type: str
) -> None:
    async with answering(body.encode(), content_type) as url:
        with pytest.raises(SlackApiError) as raised:
            await SlackClient(base_url=url).api_call("chat.postMessage")

    assert sort_of(raised.value) is Sort.AMBIGUOUS


async def test_an_answer_that_is_no_text_leaves_the_outcome_open() -> None:
    async with answering(b"\xff\xfe{}", "application/json") as url:
        with pytest.raises(aiohttp.ClientError):
            await SlackClient(base_url=url).api_call("chat.postMessage")


async def _identify(url: str) -> object:
    return await identify("xoxb-1", base_url=url, now=NOW)


async def _probe(url: str) -> object:
    return await probe("xoxb-1", base_url=url)


@pytest.mark.parametrize("ask", [_identify, _probe])
@pytest.mark.parametrize(("body", "content_type"), STRANGE)
async def test_who_asks_slack_for_itself_tries_again_after_such_an_answer(
    ask: Callable[[str], Awaitable[object]], body: str, content_type: str
) -> None:
    async with answering(body.encode(), content_type) as url:
        with pytest.raises(RetryableError):
            await ask(url)
