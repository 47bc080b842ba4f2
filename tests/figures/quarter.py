"""`quarter`: a quarter of a company, played through the use cases and the store on SQLite.

200 people in 12 zones, 40 projects, 1,500 assumptions, 13 weeks. Promised: no question outside
working time, at most one digest and one urgent question a person a day, none lost, none doubled,
and every question that stayed unanswered reached the end of its ladder.
"""

import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, make_url

from bot.logs import configure_logging
from bot.store import schema
from bot.store.sqlite import sqlite_engine
from tests.figures.figure import Figure, Value
from tests.simulation.quarter import Outcome, Size, play

SEED = 1


async def measure() -> Figure:
    configure_logging(console=False, level="warning")
    began = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'quarter.db'}"
        schema.upgrade(url)
        engine = sqlite_engine(make_url(url))
        with engine.connect() as connection:
            outcome = _play(connection)
        engine.dispose()
    seconds, of_core = time.monotonic() - began[0], time.process_time() - began[1]
    size = Size()
    lines = (
        f"{size.people} people, {size.projects} projects, {size.assumptions:,} assumptions, "
        f"{size.weeks} weeks, seed {SEED}: {seconds:.0f} s, {of_core:.0f} s of one core",
        *outcome.lines(),
    )
    return Figure(lines=lines, values=_values(outcome))


def _play(connection: Connection) -> Outcome:
    def commit() -> None:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    connection.exec_driver_sql("BEGIN IMMEDIATE")
    outcome = play(connection, seed=SEED, each_day=commit)
    connection.exec_driver_sql("COMMIT")
    return outcome


def _values(outcome: Outcome) -> tuple[Value, ...]:
    verdict = outcome.verdict
    broken = {
        "quarter_outside_hours": len(verdict.outside_hours),
        "quarter_second_digests": len(verdict.second_digests),
        "quarter_second_urgents": len(verdict.second_urgents),
        "quarter_too_long": len(verdict.too_long),
        "quarter_doubled": len(verdict.doubled),
        "quarter_out_of_order": len(verdict.out_of_order),
        "quarter_lost": len(outcome.lost) + len(outcome.stuck),
        "quarter_unended": len(outcome.unended),
    }
    shown = {
        "quarter_questions": (outcome.rounds, "questions"),
        "quarter_answered": (round(100 * outcome.answered / outcome.rounds, 1), "%"),
        "quarter_messages_max": (outcome.per_person_day[-1], "a person a day"),
        "quarter_notices_max": (outcome.notices_per_person_day[-1], "a person a day"),
    }
    return (
        *(Value(name=name, value=n, unit="times", holds=n == 0) for name, n in broken.items()),
        *(Value(name=name, value=n, unit=unit, holds=True) for name, (n, unit) in shown.items()),
    )
