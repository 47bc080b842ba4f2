"""All of a workspace taken away and put into an empty database, exactly."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url

from bot.demo.people import TEAM
from bot.demo.year import Size, live_a_year
from bot.domain.assumption import AssumptionDraft
from bot.domain.errors import UserFixableError
from bot.domain.ids import WorkspaceId
from bot.domain.permission import OPERATOR
from bot.store.sqlite import sqlite_engine
from bot.usecases.assumption import log_assumption
from bot.usecases.near_duplicate import near_duplicates
from bot.usecases.project import projects_of
from bot.usecases.report import report_on
from bot.usecases.transfer import ExportFormat, export_workspace, import_export, rows_of_csv
from tests.engines import copy_sqlite
from tests.usecases.team import default_cadence

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
WORKSPACE = WorkspaceId(TEAM)
NASTY = ("", "\\N", "=1+1", "'=1", "\\", "-2", 'a,b\n"c"\r\nd', "é🙂", "@x", "\t", "'")


@pytest.fixture(scope="module")
def past(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Ten weeks of sample data on SQLite."""
    engine = sqlite_engine(
        make_url(copy_sqlite(sqlite_template, tmp_path_factory.mktemp("past") / "past.db"))
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        size = Size(weeks=10, assumptions=24, setbacks=8)
        live_a_year(connection, now=NOW, cadence=default_cadence(), size=size)
        yield connection
        connection.rollback()
    engine.dispose()


@pytest.mark.parametrize("format", list(ExportFormat))
def test_an_export_is_the_same_after_it_was_imported(
    past: Connection, tx: Connection, format: ExportFormat
) -> None:
    files = export_workspace(past, WORKSPACE, format)

    import_export(tx, files)

    assert export_workspace(tx, WORKSPACE, format) == files
    since = NOW - timedelta(days=365)
    before, after = (
        report_on(one, WORKSPACE, project=None, since=since, until=NOW, now=NOW, reader=OPERATOR)
        for one in (past, tx)
    )
    assert before == after
    assert before.setbacks == 8


def test_what_was_imported_goes_on(past: Connection, tx: Connection) -> None:
    import_export(tx, export_workspace(past, WORKSPACE, ExportFormat.JSON_LINES))
    project = projects_of(tx, WORKSPACE, reader=OPERATOR)[0]
    rows = export_workspace(past, WORKSPACE, ExportFormat.JSON_LINES)["assumption.jsonl"]
    last = max(
        row["number"] for row in map(json.loads, rows.splitlines()) if row["project"] == project.key
    )
    statement = "Something quite new about zebras"
    draft = AssumptionDraft(statement=statement, owner=project.lead, channel=project.channel)

    key = log_assumption(
        tx, draft, project=project, by=project.lead, asked=(), now=NOW, cadence=default_cadence()
    )

    assert key is not None
    assert key.number == last + 1
    assert near_duplicates(tx, WORKSPACE, project.key, statement, reader=OPERATOR)[0].key == key


def test_every_text_survives_in_csv(past: Connection, tx: Connection) -> None:
    files = export_workspace(past, WORKSPACE, ExportFormat.JSON_LINES)
    rows = [json.loads(line) for line in files["assumption.jsonl"].splitlines()]
    for row, text in zip(rows, NASTY, strict=False):
        row["consequence"] = text
    files["assumption.jsonl"] = "".join(f"{json.dumps(row)}\n" for row in rows)
    import_export(tx, files)

    exported = export_workspace(tx, WORKSPACE, ExportFormat.CSV)

    assert [r["consequence"] for r in rows_of_csv(exported["assumption.csv"])] == [
        row["consequence"] for row in rows
    ]
    formulas = [cell for row in csv.reader(io.StringIO(exported["assumption.csv"], newline=""))
                for cell in row if cell.startswith(("=", "+", "-", "@"))]  # fmt: skip
    assert formulas == []


def test_an_import_does_not_mix_with_what_is_there(past: Connection, tx: Connection) -> None:
    files = export_workspace(past, WORKSPACE, ExportFormat.CSV)
    import_export(tx, files)

    with pytest.raises(UserFixableError, match="already"):
        import_export(tx, files)


def test_secrets_and_leases_are_not_exported(past: Connection) -> None:
    files = export_workspace(past, WORKSPACE, ExportFormat.JSON_LINES)

    assert "webhook_endpoint.jsonl" not in files
    assert not any("lease_token" in text or "leased_until" in text for text in files.values())


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ({}, "no files of one export"),
        ({"project.jsonl": "{"}, "cannot be read"),
        ({"project.jsonl": '{"workspace": "T1"}\n'}, "cannot be read"),
    ],
)
def test_a_folder_that_is_no_export_is_refused(
    tx: Connection, files: dict[str, str], part: str
) -> None:
    with pytest.raises(UserFixableError, match=part):
        import_export(tx, files)
