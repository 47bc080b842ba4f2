"""`throughput`: commands stored and questions asked in a second, and how both grow with processes.

On PostgreSQL. Each is shown beside its limits, measured in the same run: an insert and its commit
by the driver alone, a bare Bolt that only acks, claims after which nothing is done. All processes,
the load and the witness share this machine, so more processes cannot do more than its cores.
Promised as floors, under which something has broken, and not as goals: a tenth of bare Bolt's
answers, which a pause of Slack's client bounds and no core does, so that the ratio falls with the
machine; 3 % of the driver's inserts, one row each where a command writes several and answers by
HTTP; a worker hands over, sends and records at least 1 % of what claims alone reach. Promised
besides: a second web process, and a second and a fourth worker, cost a tenth at
most, which is what two runs differ by; and a tick with nothing due among 1,000,000 planned prompts
takes under 2 ms.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median

import asyncpg
from sqlalchemy import Connection, func, select, text

from bot.domain.ids import UserId
from bot.store import schema
from bot.store.database import Database
from bot.store.prompt_claim import claim_due
from bot.store.tables import assumption
from tests.chaos.deliveries import command
from tests.chaos.herd import herd
from tests.chaos.lane import Lane, lane_on
from tests.chaos.questions import TUESDAY_NOON, people_names, plan_questions
from tests.chaos.workers import LONG_LEASE, Shared, share_questions
from tests.figures.figure import Figure, Value
from tests.figures.load import run
from tests.figures.postgres import Postgres, postgres
from tests.figures.processes import free_port, process

COMMANDS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "3000"))  # noqa: TID251 - a figure's own knob
PLANNED = int(os.environ.get("STILLTRUE_FIGURE_PLANNED", "1000000"))  # noqa: TID251
ROUNDS = 2  # of each, the better one counts: what else the machine does only takes away
IDLE_MS = 2.0
RAW_SHARE, BOLT_SHARE, CLAIM_SHARE = 0.03, 0.1, 0.01
GROWTH = 0.9
WORKERS = (1, 2, 4)
_LEASE = timedelta(seconds=30)
_LATER = TUESDAY_NOON + timedelta(days=3650)
CONNECTIONS = 32

_INSERT = "INSERT INTO inbox VALUES ('T0RAW', 'raw', $1, now())"
# One assumption with a million prompts is as much for the index as a million with one each.
_PLAN = (
    "INSERT INTO prompt (workspace, assumption, stakeholder, round, kind, attempt, due_at,"
    " first_due_at, reason, waited, state, outcome)"
    " SELECT workspace, assumption, 'U' || n, 1, 'ask', 1, $1, $1, '', '', 'planned', ''"
    " FROM assumption, generate_series(1, $2::int) AS n"
)


async def measure() -> Figure:
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        postgres() as server,
    ):
        await asyncio.to_thread(schema.upgrade, server.url)
        raw = await _raw_inserts(server.url)
        async with lane_on(server.url, processes) as lane:
            await lane.start_project()
            bolt = await _bare_bolt(lane)
            numbers, people = count(1), people_names("A")
            loads = {
                webs: [await _store(lane, webs, numbers) for _ in range(ROUNDS)] for webs in (1, 2)
            }
            shared = {
                workers: [
                    await share_questions(lane, workers=workers, rows=COMMANDS, people=people)
                    for _ in range(ROUNDS)
                ]
                for workers in WORKERS
            }
            claimed = await _bare_claims(lane, people)
        idle_ms, empty_ms = await _idle_tick(server, folder)
    stored = {webs: max(rate for rate, _ in some) for webs, some in loads.items()}
    refused = sum(number for some in loads.values() for _, number in some)
    asked = {workers: max(one.rate for one in some) for workers, some in shared.items()}
    wrong = sum(_wrong(one) for some in shared.values() for one in some)
    lines = (
        f"commands stored: {stored[1]:,.0f}/s by 1 web process, {stored[2]:,.0f}/s by 2 "
        f"({stored[2] / stored[1]:.2f} ×); the driver alone inserts and commits {raw:,.0f}/s, "
        f"a bare Bolt answers {bolt:,.0f}/s; {refused} refused with a sentence",
        f"questions claimed, handed over, sent and recorded: {asked[1]:,.0f}/s by 1 worker, "
        f"{asked[2]:,.0f}/s by 2 ({asked[2] / asked[1]:.2f} ×), {asked[4]:,.0f}/s by 4 "
        f"({asked[4] / asked[1]:.2f} ×), {wrong} lost, twice, or workers idle; "
        f"claims alone: {claimed:,.0f}/s",
        f"a tick with nothing due among {PLANNED:,} prompts: {idle_ms:.2f} ms; "
        f"a transaction that does nothing: {empty_ms:.2f} ms",
    )
    slowest_growth = min(asked[2], asked[4]) / asked[1]
    values = (
        _ratio("web_growth", stored[2] / stored[1], "of one process", least=GROWTH),
        Value(name="throughput_refused", value=refused, unit="commands", holds=refused == 0),
        _ratio("stored_of_raw", stored[1] / raw, "of the driver's inserts", least=RAW_SHARE),
        _ratio("stored_of_bolt", stored[1] / bolt, "of bare Bolt", least=BOLT_SHARE),
        _ratio("worker_growth", slowest_growth, "of one worker", least=GROWTH),
        _ratio("sent_of_claimed", asked[1] / claimed, "of bare claims", least=CLAIM_SHARE),
        Value(name="throughput_wrong", value=wrong, unit="questions", holds=wrong == 0),
        Value(
            name="throughput_idle_tick",
            value=round(idle_ms, 2),
            unit="ms",
            holds=idle_ms < IDLE_MS,
        ),
    )
    return Figure(lines=lines, values=values)


def _ratio(name: str, value: float, unit: str, *, least: float) -> Value:
    holds = value >= least
    return Value(name=f"throughput_{name}", value=round(value, 3), unit=unit, holds=holds)


def _wrong(shared: Shared) -> int:
    """Count questions that were lost or asked twice, and workers that did nothing."""
    verdict = shared.verdict
    bad = verdict.lost | verdict.forged | verdict.doubled | verdict.unwanted | verdict.repeated
    return len(bad) + sum(not sent for sent in shared.each)


async def _raw_inserts(url: str) -> float:
    """Inserts by the driver, each committed for itself, as many at once as there are commands."""
    pool = await asyncpg.create_pool(
        _for_the_driver(url), min_size=CONNECTIONS, max_size=CONNECTIONS
    )
    keys = iter(range(COMMANDS))

    async def work() -> None:
        async with pool.acquire() as connection:
            for key in keys:
                async with connection.transaction():
                    await connection.execute(_INSERT, f"raw {key}")

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - began
    await pool.close()
    return COMMANDS / seconds


async def _bare_bolt(lane: Lane) -> float:
    """Answers of a Bolt that only acks, to the same commands."""
    port = free_port()
    ready = f"http://127.0.0.1:{port}/healthz"
    async with process("-m", "tests.figures.bare_bolt", str(port), env=lane.env, ready=ready):
        load = [command(number, port) for number in range(COMMANDS)]
        measured = await run(port, load, connections=CONNECTIONS)
    if measured.failed:
        raise RuntimeError(f"bare Bolt refused {measured.failed} commands")
    return measured.per_second


async def _store(lane: Lane, webs: int, numbers: "count[int]") -> tuple[float, int]:
    """Send signed commands to that many web processes; say how many were stored a second.

    And how many were not: a database that takes too long is told to the person in a sentence.
    """
    before = await lane.db.read(_count_assumptions)
    children = [await lane.spawn("web", lease=LONG_LEASE) for _ in range(webs)]
    await asyncio.gather(*(child.answers("/readyz") for child in children))
    loads = [
        [command(next(numbers), child.port) for _ in range(COMMANDS // webs)] for child in children
    ]
    began = time.perf_counter()
    await asyncio.gather(
        *(
            run(child.port, load, connections=CONNECTIONS // webs)
            for child, load in zip(children, loads, strict=True)
        )
    )
    seconds = time.perf_counter() - began
    stored = await lane.db.read(_count_assumptions) - before
    for child in children:
        await child.stop()
    await lane.db.write(_forget_cards)
    return stored / seconds, sum(map(len, loads)) - stored


def _count_assumptions(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(assumption)).scalar_one()


def _forget_cards(tx: Connection) -> None:
    """Leave out the cards, and the first questions about what was logged."""
    tx.execute(text("DELETE FROM outbox WHERE kind = 'card'"))
    tx.execute(text("DELETE FROM prompt"))


async def _bare_claims(lane: Lane, people: Iterator[str]) -> float:
    """Claim due prompts and do nothing else with them."""
    await lane.db.write(plan_questions, [UserId(next(people)) for _ in range(COMMANDS)])
    taken, began = 0, time.perf_counter()
    while some := await lane.db.write(claim_due, now=TUESDAY_NOON, limit=100, lease=_LEASE):
        taken += len(some)
    if taken != COMMANDS:
        raise RuntimeError(f"{taken} prompts were claimed, and not {COMMANDS}")
    return taken / (time.perf_counter() - began)


async def _plan(url: str) -> None:
    """Plan a million prompts of one assumption for years after; the statistics are fresh."""
    connection = await asyncpg.connect(
        _for_the_driver(url)
    )  # no statement of the bot takes so long
    await connection.execute(_PLAN, _LATER, PLANNED)
    await connection.execute("ANALYZE prompt")
    await connection.close()


def _for_the_driver(url: str) -> str:
    return url.replace(":@/", "@/")


@asynccontextmanager
async def _with_many_planned(server: Postgres, folder: str) -> AsyncIterator[Database]:
    url = server.another("idle")
    await asyncio.to_thread(schema.upgrade, url)
    nobody = Path(folder) / "nobody"
    nobody.mkdir()
    with herd(nobody) as processes:
        async with lane_on(url, processes) as lane:
            await lane.start_project()
            await lane.db.write(plan_questions, [UserId("U0LATER")], due_at=_LATER)
            await _plan(url)
            yield lane.db


async def _idle_tick(server: Postgres, folder: str) -> tuple[float, float]:
    """The medians of claims that find nothing, and of transactions that do nothing, in ms."""
    async with _with_many_planned(server, folder) as db:

        async def tick() -> float:
            began = time.perf_counter()
            found = await db.write(claim_due, now=TUESDAY_NOON, limit=100, lease=_LEASE)
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
