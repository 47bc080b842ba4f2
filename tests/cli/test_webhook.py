"""The commands `webhook` and `service`, as somebody types them."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.errors import NotFoundError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.webhook import WebhookSource
from bot.domain.workspace import Workspace
from bot.scheduling.clock import MovableClock
from bot.store import schema
from bot.store.database import open_database
from bot.usecases.workspace import remember_workspace
from bot.web.app import create_app
from bot.web.health import Check
from bot.web.server import serving
from bot.web.webhooks.endpoint import Webhooks

SECRET = "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def url(clean_environment: Path) -> str:
    """A database of its own, in which the bot is installed in two workspaces."""
    address = f"sqlite:///{clean_environment / 'a.db'}"
    schema.upgrade(address)
    asyncio.run(_install(address, "T0HERE"))
    return address


async def _install(url: str, *ids: str) -> None:
    database = open_database(url)
    for id_ in ids:
        installed = Workspace(
            id=WorkspaceId(id_),
            name=id_,
            bot_user=UserId("U0BOT"),
            bot_id="B0BOT",
            installed_at=datetime(2026, 3, 2, tzinfo=UTC),
        )
        await database.write(remember_workspace, installed)
    await database.close()


@pytest.fixture
def run(url: str) -> Command:
    def run_(*arguments: str) -> tuple[int, str]:
        environment = {"DATABASE_URL": url, "STILLTRUE_LOG_LEVEL": "error"}
        result = CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False)
        return result.exit_code, result.output

    return run_


def id_of(text: str) -> str:
    found = re.search(r"Webhook (\w{8}) for", text)
    assert found is not None
    return found[1]


def test_an_added_webhook_is_listed_shown_and_removed_and_its_secret_is_shown_once(
    run: Command,
) -> None:
    code, added = run(
        "webhook", "add", "github", "--channel", "C0HOME", "--url", "https://bot.example"
    )
    assert code == 0
    found = re.search(r"Secret: (\S+)", added)
    assert found is not None

    _, listed = run("webhook", "list")
    _, shown = run("webhook", "show", id_of(added))
    run("webhook", "remove", id_of(added))

    assert "https://bot.example/webhooks/github/T0HERE-" in added
    assert id_of(added) in listed
    assert "not heard yet" in listed
    assert "/webhooks/" not in listed
    assert "/webhooks/github/T0HERE-" in shown
    assert found[1] not in listed + shown
    assert "none yet" in run("webhook", "list")[1]


def test_a_secret_is_changed_and_the_first_one_is_brought_from_the_tool(run: Command) -> None:
    _, added = run("webhook", "add", "pagerduty", "--channel", "C0HOME")
    assert f"webhook rotate {id_of(added)} --secret -" in added
    assert "no secret yet" in run("webhook", "list")[1]

    code, brought = run("webhook", "rotate", id_of(added), "--secret", SECRET)

    assert code == 0
    assert SECRET not in brought
    assert "no secret yet" not in run("webhook", "list")[1]


@pytest.mark.parametrize("channel", ["#apollo", "apollo", "c0home", "D0PERSON", ""])
def test_a_channel_is_named_by_its_id(run: Command, channel: str) -> None:
    code, text = run("webhook", "add", "github", "--channel", channel)

    assert code == 2
    assert "--channel" in text


def test_an_unknown_webhook_and_an_unknown_workspace_are_said(run: Command) -> None:
    with pytest.raises(NotFoundError, match="I know no webhook nope here"):
        run("webhook", "show", "nope")

    code, text = run("webhook", "list", "--workspace", "T0OTHER")
    assert code == 2
    assert "T0HERE" in text


def test_of_two_workspaces_one_has_to_be_named(run: Command, url: str) -> None:
    asyncio.run(_install(url, "T0OTHER"))

    assert run("webhook", "list")[0] == 2
    assert run("webhook", "list", "--workspace", "T0OTHER")[0] == 0


async def _ready() -> list[Check]:
    return []


@pytest.mark.parametrize("source", WebhookSource)
async def test_a_webhook_is_tested_against_the_running_bot(
    clean_environment: Path, source: WebhookSource
) -> None:
    url = f"sqlite:///{clean_environment / 'a.db'}"

    def run(*arguments: str) -> tuple[int, str]:
        environment = {"DATABASE_URL": url, "STILLTRUE_LOG_LEVEL": "error"}
        result = CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False)
        return result.exit_code, result.output

    await asyncio.to_thread(schema.upgrade, url)
    await _install(url, "T0HERE")
    _, added = await asyncio.to_thread(run, "webhook", "add", source, "--channel", "C0HOME")
    database = open_database(url)
    web = create_app(readiness=_ready, slack=None, webhooks=Webhooks(database, MovableClock()))

    async with serving(web, host="127.0.0.1", port=0, variable="PORT") as port:
        test = ("webhook", "test", id_of(added), "--url", f"http://127.0.0.1:{port}")
        code, text = await asyncio.to_thread(run, *test)
    await database.close()

    assert (code, text.partition(":")[0]) == (0, "It works")
    _, listed = await asyncio.to_thread(run, "webhook", "list")
    assert "heard 20" in listed
    assert ("no secret yet" in listed) == source.makes_secret  # what was lent is taken back


def test_a_test_of_nobody_says_so(run: Command) -> None:
    _, added = run("webhook", "add", "generic", "--channel", "C0HOME")

    code, text = run("webhook", "test", id_of(added), "--url", "http://127.0.0.1:9")

    assert code == 1
    assert "Is the bot running there?" in text


def test_services_are_imported_listed_and_removed(run: Command, clean_environment: Path) -> None:
    file = clean_environment / "services.csv"
    file.write_text("name,owner,runbook\ncheckout,U0ANA,https://runbooks.example/c\n", "utf-8")

    assert "1 would be added" in run("service", "import", str(file), "--dry-run")[1]
    assert "none yet" in run("service", "list")[1]
    assert run("service", "import", str(file))[0] == 0
    assert "https://runbooks.example/c" in run("service", "list")[1]
    run("service", "remove", "checkout")
    assert "none yet" in run("service", "list")[1]


def test_what_cannot_be_imported_is_said_and_ends_with_one(
    run: Command, clean_environment: Path
) -> None:
    file = clean_environment / "services.csv"
    file.write_text("name,runbook\ncheckout,nowhere\nsearch,\n", "utf-8")

    code, text = run("service", "import", str(file))

    assert code == 1
    assert "Line 2:" in text
    assert "search" in run("service", "list")[1]
