"""`report`: a year's report for a workspace of 10,000 assumptions, from its rows to its text.

Promised: under 1 s on SQLite. Each assumption has a year's history: it was logged, asked about,
answered and asked again; 400 setbacks are traced to some of them. The median of the runs counts.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, make_url

from bot.domain.assumption import Impact, Quorum, Status
from bot.domain.history import Answered, Asked, AsOf, Happening, Logged
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import OPERATOR
from bot.domain.project import Project
from bot.domain.prompt import PromptKind
from bot.domain.setback import Cost, SetbackDraft, SetbackKind
from bot.domain.trace import Role, Trace, TraceState
from bot.domain.validation import Answer
from bot.store import happenings, schema, setback, trace
from bot.store import project as projects
from bot.store.sqlite import sqlite_engine
from bot.store.tables import assumption, history
from bot.usecases.report import account_for
from bot.usecases.report_formats import markdown
from tests.figures.figure import Figure, Value

ASSUMPTIONS, SETBACKS, PROJECTS, RUNS = 10_000, 400, 20, 5
SECONDS = 1.0
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
WORKSPACE = WorkspaceId("T0FIGURE")
ANA, BO = UserId("U0ANA"), UserId("U0BO")
DAY = timedelta(days=1)


async def measure() -> Figure:
    with TemporaryDirectory(prefix="stilltrue-figure-") as folder:
        url = f"sqlite:///{Path(folder) / 'report.db'}"
        schema.upgrade(url)
        engine = sqlite_engine(make_url(url))
        with engine.begin() as tx:
            events = _fill(tx)
        with engine.connect() as tx:
            runs = [_run(tx) for _ in range(RUNS)]
        engine.dispose()
    took = median(run.seconds for run in runs)
    line = (
        f"{ASSUMPTIONS:,} assumptions, {events:,} events, {SETBACKS} setbacks, one year: "
        f"{took:.2f} s (of the processor {median(run.cpu for run in runs):.2f} s)"
    )
    value = Value(name="report_10k", value=round(took, 3), unit="s", holds=took < SECONDS)
    return Figure(lines=(line,), values=(value,))


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    cpu: float


def _run(tx: Connection) -> _Run:
    began, cpu = time.perf_counter(), time.process_time()
    account = account_for(
        tx,
        WORKSPACE,
        "all 365 days",
        here=None,
        zone=ZoneInfo("Europe/Lisbon"),
        now=NOW,
        reader=OPERATOR,
    )
    if account.report.setbacks != SETBACKS or not markdown(account):
        raise RuntimeError("the report is not about what was stored")
    return _Run(time.perf_counter() - began, time.process_time() - cpu)


def _fill(tx: Connection) -> int:
    """Store the workspace, as its use cases would have; return the number of events."""
    dice = Random(10)  # noqa: S311 - the same ones every time
    for number in range(PROJECTS):
        projects.add(tx, _project(number))
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for number in range(ASSUMPTIONS):
        one = _assumption(number, dice)
        rows.append(one)
        events += _events(one, dice)
    tx.execute(insert(assumption), rows)
    tx.execute(insert(history), events)
    for number in range(SETBACKS):
        _setback(tx, rows[number * 7], dice)
    return len(events)


def _project(number: int) -> Project:
    return Project(
        workspace=WORKSPACE,
        key=ProjectKey(f"P{number + 10}"),
        name=f"Project {number}",
        channel=ChannelId(f"C{number}"),
        lead=ANA,
        created_at=NOW - 400 * DAY,
        cycle_start=(NOW - 400 * DAY).date(),
    )


def _assumption(number: int, dice: Random) -> dict[str, Any]:
    project = ProjectKey(f"P{number % PROJECTS + 10}")
    logged_at = NOW - dice.randint(10, 360) * DAY
    return {
        "workspace": WORKSPACE,
        "assumption": AssumptionKey(project, number // PROJECTS + 1),
        "project": project,
        "number": number // PROJECTS + 1,
        "statement": f"The service number {number} carries the traffic that we plan for",
        "owner": ANA,
        "impact": dice.choice(list(Impact)),
        "confidence_percent": dice.choice((None, 50, 70, 90)),
        "validate_by": (logged_at + 20 * DAY).date(),
        "consequence": "",
        "quorum": Quorum.ANY,
        "tags": (),
        "services": (),
        "channel": "C1",
        "status": dice.choice((Status.UNVALIDATED, Status.VALIDATED, Status.VALIDATED)),
        "accepted_reason": "",
        "unit": "",
        "logged_by": ANA,
        "logged_at": logged_at,
        "version": 1,
        "last_seq": 0,
    }


def _events(one: dict[str, Any], dice: Random) -> Iterator[dict[str, Any]]:
    """Yield what happened: it was logged, and asked about and answered up to three times."""
    at = one["logged_at"]
    logged = Logged(statement=one["statement"], owner=ANA, impact=one["impact"], stakeholders=(BO,))
    happened: list[tuple[datetime, UserId | None, Happening]] = [(at, ANA, logged)]
    for round_ in range(1, dice.randint(1, 3) + 1):
        at += dice.randint(1, 20) * DAY
        asked = Asked(stakeholder=BO, kind=PromptKind.ASK, round=round_, attempt=1)
        happened.append((at, None, asked))
        if one["status"] is Status.VALIDATED:
            at += DAY
            given = Answered(
                answer=Answer.HOLDS, evidence="seen", valid_until=at + 60 * DAY, round=round_
            )
            happened.append((at, BO, given))
    for seq, (moment, by, what) in enumerate(happened, start=1):
        yield {
            "workspace": WORKSPACE,
            "assumption": one["assumption"],
            "seq": seq,
            "at": moment,
            "by_user": by,
            "kind": happenings.kind_of(what),
            "data": happenings.to_data(what),
        }


def _setback(tx: Connection, one: dict[str, Any], dice: Random) -> None:
    draft = SetbackDraft(
        kind=SetbackKind.INCIDENT,
        text="the service did not carry the traffic",
        started_at=NOW - dice.randint(1, 360) * DAY,
        cost=Cost(minutes_down=dice.randint(5, 200)),
        project=one["project"],
        channel=ChannelId("C1"),
    )
    recorded = setback.add(tx, WORKSPACE, draft, by=ANA, at=NOW)
    then = AsOf(
        status=one["status"],
        is_stale=False,
        was_asked=True,
        was_unanswered=False,
        refuted_at=None,
    )
    traced = Trace(
        workspace=WORKSPACE,
        setback=recorded.number,
        assumption=one["assumption"],
        state=TraceState.CONFIRMED,
        role=Role.CAUSED,
        as_of=then,
        rank=1,
        reasons=(),
    )
    trace.put(tx, traced)
