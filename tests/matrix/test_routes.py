"""Every HTTP route, asked by somebody from nowhere: it tells nothing and changes nothing."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from bot.slack.http import HttpRequests
from bot.web.app import create_app
from bot.web.health import Check
from bot.web.install import InstallPages
from bot.web.webhooks.endpoint import Webhooks
from tests.engines import copy_sqlite
from tests.matrix.world import FOREIGN, PRIVATE, Clock, World, world_at

# Where each path leads as somebody types it who knows what is there, and who does not.
ASKED = {
    "/": ("/", "/"),
    "/slack/events": ("/slack/events", "/slack/events"),
    "/healthz": ("/healthz", "/healthz"),
    "/readyz": ("/readyz", "/readyz"),
    "/metrics": ("/metrics", "/metrics"),
    "/webhooks/{source}/{address}": ("/webhooks/generic/{hook}", "/webhooks/generic/no-such-hook"),
    "/slack/install": ("/slack/install?team=T1", "/slack/install?team=T404"),
    "/slack/oauth_redirect": (
        "/slack/oauth_redirect?state=T1&code=1",
        "/slack/oauth_redirect?state=T404&code=1",
    ),
}


class NoInstaller:
    """*Add to Slack* that sends people to an address and takes nobody back."""

    def address(self, state: str) -> str:
        return f"https://slack.com/oauth?state={state}"

    async def finish(self, *_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("nobody came back with a state of ours")


async def _ready() -> list[Check]:
    return [Check(name="database", is_well=True)]


def _app(world: World) -> Any:
    return create_app(
        readiness=_ready,
        slack=HttpRequests(world.app.bolt),
        signing_secrets=("a secret",),
        webhooks=Webhooks(world.db, Clock()),
        install=InstallPages(NoInstaller(), world.db, is_secure=True),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_route_tells_or_changes_anything(
    method: str, sqlite_template: Path, tmp_path: Path
) -> None:
    copy_sqlite(sqlite_template, tmp_path / "world.db")
    async with world_at(tmp_path / "world.db") as world:
        app = _app(world)
        paths = [route.path for route in app.routes if isinstance(route, Route)]
        before = _kept(await world.rows())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://bot"
        ) as client:
            for path in paths:
                hook = world.ids["PRIVATE"].hook
                named, missing = (one.format(hook=hook) for one in ASKED[path])
                known = await client.request(method, named, content=b"{}")
                unknown = await client.request(method, missing, content=b"{}")
                assert PRIVATE.canary not in known.text
                assert FOREIGN.canary not in known.text
                assert known.status_code == unknown.status_code

        assert _kept(await world.rows()) == before
        assert sorted(paths) == sorted(ASKED)


def _kept(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """All but the states of installs that somebody began: those are theirs."""
    return {name: found for name, found in rows.items() if name != "oauth_state"}
