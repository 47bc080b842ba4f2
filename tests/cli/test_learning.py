"""`check`, `report`, `import` and `export`, as somebody types them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.errors import NotFoundError
from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.workspace import Workspace
from bot.store import workspace as workspaces
from bot.store.sqlite import sqlite_engine
from bot.usecases.project import create_project
from tests.engines import copy_sqlite

HERE = WorkspaceId("T1")
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
LOG = (
    "Assumption,Impact,Needed by\n"
    "The API is live,critical,2024-03-06\n"
    "The vendor\x1b[2J signs,low,2024-03-06\n"
)

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database with one workspace and the project APOLLO."""
    url = copy_sqlite(sqlite_template, tmp_path / "learning.db")
    _write(url, _start)
    return url


def _start(tx: Connection) -> None:
    installed = Workspace(
        id=HERE, name="Sample", bot_user=UserId("U"), bot_id="B", installed_at=NOW
    )
    workspaces.put(tx, installed)
    create_project(
        tx,
        workspace=HERE,
        key=ProjectKey("APOLLO"),
        name="Apollo",
        channel=ChannelId("C1"),
        lead=UserId("U1"),
        now=NOW,
    )


def _write(url: str, unit: Callable[[Connection], None]) -> None:
    engine = sqlite_engine(make_url(url))
    with engine.connect() as tx:
        tx.exec_driver_sql("BEGIN IMMEDIATE")
        unit(tx)
        tx.exec_driver_sql("COMMIT")
    engine.dispose()


@pytest.fixture
def run(url: str) -> Command:
    return _command(url)


def _command(url: str) -> Command:
    def run_(*arguments: str) -> tuple[int, str]:
        environment = {"DATABASE_URL": url, "STILLTRUE_LOG_LEVEL": "error"}
        result = CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False)
        return result.exit_code, result.output

    return run_


@pytest.fixture
def log_file(tmp_path: Path) -> str:
    file = tmp_path / "log.csv"
    file.write_text(LOG, "utf-8")
    return str(file)


def test_a_log_is_shown_first_and_stored_once_its_columns_are_right(
    run: Command, log_file: str
) -> None:
    _, shown = run("import", log_file, "--project", "apollo")
    code, stored = run("import", log_file, "--project", "apollo", "--yes")

    assert "Nothing was stored yet" in shown
    assert "“Assumption”" in shown
    assert code == 0
    assert "Logged 2: APOLLO-1 to APOLLO-2." in stored


def test_a_line_that_cannot_be_read_keeps_the_others_out(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(LOG + "The team grows,enormous,soonish\n", "utf-8")

    code, text = run("import", str(file), "--project", "APOLLO", "--yes")

    assert code == 1
    assert "Line 4" in text
    assert "Nothing was stored. Mend these lines" in text
    assert run("check", "--project", "APOLLO")[0] == 0


def test_the_gate_fails_while_something_is_past_its_day(run: Command, log_file: str) -> None:
    assert run("check", "--project", "apollo")[0] == 0
    run("import", log_file, "--project", "APOLLO", "--yes")

    code, text = run("check", "--project", "apollo")
    critical, told = run("check", "--project", "apollo", "--at", "load-bearing", "--json")

    assert (code, critical) == (1, 1)
    assert run("check", "--project", "apolo")[0] == 2
    assert "2 past their date, 0 accepted." in text
    assert "\x1b[2J" not in text
    read = json.loads(told)
    assert read["passes"] is False
    assert [one["key"] for one in read["late"]] == ["APOLLO-1"]


def test_a_report_is_printed_in_the_form_that_is_asked_for(run: Command, log_file: str) -> None:
    run("import", log_file, "--project", "APOLLO", "--yes")

    code, table = run("report", "--project", "apollo", "--period", "90 days")
    _, as_json = run("report", "--format", "json")

    assert code == 0
    assert "last 90 days" in table
    assert json.loads(as_json)
    with pytest.raises(NotFoundError, match="I know no project NOPE"):
        run("report", "--project", "nope")


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_an_export_comes_back_in_a_new_database(
    run: Command, log_file: str, sqlite_template: Path, tmp_path: Path, format: str
) -> None:
    run("import", log_file, "--project", "APOLLO", "--yes")
    out, again = tmp_path / "out", tmp_path / "again"
    assert run("export", str(out), "--format", format)[0] == 0
    other = _command(copy_sqlite(sqlite_template, tmp_path / "other.db"))

    code, counted = other("import", "--from-export", str(out))
    other("export", str(again), "--format", format)

    assert code == 0
    assert "2  assumption" in counted
    written = {file.name: file.read_text("utf-8") for file in out.iterdir()}
    assert written == {file.name: file.read_text("utf-8") for file in again.iterdir()}
    refused, text = run("export", str(out))
    assert refused == 2
    assert "not empty" in text
