"""What the ack is measured against: Bolt as its documentation starts it, a handler that only acks.

Run as `python -m tests.figures.bare_bolt PORT`; the rest comes from the environment.
"""

import os
import sys
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def _ack(ack: AsyncAck, command: dict[str, Any]) -> None:
    await ack()


def build() -> Starlette:
    """Default settings; only Slack's address differs, since no machine of a test reaches Slack."""
    client = AsyncWebClient(
        token=os.environ["SLACK_BOT_TOKEN"],  # noqa: TID251 - a process of its own
        base_url=os.environ["SLACK_API_URL"],  # noqa: TID251
    )
    app = AsyncApp(
        client=client,
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],  # noqa: TID251
    )
    app.command("/assume")(_ack)
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    async def healthz(_request: Request) -> Response:
        return Response("ok")

    return Starlette(
        routes=[Route("/slack/events", events, methods=["POST"]), Route("/healthz", healthz)]
    )


if __name__ == "__main__":
    uvicorn.run(build(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
