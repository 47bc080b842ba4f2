"""A process from its start to its end: whose token it is, whether it is ready, how it stops."""

import asyncio
import re
import signal
import socket
import sys
import zoneinfo
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import HttpUrl, SecretStr
from sqlalchemy import Connection, text

from bot import main
from bot.demo.people import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, TEAM, sample_workspace
from bot.domain.errors import FatalError, RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.workspace import Workspace
from bot.sandbox import Sandbox, serve
from bot.settings import Settings
from bot.slack.names import CommandNames
from bot.store import outbox
from bot.usecases.installation import install
from bot.usecases.workspace import all_workspaces
from tests.engines import copy_sqlite
from tests.haste import PATIENCE
from tests.make import NOON

NOWHERE = "http://127.0.0.1:9/api/"  # nothing listens there


@pytest.fixture
async def slack() -> AsyncIterator[str]:
    sandbox = Sandbox(sample_workspace(CommandNames(), socket=True))
    async with serve(sandbox) as url:
        yield f"{url}/api/"


@pytest.fixture
def file_url(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_sqlite(sqlite_template, tmp_path / "main.db")


def make_settings(url: str, *, slack: str, **fields: Any) -> Settings:
    given: dict[str, Any] = {
        "slack_bot_token": SecretStr(BOT_TOKEN),
        "slack_signing_secret": SecretStr(SIGNING_SECRET),
        "host": "127.0.0.1",
        "port": 0,
        "health_port": 0,
    } | fields
    return Settings(slack_api_url=HttpUrl(slack), database_url=url, **given)


async def ask(bot: main.Bot, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot.port}") as client:
        return await client.get(path)


async def test_a_process_learns_whose_token_it_has_and_is_ready(slack: str, file_url: str) -> None:
    async with main.running(make_settings(file_url, slack=slack)) as bot:
        answer = await ask(bot, "/readyz")

        assert answer.status_code == 200
        assert [workspace.id for workspace in await bot.db.read(all_workspaces)] == [TEAM]


@pytest.mark.parametrize("token", ["xoxb-of-nobody", ""])
async def test_a_token_that_slack_refuses_stops_the_start(
    slack: str, file_url: str, token: str
) -> None:
    settings = make_settings(file_url, slack=slack, slack_bot_token=SecretStr(token))

    with pytest.raises(FatalError, match="SLACK_BOT_TOKEN"):
        async with main.running(settings):
            pass


async def test_an_app_token_that_slack_refuses_stops_the_start(slack: str, file_url: str) -> None:
    settings = make_settings(file_url, slack=slack, slack_app_token=SecretStr("xapp-of-nobody"))

    with pytest.raises(FatalError, match="SLACK_APP_TOKEN"):
        async with main.running(settings):
            pass


async def test_in_socket_mode_the_process_is_ready_once_connected(
    slack: str, file_url: str
) -> None:
    settings = make_settings(file_url, slack=slack, slack_app_token=SecretStr(APP_TOKEN))

    async with main.running(settings) as bot:
        ready, door = await ask(bot, "/readyz"), await ask(bot, "/slack/events")

    assert ready.status_code == 200
    assert re.fullmatch(r"ok|Slack answered a ping \d+ s ago", ready.json()["checks"]["socket"])
    assert door.status_code == 404


def hold_back(tx: Connection) -> None:
    key = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to="C1")
    outbox.want(tx, WorkspaceId("T0BLOCKED"), key, now=datetime(2100, 1, 1, tzinfo=UTC))
    tx.execute(text("UPDATE outbox SET error = 'missing_scope'"))


async def test_a_workspace_for_which_slack_takes_nothing_is_said_and_keeps_nobody_else_waiting(
    slack: str, file_url: str
) -> None:
    settings = make_settings(file_url, slack=slack)
    db = await main.open_checked(settings)
    await db.write(hold_back)
    await db.close()

    async with main.running(settings) as bot:
        answer = await ask(bot, "/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"]["workspaces"].startswith("Slack takes nothing for 1 (missing_sc")


async def test_a_token_that_cannot_be_opened_is_said_and_keeps_nobody_else_waiting(
    slack: str, file_url: str
) -> None:
    settings = make_settings(
        file_url,
        slack=slack,
        slack_bot_token=None,
        slack_client_id="1.1",
        slack_client_secret=SecretStr("sample"),
        encryption_keys=SecretStr(main.make_key()),
    )
    db = await main.open_checked(settings)
    for id_ in ("T0WELL", "T0BROKEN"):
        workspace = Workspace(
            id=WorkspaceId(id_), name=id_, bot_user=UserId("U0B"), bot_id="B0", installed_at=NOON
        )
        new = Installation(workspace=workspace, bot_token="xoxb-1")
        await db.write(install, new, keeps_token=True)
    broken = text("UPDATE installation SET bot_token = 'x' WHERE workspace = 'T0BROKEN'")
    await db.write(lambda tx: tx.execute(broken).rowcount)
    await db.close()

    async with main.running(settings) as bot:
        answer = await ask(bot, "/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"]["tokens"].startswith("1 cannot be opened")


