"""`candidates`: the suggestions for a setback of 30 words among many assumptions.

Promised for the whole of it (retrieving, reading histories, ranking with what the workspace
decided before), at 500,000 assumptions in 500 workspaces: p99 under 40 ms on PostgreSQL and under
20 ms on SQLite; at 100,000 in one workspace: under 100 ms. Retrieving alone and the growth from
10,000 are shown, and what leaving out common words costs in recall: the true assumptions of the
labelled set, among 100,000 others made of its words, that are within the 30 retrieved.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from sqlalchemy import Connection

from bot.domain.ids import AssumptionKey, ProjectKey, WorkspaceId
from bot.domain.setback import Setback, SetbackDraft, SetbackKind
from bot.domain.trace import TraceState
from bot.store import assumption as assumptions
from bot.store import full_text, schema
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.store.database import Database, open_database
from bot.usecases.linking import suggest
from tests.figures.crowd import (
    SERVICES,
    Row,
    around_the_labelled,
    load_postgres,
    load_sqlite,
    scattered,
    words,
)
from tests.figures.figure import Figure, Value
from tests.figures.postgres import postgres_url
from tests.linking.labelled_set import setbacks as labelled_setbacks
from tests.make import ANA, HOME, NOON, make_setback

FEW, MANY, EACH = 10, 500, 1_000
ONE_LARGE = 100_000
QUERIES, WARM_UP = 300, 30
WORDS = 30
RETRIEVED = 30  # as suggesting does
UNCUT = 1_000_000_000
MS_MANY = {"SQLite": 20.0, "PostgreSQL": 40.0}
MS_LARGE = 100.0
DECIDED = 40  # setbacks of each workspace that was asked about, two decisions each
LARGE = WorkspaceId("T9LARGE")


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Recall:
    cut: float
    uncut: float
    cut_took: Took
    uncut_took: Took


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    url: str
    db: Database

    async def load(self, crowd: Iterator[Row]) -> None:
        if self.name == "SQLite":
            load_sqlite(Path(self.url.removeprefix("sqlite:///")), crowd)
        else:
            await load_postgres(self.url, crowd)


async def measure() -> Figure:
    lines: list[str] = [f"load average of this machine: {os.getloadavg()[0]:.1f}"]
    values: list[Value] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = {
            "SQLite": f"sqlite:///{Path(folder) / 'figure.db'}",
            "PostgreSQL": stack.enter_context(postgres_url()),
        }
        for name, url in urls.items():
            schema.upgrade(url)
            engine = Engine(name, url, open_database(url))
            await _measure(engine, lines, values)
            await engine.db.close()
    return Figure(lines=tuple(lines), values=tuple(values))


async def _measure(engine: Engine, lines: list[str], values: list[Value]) -> None:
    everywhere = [WorkspaceId(f"T{n:03}") for n in range(MANY)]
    promised = MS_MANY[engine.name]
    await engine.load(scattered(everywhere[:FEW], EACH))
    few = await _suggest(engine, everywhere[:FEW])
    lines.append(_line(engine, FEW * EACH, FEW, few))
    await engine.load(scattered(everywhere[FEW:], EACH))
    many = await _suggest(engine, everywhere)
    lines.append(_line(engine, MANY * EACH, MANY, many))
    await engine.load(around_the_labelled(LARGE, ONE_LARGE))
    large = await _suggest(engine, [LARGE])
    lines.append(_line(engine, ONE_LARGE, 1, large))
    recall = await _recall(engine.db)
    lines.append(
        f"{engine.name:12} leaving out common words, {ONE_LARGE:,} in one workspace: true ones "
        f"among the {RETRIEVED} retrieved {recall.cut:.0%} (p50 {recall.cut_took.p50:.1f} ms, p99 "
        f"{recall.cut_took.p99:.1f}), with every word {recall.uncut:.0%} (p50 "
        f"{recall.uncut_took.p50:.1f} ms, p99 {recall.uncut_took.p99:.1f})"
    )
    values += [
        _value(engine, "p99_500k", many["suggesting"].p99, promised),
        _value(engine, "p99_100k_in_one", large["suggesting"].p99, MS_LARGE),
        Value(
            name=f"candidates_{engine.name.lower()}_growth_10k_to_500k",
            value=round(many["suggesting"].p50 / few["suggesting"].p50, 2),
            unit="times as long at p50",
            holds=True,
        ),
        Value(
            name=f"candidates_{engine.name.lower()}_recall_lost",
            value=round(recall.uncut - recall.cut, 3),
            unit="of 1",
            holds=True,
        ),
    ]


def _value(engine: Engine, name: str, took: float, promised: float) -> Value:
    return Value(
        name=f"candidates_{engine.name.lower()}_{name}",
        value=round(took, 2),
        unit="ms",
        holds=took < promised,
    )


def _line(engine: Engine, count: int, workspaces: int, took: dict[str, Took]) -> str:
    parts = (f"{what} p50 {one.p50:6.1f} ms, p99 {one.p99:6.1f}" for what, one in took.items())
    return f"{engine.name:12} {count:8,} in {workspaces:3} workspaces: {';  '.join(parts)}"


async def _suggest(engine: Engine, workspaces: Sequence[WorkspaceId]) -> dict[str, Took]:
    dice = Random(WORDS)  # noqa: S311 -- the same ones every time
    asked = [dice.choice(workspaces) for _ in range(QUERIES // 3)]
    for workspace in dict.fromkeys(asked):
        await engine.db.write(_decide, workspace, dice)
    wanted = [await engine.db.read(_setback, dice.choice(asked), dice) for _ in range(QUERIES)]
    return {
        "suggesting": await _time(engine.db, suggest, wanted),
        "retrieving alone": await _time(engine.db, _retrieve, wanted),
    }


async def _time(
    db: Database, unit: Callable[[Connection, Setback], object], wanted: Sequence[Setback]
) -> Took:
    for setback in wanted[:WARM_UP]:
        await db.read(unit, setback)
    took = []
    for setback in wanted:
        began = time.perf_counter()
        await db.read(unit, setback)
        took.append((time.perf_counter() - began) * 1e3)
    return _took(took)


def _took(took: list[float]) -> Took:
    took.sort()
    return Took(took[len(took) // 2], took[int(len(took) * 0.99) - 1])


def _retrieve(tx: Connection, setback: Setback) -> object:
    return assumptions.retrieve(
        tx, setback.workspace, setback.text, limit=RETRIEVED, services=setback.services
    )


def _setback(tx: Connection, workspace: WorkspaceId, dice: Random) -> Setback:
    """Make one of 30 words; some are those of an assumption that is there."""
    project = "BIG" if workspace == LARGE else "P"
    number = dice.randint(1, EACH)
    key = AssumptionKey(ProjectKey(f"{project}{number % 8}"), number)
    found = assumptions.get(tx, workspace, key)
    if found is None:
        raise RuntimeError(f"{key} is not in {workspace}")
    theirs = found.statement.split()[:8]
    text = " ".join([*theirs, *words(dice, WORDS - len(theirs))])
    services = found.services or SERVICES[:1]
    return make_setback(workspace=workspace, text=text, services=services, project=key.project)


def _decide(tx: Connection, workspace: WorkspaceId, dice: Random) -> None:
    """Give the workspace a past from which it learned."""
    if setbacks.get(tx, workspace, 1) is not None:
        return
    for number in range(1, DECIDED + 1):
        made = _setback(tx, workspace, dice)
        draft = SetbackDraft(
            kind=SetbackKind.DELAY,
            text=made.text,
            started_at=NOON,
            services=made.services,
            project=made.project,
            channel=HOME,
        )
        setbacks.add(tx, workspace, draft, by=ANA, at=NOON)
        for trace in suggest(tx, made)[:2]:
            state = dice.choice((TraceState.CONFIRMED, TraceState.REJECTED))
            decided = replace(trace, setback=number, state=state, decided_by=ANA, decided_at=NOON)
            traces.put(tx, decided)


async def _recall(db: Database) -> Recall:
    cut, cut_took = await _within(db, many=None)
    uncut, uncut_took = await _within(db, many=UNCUT)
    return Recall(cut, uncut, cut_took, uncut_took)


async def _within(db: Database, *, many: int | None) -> tuple[float, Took]:
    """Return the part of the true ones that are retrieved, and how long it took."""
    parts, took = [], []
    for one in labelled_setbacks():
        began = time.perf_counter()
        found = await db.read(_find, one.setback, many)
        took.append((time.perf_counter() - began) * 1e3)
        if one.true:
            parts.append(len({str(key) for key in one.true} & set(found)) / len(one.true))
    return sum(parts) / len(parts), _took(took)


def _find(tx: Connection, setback: Setback, many: int | None) -> list[str]:
    return full_text.find(
        tx, LARGE, setback.text, limit=RETRIEVED, services=setback.services, many=many
    )
