"""True samples from outside, bodies of ours, and an endpoint that is asked over ASGI."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx
import pytest
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.routing import Route

from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.setback_update import SetbackUpdate
from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.domain.workspace import Workspace
from bot.usecases.webhook import OpenedEndpoint, add_endpoint, rotate_secret
from bot.usecases.workspace import remember_workspace
from bot.web.webhooks.endpoint import TOOLS, Webhooks
from bot.web.webhooks.payload import read_object
from bot.web.webhooks.tool import Received
from tests.usecases.team import BO, CHANNEL, WORKSPACE

P = ParamSpec("P")
R = TypeVar("R")

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SVIX_SECRET = "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"
_VARIABLE = "STILLTRUE_SLACK_SAMPLES"


def sample(name: str) -> bytes:
    """Return a true sample; the test is skipped where they are not at hand."""
    folder = os.environ.get(_VARIABLE)  # noqa: TID251 - tests alone know where samples are
    if folder is None:
        pytest.skip(f"{_VARIABLE} is not set: the true samples are not part of this repository")
    return (Path(folder) / "webhooks" / name).read_bytes()


def read(source: WebhookSource, body: bytes, headers: Mapping[str, str] | None = None) -> Received:
    lowered = {name.lower().encode(): value.encode() for name, value in (headers or {}).items()}
    return TOOLS[source].read(lowered, read_object(body), body)


def only(received: Received) -> SetbackUpdate:
    (update,) = received.updates
    return update


def our_sample(source: WebhookSource) -> dict[str, Any]:
    """Return the body of ours that `stilltrue webhook test` sends."""
    body: dict[str, Any] = json.loads(TOOLS[source].sample)
    return body


def open_endpoint(
    tx: Connection, source: WebhookSource, workspace: WorkspaceId = WORKSPACE
) -> OpenedEndpoint:
    """Make an endpoint in an installed workspace, with a secret that both sides know."""
    installed = Workspace(id=workspace, name="Team", bot_user=BO, bot_id="B0BOT", installed_at=NOW)
    remember_workspace(tx, installed)
    channel = ChannelId(CHANNEL)
    opened = add_endpoint(tx, workspace, source, channel=channel, project=None, now=NOW)
    if opened.secret is not None:
        return opened
    id_ = opened.endpoint.id
    changed = rotate_secret(tx, workspace, id_, secret=SVIX_SECRET, now=NOW)
    return OpenedEndpoint(endpoint=changed.endpoint, secret=SVIX_SECRET)


class Direct:
    """The database port over one transaction: what a unit raises is rolled back alone."""

    def __init__(self, tx: Connection) -> None:
        self.tx = tx

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        with self.tx.begin_nested():
            return unit(self.tx, *args, **kwargs)

    async def read(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        return unit(self.tx, *args, **kwargs)

    async def close(self) -> None:
        return None


class Noon:
    def now(self) -> datetime:
        return NOW


@dataclass(kw_only=True)
class Door:
    """One endpoint, asked as the tool does; a fault of ours reaches the test as it is."""

    tx: Connection
    source: WebhookSource
    now: float = NOW.timestamp()
    endpoint: WebhookEndpoint = field(init=False)
    secret: str = field(init=False)

    def __post_init__(self) -> None:
        opened = open_endpoint(self.tx, self.source)
        assert opened.secret is not None
        self.endpoint, self.secret = opened.endpoint, opened.secret

    async def send(
        self,
        body: bytes | Mapping[str, Any],
        *,
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        db: Direct | None = None,
    ) -> httpx.Response:
        """Send it signed; `headers` replace."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = dict(TOOLS[self.source].signed(self.secret, raw, self.now))
        given = {"content-type": "application/json"} | signed | dict(headers or {})
        webhooks = Webhooks(db or Direct(self.tx), Noon(), now=lambda: self.now)
        app = Starlette(routes=[Route("/webhooks/{source}/{address}", webhooks)])
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            where = path or self.endpoint.path
            return await client.request(method, where, content=raw, headers=given)