async def test_while_slack_is_away_a_new_process_waits_and_is_not_ready(file_url: str) -> None:
    async with main.running(make_settings(file_url, slack=NOWHERE)) as bot:
        answer = await ask(bot, "/readyz")

        assert answer.status_code == 503
        assert "whose token" in answer.json()["checks"]["slack"]
        assert (await ask(bot, "/healthz")).status_code == 200


async def test_while_slack_is_away_a_known_workspace_is_served_from_memory(
    slack: str, file_url: str
) -> None:
    async with main.running(make_settings(file_url, slack=slack)):
        pass

    async with main.running(make_settings(file_url, slack=NOWHERE)) as bot:
        answer = await ask(bot, "/readyz")

        assert answer.status_code == 200


async def test_a_tick_while_slack_is_away_says_so(file_url: str) -> None:
    with pytest.raises(RetryableError, match="Slack does not answer"):
        await main.tick(make_settings(file_url, slack=NOWHERE))


async def test_a_tick_with_nothing_due_does_nothing(slack: str, file_url: str) -> None:
    assert not await main.tick(make_settings(file_url, slack=slack))


WATCHED = (  # what an operator is promised to see
    "message_dwell_seconds",
    "ack_seconds",
    "socket_ack_seconds",
    "socket_silent_seconds",
    "socket_ping_age_seconds",
    "socket_envelope_age_seconds",
    "database_answers",
    "oldest_due_seconds",
    "oldest_message_seconds",
    "parked_messages",
    "claims_total",
    "messages_total",
    "message_failures_total",
    "slack_asked_to_wait_total",
    "breakers_open",
    "cache_lookups_total",
    "cache_age_seconds",
)


async def test_a_worker_has_no_door_but_figures(slack: str, file_url: str) -> None:
    settings = make_settings(file_url, slack=slack)

    async with main.running(settings, takes_events=False) as bot:
        figures, door = await ask(bot, "/metrics"), await ask(bot, "/slack/events")

    assert [name for name in WATCHED if f"# TYPE stilltrue_{name} " not in figures.text] == []
    assert door.status_code == 404


async def test_a_port_that_is_taken_is_named(slack: str, file_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(FatalError, match=f"Port {port} .* is taken .* Set PORT"):
            async with main.running(make_settings(file_url, slack=slack, port=port)):
                pass


async def test_an_old_schema_stops_the_start_with_its_remedy(slack: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()

    with pytest.raises(FatalError, match="stilltrue db upgrade"):
        async with main.running(make_settings(f"sqlite:///{empty}", slack=slack)):
            pass


async def test_a_database_that_is_no_database_stops_the_start(slack: str, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_text("this is a letter, not a database\n" * 100)

    with pytest.raises(FatalError, match="cannot be opened"):
        async with main.running(make_settings(f"sqlite:///{other}", slack=slack)):
            pass


async def test_a_server_that_is_not_there_is_worth_another_try(slack: str) -> None:
    settings = make_settings("postgresql://u@127.0.0.1:9/d", slack=slack)

    with pytest.raises(RetryableError, match="does not answer"):
        async with main.running(settings):
            pass


@pytest.mark.parametrize(
    ("command", "number"),
    [("run", signal.SIGINT), ("web", signal.SIGTERM), ("worker", signal.SIGTERM)],
)
async def test_a_signal_ends_a_process_cleanly(
    slack: str, file_url: str, command: str, number: signal.Signals
) -> None:
    environment = {
        "SLACK_API_URL": slack,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "DATABASE_URL": file_url,
        "STILLTRUE_HOST": "127.0.0.1",
        "STILLTRUE_HEALTH_PORT": "0",
        "PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", command, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    lines: list[bytes] = []
    async for line in process.stderr:
        lines.append(line)
        if b"process.started" in line:
            process.send_signal(number)

    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 0
    assert b"process.stopped" in lines[-1]
    assert not any(b"Traceback" in line for line in lines)


async def test_time_zones_come_from_the_pinned_package_alone(slack: str, file_url: str) -> None:
    async with main.running(make_settings(file_url, slack=slack)):
        assert zoneinfo.TZPATH == ()
