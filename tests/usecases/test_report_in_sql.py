"""The report against a second computation of its figures, in SQL, over generated months.

The SQL reads the history itself: it uses neither what was folded for a trace nor our own folding.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, make_url, text

from bot.demo.people import TEAM
from bot.demo.year import MARK, Size, live_a_year
from bot.domain.finding import Finding
from bot.domain.ids import ProjectKey, WorkspaceId
from bot.domain.permission import OPERATOR
from bot.domain.report import Report
from bot.store.sqlite import sqlite_engine
from bot.store.types import UtcDateTime
from bot.usecases.report import report_on
from bot.usecases.transfer import ExportFormat, export_workspace, import_export
from tests.engines import copy_sqlite
from tests.usecases.team import default_cadence

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SINCE = NOW - timedelta(weeks=10)  # some of what happened lies before it
WORKSPACE = WorkspaceId(TEAM)
SIZE = Size(weeks=16, assumptions=45, setbacks=24)


@pytest.fixture(scope="module")
def exported(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What happened in sixteen weeks, lived through once."""
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("past") / "past.db")
    engine = sqlite_engine(make_url(url))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        live_a_year(connection, now=NOW, cadence=default_cadence(), size=SIZE)
        files = export_workspace(connection, WORKSPACE, ExportFormat.JSON_LINES)
        connection.rollback()
    engine.dispose()
    return files


@pytest.fixture
def past(tx: Connection, exported: Mapping[str, str]) -> Connection:
    import_export(tx, exported)
    return tx


def reported(tx: Connection, project: str | None) -> Report:
    key = None if project is None else ProjectKey(project)
    return report_on(tx, WORKSPACE, project=key, since=SINCE, until=NOW, now=NOW, reader=OPERATOR)


def ask(tx: Connection, sql: str, project: str | None) -> list[Any]:
    """Run the SQL with `field(h, answer)` in the engine's own words for a field of JSON."""
    is_sqlite = tx.dialect.name == "sqlite"
    for field in ("answer", "valid_until"):
        ours = (
            f"json_extract(h.data, '$.{field}')" if is_sqlite else f"(h.data::json ->> '{field}')"
        )
        sql = sql.replace(f"field(h, {field})", ours)
    alive = (
        "replace(substr({0}, 1, 19), 'T', ' ') > substr({1}, 1, 19)"
        if is_sqlite
        else "CAST({0} AS timestamptz) > {1}"
    )
    left, _, right = "until", "", "started_at"
    sql = sql.replace("until_is_after_start", alive.format(left, right))
    moments = [
        bindparam(name, type_=UtcDateTime()) for name in ("since", "now") if f":{name}" in sql
    ]
    statement = text(sql).bindparams(*moments)
    values = {"ws": WORKSPACE, "since": SINCE, "now": NOW, "project": project or ""}
    used = {name: value for name, value in values.items() if f":{name}" in sql}
    return list(tx.execute(statement, used).all())


# One confirmed trace for a setback, and one stakeholder for an assumption, is what the sample has.
FINDINGS = """
WITH mine AS (
  SELECT s.* FROM setback AS s
  WHERE s.workspace = :ws AND s.started_at >= :since AND s.started_at < :now
    AND (:project = '' OR s.project = :project)
), blamed AS (
  SELECT m.number, m.started_at, a.assumption, a.logged_at
  FROM mine AS m
  JOIN trace AS t ON t.workspace = m.workspace AND t.setback = m.number AND t.state = 'confirmed'
  JOIN assumption AS a ON a.workspace = t.workspace AND a.assumption = t.assumption
), happened AS (
  SELECT b.number, b.started_at, h.kind, h.seq, field(h, answer) AS answer,
    field(h, valid_until) AS until
  FROM blamed AS b
  JOIN history AS h ON h.workspace = :ws AND h.assumption = b.assumption AND h.at <= b.started_at
), told AS (
  SELECT x.* FROM happened AS x
  WHERE x.kind = 'answered' AND x.answer <> 'unsure' AND NOT EXISTS (
    SELECT 1 FROM happened AS y WHERE y.number = x.number AND y.kind = 'answered'
      AND y.answer <> 'unsure' AND y.seq > x.seq)
), found AS (
  SELECT m.number, CASE
    WHEN b.number IS NULL AND NOT EXISTS (SELECT 1 FROM trace AS t WHERE t.workspace = :ws
      AND t.setback = m.number AND t.state <> 'rejected') AND EXISTS (SELECT 1 FROM trace AS t
      WHERE t.workspace = :ws AND t.setback = m.number) THEN 'none'
    WHEN b.number IS NULL THEN 'not yet traced'
    WHEN b.logged_at > m.started_at THEN 'unlogged'
    WHEN EXISTS (SELECT 1 FROM happened AS h WHERE h.number = m.number AND h.kind = 'retired')
      THEN 'retired'
    WHEN EXISTS (SELECT 1 FROM told WHERE told.number = m.number AND answer = 'fails')
      THEN 'refuted but unacted'
    WHEN EXISTS (SELECT 1 FROM told WHERE told.number = m.number AND until_is_after_start)
      THEN 'validated but wrong'
    WHEN EXISTS (SELECT 1 FROM told WHERE told.number = m.number) THEN 'stale'
    WHEN EXISTS (SELECT 1 FROM happened AS h WHERE h.number = m.number AND h.kind = 'asked')
      THEN 'unanswered'
    ELSE 'never asked' END AS finding,
    m.minutes_down, m.working_days_slipped
  FROM mine AS m LEFT JOIN blamed AS b ON b.number = m.number
)
SELECT finding, count(*), coalesce(sum(minutes_down), 0),
  coalesce(sum(CAST(working_days_slipped AS numeric)), 0)
FROM found GROUP BY finding
"""

