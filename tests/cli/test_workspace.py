"""The commands `workspace` and `key`, as somebody types them."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.demo.people import TEAM
from bot.demo.year import Size, live_a_year
from bot.domain.errors import FatalError
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.webhook import WebhookSource
from bot.domain.workspace import Workspace
from bot.store.cipher import Cipher, new_key
from bot.store.database import open_database
from bot.usecases.installation import install, note_removal
from bot.usecases.webhook import add_endpoint
from bot.usecases.workspace import remember_workspace
from tests.engines import copy_sqlite
from tests.usecases.team import default_cadence

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
OLD = new_key()
TOKEN = "xoxb-canary"

Command = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a workspace that has a past, and one that took the bot away."""
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    asyncio.run(_fill(copy_sqlite(sqlite_template, path)))
    return path


@pytest.fixture
def file(clean_environment: Path, filled: Path) -> Path:
    path = clean_environment / "a.db"
    copy_sqlite(filled, path)
    return path


async def _fill(url: str) -> None:
    database = open_database(url, cipher=Cipher.from_text(OLD))
    size = Size(weeks=4, assumptions=12, setbacks=3)
    await database.write(live_a_year, now=NOW, cadence=default_cadence(), size=size)
    for id_ in (TEAM, "T0ACME"):
        new = Installation(
            workspace=Workspace(
                id=WorkspaceId(id_),
                name=id_.title(),
                bot_user=UserId("U0BOT"),
                bot_id="B0BOT",
                installed_at=NOW,
            ),
            bot_token=TOKEN,
        )
        await database.write(install, new, keeps_token=True)
        await database.write(remember_workspace, new.workspace)
    left_at = NOW + timedelta(days=1)
    await database.write(note_removal, WorkspaceId("T0ACME"), at=left_at, reason="app_uninstalled")
    channel = ChannelId("C0HOME")
    await database.write(
        add_endpoint,
        WorkspaceId(TEAM),
        WebhookSource.GITHUB,
        channel=channel,
        project=None,
        now=NOW,
    )
    await database.close()


@pytest.fixture
def run(file: Path) -> Command:
    def run_(*arguments: str, keys: str = OLD, typed: str = "") -> tuple[int, str]:
        environment = {
            "DATABASE_URL": f"sqlite:///{file}",
            "STILLTRUE_LOG_LEVEL": "error",
            "STILLTRUE_ENCRYPTION_KEYS": keys,
        }
        result = CliRunner().invoke(
            app, arguments, env=environment, input=typed, catch_exceptions=False
        )
        return result.exit_code, result.output

    return run_


def held(file: Path, word: str) -> bool:
    """Whether the word stands anywhere in the database's files."""
    files = [file.with_name(file.name + suffix) for suffix in ("", "-wal", "-shm")]
    return any(word.lower().encode() in one.read_bytes().lower() for one in files if one.exists())


def test_the_workspaces_are_listed_with_where_the_bot_is(run: Command) -> None:
    code, listed = run("workspace", "list")

    assert code == 0
    assert [line.split()[0] for line in listed.splitlines()] == ["T0ACME", TEAM]
    assert "removed 2026-03-03 10:00 UTC (app_uninstalled)" in listed
    assert "installed 2026-03-02 10:00 UTC" in listed


def test_a_workspace_whose_token_cannot_be_opened_is_said_to_need_a_new_install(
    run: Command, file: Path
) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE installation SET bot_token = bot_token || 'A'")
        database.commit()

    code, told = run("workspace", "list")

    assert code == 0
    assert "needs a new install: its token cannot be opened" in told


def test_an_export_by_id_is_the_export(run: Command, file: Path) -> None:
    run("workspace", "export", TEAM, str(file.parent / "one"))
    run("export", str(file.parent / "other"), "--workspace", TEAM)

    one, other = (
        {path.name: path.read_bytes() for path in (file.parent / name).iterdir()}
        for name in ("one", "other")
    )
    assert one == other
    assert "assumption.jsonl" in one
    assert not any(b"xoxb" in content for content in one.values())


def test_after_an_erasure_nothing_is_left_in_the_file(run: Command, file: Path) -> None:
    assert held(file, TEAM)
    refused = run("workspace", "erase", TEAM, typed="T0ACME\n")
    assert refused[0] == 1

    code, text = run("workspace", "erase", TEAM, typed=f"{TEAM}\n")

    assert code == 0
    assert "Erased" in text
    assert not held(file, TEAM)
    assert run("workspace", "list")[1].startswith("T0ACME")


def test_a_key_is_made_and_takes_the_place_of_an_older_one(run: Command) -> None:
    made = run("key", "new")[1].strip()

    first = run("key", "rotate", keys=f"{made},{OLD}")
    second = run("key", "rotate", keys=f"{made},{OLD}")

    assert "1 tokens, the secrets of 1 webhooks" in first[1]
    assert "0 tokens, the secrets of 0 webhooks" in second[1]
    assert (
        run(
            "webhook",
            "list",
            keys=made,
        )[0]
        == 2
    )  # several workspaces: which one?
    assert "not heard yet" in run("webhook", "list", "--workspace", TEAM, keys=made)[1]
    with pytest.raises(FatalError, match="STILLTRUE_ENCRYPTION_KEYS"):
        run("webhook", "list", "--workspace", TEAM, keys=OLD)


def test_tokens_and_webhooks_secrets_are_nowhere_in_the_file(file: Path) -> None:
    assert not held(file, TOKEN)
