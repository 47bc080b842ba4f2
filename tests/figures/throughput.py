"""`throughput`: commands stored and messages handed to Slack, and how both grow with processes.

Each is shown beside its limit, measured in the same run: a raw transaction of the driver, a bare
claim. On PostgreSQL: a tick with nothing due among 1,000,000 planned prompts takes under 2 ms.
All processes, the load and the witness share this machine, so growth is bounded by its cores.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, text

from bot.store import outbox, prompt, schema
from bot.store.database import Database
from tests.chaos.deliveries import command
from tests.chaos.herd import herd
from tests.chaos.kill import place_names
from tests.chaos.lane import HERE, Lane, lane_on
from tests.chaos.restarts import TUESDAY_NOON
from tests.chaos.workers import LONG_LEASE, share
from tests.figures.figure import Figure, Value
from tests.figures.load import run
from tests.figures.postgres import postgres

COMMANDS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "3000"))  # noqa: TID251 - a figure's own knob
PLANNED = int(os.environ.get("STILLTRUE_FIGURE_PLANNED", "1000000"))  # noqa: TID251
IDLE_MS = 2.0
_LEASE = timedelta(seconds=30)
CONNECTIONS = 32

_INSERT = text("INSERT INTO inbox VALUES ('T0RAW', 'raw', :key, now())")
# One assumption with a million prompts is as much for the index as a million with one each.
_PLAN = text(
    "INSERT INTO prompt (workspace, assumption, stakeholder, round, kind, attempt, due_at,"
    " first_due_at, reason, waited, state, outcome)"
    " SELECT :workspace, :assumption, 'U' || n, 1, 'ask', 1, :due, :due, '', '', 'planned', ''"
    " FROM generate_series(1, :rows) AS n"
)


async def measure() -> Figure:
    lines, values = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        postgres() as server,
    ):
        await asyncio.to_thread(schema.upgrade, server.url)
        async with lane_on(server.url, processes) as lane:
            await lane.start_project()
            raw = await _raw_transactions(lane.db)
            numbers = count(1)
            stored = {webs: await _store(lane, webs, numbers) for webs in (1, 2)}
            places, sent = place_names("A"), {}
            for workers in (1, 2, 4):
                shared = await share(lane, workers=workers, rows=COMMANDS, places=places)
                sent[workers] = COMMANDS / shared.seconds
            claimed = await _bare_claims(lane, places)
            idle_ms, empty_ms = await _idle_tick(lane.db)
    lines += [
        f"commands stored: {stored[1]:,.0f}/s by 1 web process, {stored[2]:,.0f}/s by 2 "
        f"({stored[2] / stored[1]:.2f} ×); a raw insert and commit: {raw:,.0f}/s",
        f"messages claimed, sent and recorded: {sent[1]:,.0f}/s by 1 worker, {sent[2]:,.0f}/s by 2 "
        f"({sent[2] / sent[1]:.2f} ×), {sent[4]:,.0f}/s by 4 ({sent[4] / sent[1]:.2f} ×); "
        f"a bare claim: {claimed:,.0f}/s",
        f"a tick with nothing due among {PLANNED:,} prompts: {idle_ms:.2f} ms; "
        f"a transaction that does nothing: {empty_ms:.2f} ms",
    ]
    values += [
        Value(
            name="throughput_web_growth",
            value=round(stored[2] / stored[1], 2),
            unit="of one process",
            holds=True,
        ),
        Value(
            name="throughput_stored_of_raw",
            value=round(stored[1] / raw, 2),
            unit="of a raw transaction",
            holds=True,
        ),
        Value(
            name="throughput_worker_growth",
            value=round(sent[4] / sent[1], 2),
            unit="of one worker",
            holds=True,
        ),
        Value(
            name="throughput_sent_of_claimed",
            value=round(sent[1] / claimed, 3),
            unit="of a bare claim",
            holds=True,
        ),
        Value(
            name="throughput_idle_tick",
            value=round(idle_ms, 2),
            unit="ms",
            holds=idle_ms < IDLE_MS,
        ),
    ]
    return Figure(lines=tuple(lines), values=tuple(values))


async def _raw_transactions(db: Database) -> float:
    """One insert and its commit through the same port, as many at once as there are commands."""
    keys = iter(range(COMMANDS))

    async def work() -> None:
        for key in keys:
            await db.write(_insert, f"raw {key}")

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return COMMANDS / (time.perf_counter() - began)


def _insert(tx: Connection, key: str) -> None:
    tx.execute(_INSERT, {"key": key})


async def _store(lane: Lane, webs: int, numbers: "count[int]") -> float:
    """Send signed commands to that many web processes; return how many were stored a second."""
    children = [await lane.spawn("web", lease=LONG_LEASE) for _ in range(webs)]
    await asyncio.gather(*(child.answers("/readyz") for child in children))
    loads = [
        [command(next(numbers), child.port) for _ in range(COMMANDS // webs)] for child in children
    ]
    began = time.perf_counter()
    measured = await asyncio.gather(
        *(
            run(child.port, load, connections=CONNECTIONS // webs)
            for child, load in zip(children, loads, strict=True)
        )
    )
    seconds = time.perf_counter() - began
    failed = sum(one.failed for one in measured)
    if failed:
        raise RuntimeError(f"{failed} commands were not stored")
    for child in children:
        await child.stop()
    await lane.db.write(_forget_cards)
    return COMMANDS / seconds


def _forget_cards(tx: Connection) -> None:
    tx.execute(text("DELETE FROM outbox WHERE kind = 'card'"))


async def _bare_claims(lane: Lane, places: Iterator[str]) -> float:
    """Claim due rows and do nothing else with them."""
    names = (next(places) for _ in range(COMMANDS))
    await lane.want(names)
    taken, began = 0, time.perf_counter()
    while some := await lane.db.write(
        outbox.claim_due, now=datetime.now(UTC), limit=100, lease=_LEASE
    ):
        taken += len(some)
    return taken / (time.perf_counter() - began)


def _plan(tx: Connection) -> None:
    """Plan a million prompts of one assumption for the day after; the statistics are fresh."""
    (key,) = tx.execute(text("SELECT assumption FROM assumption LIMIT 1")).scalars()
    given = {"workspace": HERE, "assumption": key, "rows": PLANNED}
    tx.execute(_PLAN, given | {"due": TUESDAY_NOON + timedelta(days=3650)})
    tx.execute(text("ANALYZE prompt"))


async def _idle_tick(db: Database) -> tuple[float, float]:
    """The medians of claims that find nothing, and of transactions that do nothing, in ms."""
    await db.write(_plan)

    async def tick() -> float:
        began = time.perf_counter()
        found = await db.write(prompt.claim_due, now=datetime.now(UTC), limit=100, lease=_LEASE)
        if found:
            raise RuntimeError("something was due")
        return (time.perf_counter() - began) * 1000

    async def nothing() -> float:
        began = time.perf_counter()
        await db.write(_do_nothing)
        return (time.perf_counter() - began) * 1000

    both = [(await tick(), await nothing()) for _ in range(200)]
    return median(one for one, _ in both), median(other for _, other in both)


def _do_nothing(tx: Connection) -> None:
    tx.execute(text("SELECT 1"))