LOGGED = """
SELECT count(*), count(f.first) FROM assumption AS a LEFT JOIN (
  SELECT h.assumption, min(h.at) AS first FROM history AS h
  WHERE h.workspace = :ws AND h.kind = 'answered' AND h.at <= :now GROUP BY h.assumption
) AS f ON f.assumption = a.assumption
WHERE a.workspace = :ws AND a.logged_at >= :since AND a.logged_at < :now
  AND (:project = '' OR a.project = :project)
"""

# Refuted: the last answer that tells is a no. A yes before it, or nothing, makes no difference.
SAVES = """
SELECT a.assumption FROM assumption AS a
JOIN history AS h ON h.workspace = a.workspace AND h.assumption = a.assumption
  AND h.kind = 'answered' AND field(h, answer) = 'fails'
WHERE a.workspace = :ws AND h.at >= :since AND h.at <= :now
  AND (:project = '' OR a.project = :project)
  AND NOT EXISTS (SELECT 1 FROM history AS h2 WHERE h2.workspace = a.workspace
    AND h2.assumption = a.assumption AND h2.kind = 'answered' AND h2.seq <> h.seq
    AND h2.data LIKE '%"fails"%' AND h2.seq < h.seq)
  AND NOT EXISTS (SELECT 1 FROM trace AS t WHERE t.workspace = a.workspace
    AND t.assumption = a.assumption AND t.state = 'confirmed')
"""

OPEN = """
SELECT count(*) FROM assumption AS a WHERE a.workspace = :ws
  AND (:project = '' OR a.project = :project) AND a.status IN ('unvalidated', 'validated')
"""


@pytest.mark.parametrize("project", [None, "APOLLO", "PAY"])
def test_both_computations_say_the_same(past: Connection, project: str | None) -> None:
    report = reported(past, project)

    found = {Finding(row[0]): row[1:] for row in ask(past, FINDINGS, project)}
    ((logged, answered),) = ask(past, LOGGED, project)
    ((open_ones,),) = ask(past, OPEN, project)
    saves = sorted(row[0] for row in ask(past, SAVES, project))
    assert {
        line.finding: (line.share.k, line.costs.minutes_down, line.costs.working_days)
        for line in report.findings
        if line.share.k
    } == {
        one: (count, minutes, Decimal(str(days))) for one, (count, minutes, days) in found.items()
    }
    assert report.setbacks == sum(count for count, *_ in found.values()) > 0
    assert (report.logged, report.answered.k, report.tracked) == (logged, answered, open_ones)
    assert sorted(map(str, report.saves)) == saves


def test_every_share_s_parts_add_up_to_the_whole(past: Connection) -> None:
    report = reported(past, None)

    assert sum(line.share.k for line in report.findings) == report.setbacks
    assert {line.share.n for line in report.findings} == {report.setbacks}
    assert sum(count for _, count in report.by_kind) == report.setbacks
    numbers = [number for line in report.findings for number in line.setbacks]
    assert len(numbers) == len(set(numbers)) == report.setbacks
    for figure in ("minutes_down", "working_days", "minutes_known", "days_known", "money_known"):
        whole = getattr(report.costs, figure)
        assert sum(getattr(line.costs, figure) for line in report.findings) == whole
    assert report.calibration is not None
    assert sum(band.true.n for band in report.calibration.bands) == report.resolved
    parts = [reported(past, key) for key in ("APOLLO", "PAY", "SEARCH")]
    for figure in ("setbacks", "logged", "tracked", "resolved"):
        assert sum(getattr(part, figure) for part in parts) == getattr(report, figure)


def test_all_of_it_is_marked_as_sample_data(past: Connection) -> None:
    sources = past.execute(text("SELECT DISTINCT source FROM setback")).scalars().all()
    tags = past.execute(text("SELECT DISTINCT tags FROM assumption")).scalars().all()
    names = past.execute(text("SELECT name FROM project")).scalars().all()

    assert sources == [MARK]
    assert tags == [f'["{MARK}"]']
    assert all(MARK in name for name in names)
