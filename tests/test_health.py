"""What a process says of itself while its database or Slack is away."""

import asyncio
from dataclasses import replace
from math import isnan
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot import health as health_module
from bot.domain.errors import RetryableError
from bot.health import Health
from bot.scheduling.clock import MovableClock
from bot.slack import socket_mode
from bot.slack.socket_mode import SocketMode
from tests.chaos.poll import PATIENCE, until


class Away:
    """A database that does not answer."""

    async def read(self, *_: object, **__: object) -> Any:
        raise RetryableError("The database does not answer.")

    write = read


class Well:
    """An installation about which there is nothing to say."""

    problem = ""
    unreadable = 0


def health(socket: SocketMode | None = None) -> Health:
    parts: dict[str, Any] = {"db": Away(), "keeper": Well()}
    return Health(clock=MovableClock(), socket=socket, **parts)


def socket_of() -> SocketMode:
    bolt = AsyncApp(token="xoxb-sample", signing_secret="sample")
    return SocketMode(bolt, app_token="xapp-sample", base_url="http://127.0.0.1:9/api/")


async def test_figures_in_memory_are_there_while_the_database_is_away() -> None:
    await health().measure()

    assert REGISTRY.get_sample_value("stilltrue_database_answers") == 0
    parked = REGISTRY.get_sample_value("stilltrue_parked_messages")
    assert parked is not None
    assert isnan(parked)


class Silent(Away):
    """A database that says nothing at all."""

    async def read(self, *_: object, **__: object) -> Any:
        await asyncio.Event().wait()

    write = read


async def test_a_database_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health_module, "_SOON", 0.01)
    asked = replace(health(), db=cast(Any, Silent()))

    async with asyncio.timeout(PATIENCE):
        await asked.measure()
        checks = await asked.readiness(takes_events=False, works=True)

    assert REGISTRY.get_sample_value("stilltrue_database_answers") == 0
    assert [(c.name, c.is_well) for c in checks if c.name == "database"] == [("database", False)]


async def test_the_last_ping_and_the_last_envelope_are_told_apart() -> None:
    socket = socket_of()
    socket._delivered_at = 1.0

    await health(socket).measure()

    assert REGISTRY.get_sample_value("stilltrue_socket_ping_age_seconds") == -1
    assert (REGISTRY.get_sample_value("stilltrue_socket_envelope_age_seconds") or 0) > 1e9


async def test_a_token_that_is_refused_after_the_start_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket_mode, "_WATCH_SECONDS", 0.001)
    socket = socket_of()

    async def refuse(**_: object) -> None:
        answer = SimpleNamespace(data={"error": "invalid_auth"}, status_code=200, headers={})
        raise SlackApiError("no", answer)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(socket._web, "apps_connections_open", refuse)
    watching = asyncio.create_task(socket._watch())

    async def is_refused() -> bool:
        return bool(socket.refusal)

    await until(is_refused)
    watching.cancel()
    checks = await health(socket).readiness(takes_events=True, works=False)

    [told] = [check for check in checks if check.name == "socket"]
    assert not told.is_well
    assert "SLACK_APP_TOKEN is refused by Slack (invalid_auth)" in told.detail
