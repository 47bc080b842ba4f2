"""The commands as somebody types them."""

import socket
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import __main__ as entry
from bot.cli import app
from bot.cli.doctor import examine
from bot.cli.findings import Mark
from bot.domain.errors import (
    BotError,
    FatalError,
    OperatorFixableError,
    RetryableError,
    UserFixableError,
)
from bot.settings import Settings, default_config_dir
from tests.engines import PostgresServer

CONFIG = default_config_dir()


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False)
    return result.exit_code, result.output


def test_help_names_every_command_and_loads_no_library_of_ours() -> None:
    code, text = run("--help")

    assert code == 0
    for command in ("demo", "run", "web", "worker", "tick", "db", "manifest", "doctor"):
        assert command in text


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (FatalError("A is wrong.\nB is wrong."), 2, ["A is wrong.", "B is wrong."]),
        (RetryableError("Slack did not answer."), 75, ["Slack did not answer."]),
        (UserFixableError("Name a project."), 1, ["Name a project."]),
        (
            OperatorFixableError("No token.", fix="Set it.", check="stilltrue doctor"),
            1,
            ["No token.", "Set it. Check with: stilltrue doctor"],
        ),
    ],
)
def test_an_error_of_ours_ends_in_lines_and_not_in_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BotError,
    code: int,
    lines: list[str],
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(entry, "app", fail)

    with pytest.raises(SystemExit) as left:
        entry.main()

    assert left.value.code == code
    assert capsys.readouterr().err.splitlines() == [f"stilltrue: {line}" for line in lines]


def test_the_database_goes_up_down_and_is_copied(clean_environment: Path) -> None:
    folder = clean_environment / "new" / "folders"
    url = f"sqlite:///{folder / 'a.db'}"
    copy = clean_environment / "copy.db"

    steps = [
        run("db", "upgrade", DATABASE_URL=url),
        run("db", "current", DATABASE_URL=url),
        run("db", "backup", str(copy), DATABASE_URL=url),
        run("db", "downgrade", "base", DATABASE_URL=url),
        run("db", "current", DATABASE_URL=url),
    ]

    assert [code for code, _ in steps] == [0] * 5
    assert "Run `stilltrue db upgrade`" not in steps[1][1]
    assert "Run `stilltrue db upgrade`" in steps[4][1]
    with sqlite3.connect(copy) as opened:
        assert opened.execute("SELECT count(*) FROM assumption").fetchone() == (0,)
    opened.close()


def test_a_copy_never_overwrites_anything(clean_environment: Path) -> None:
    url = f"sqlite:///{clean_environment / 'a.db'}"
    run("db", "upgrade", DATABASE_URL=url)
    taken = clean_environment / "taken"
    taken.write_text("mine")

    with pytest.raises(FatalError, match="is there already"):
        run("db", "backup", str(taken), DATABASE_URL=url)

    assert taken.read_text() == "mine"


def test_postgresql_is_not_copied_here() -> None:
    with pytest.raises(FatalError, match="pg_dump"):
        run("db", "backup", "x", DATABASE_URL="postgresql://u@h/d")


def test_time_is_not_moved_where_people_use_slack() -> None:
    with pytest.raises(FatalError, match="SLACK_API_URL is on this machine"):
        run("tick", "--now", "2026-03-02T09:30", SLACK_BOT_TOKEN="xoxb-1")


def test_a_moment_that_is_none_is_said() -> None:
    code, text = run("tick", "--now", "tomorrow")

    assert code == 2
    assert "2026-03-02T09:30" in text


@pytest.mark.parametrize("command", ["run", "web", "worker", "tick"])
def test_a_process_without_a_token_does_not_start(command: str) -> None:
    with pytest.raises(FatalError, match="SLACK_BOT_TOKEN is not set"):
        run(command)


def test_a_process_without_a_database_says_how_to_make_one(clean_environment: Path) -> None:
    with pytest.raises(FatalError, match=r"no database .*x\.db yet\. Run `stilltrue db upgrade`"):
        run(
            "worker",
            SLACK_BOT_TOKEN="xoxb-1",
            DATABASE_URL=f"sqlite:///{clean_environment / 'x.db'}",
        )


def test_the_doctor_says_how_to_mend_what_is_wrong(clean_environment: Path) -> None:
    code, text = run("doctor", DATABASE_URL=f"sqlite:///{clean_environment / 'x.db'}")

    assert code == 1
    assert "✗ database" in text
    assert "Run `stilltrue db upgrade`" in text
    assert "✗ token" in text
    assert "SLACK_BOT_TOKEN" in text


def test_the_doctor_says_how_to_mend_a_server_that_does_not_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # it listens to nobody
        port = taken.getsockname()[1]
        code, text = run("doctor", DATABASE_URL=f"postgresql://me:secret@127.0.0.1:{port}/x")

    assert code == 1
    assert "The database does not answer. See that the server runs" in text
    assert "secret" not in text


async def test_the_doctor_says_how_to_mend_a_server_that_refuses_us(
    postgres: PostgresServer,
) -> None:
    settings = Settings(database_url=postgres.url("nobody_made_it"))

    [found] = [one async for one in examine(settings) if one.part == "database"]

    assert found.mark is Mark.WRONG
    assert "the database refuses us" in found.fix
    assert "Check the name, the password and the database in DATABASE_URL" in found.fix


def test_the_doctor_reads_what_a_team_tunes(clean_environment: Path) -> None:
    (clean_environment / "cadence.toml").write_text("[hihg]\n")

    code, text = run("doctor", STILLTRUE_CONFIG_DIR=str(clean_environment))

    assert code == 1
    assert "✗ settings" in text
    assert "there is no setting hihg" in text
