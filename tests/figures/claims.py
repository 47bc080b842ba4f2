"""`claims`: five workers and 10,000 due messages; a worker that sleeps through its lease.

Promised, on both databases: every message posted once, by workers that all take part; and of the
ones that slept with a question, claimed or just posted, no row changed, although each tried to:
60 s, with a lease of 30 s, many of them at once, so that a hundred sleeps end in minutes.
"""

import asyncio
import os
import tempfile
from pathlib import Path

from tests.chaos.herd import Herd, herd
from tests.chaos.kill import place_names
from tests.chaos.lane import lane_on
from tests.chaos.questions import people_names
from tests.chaos.workers import LONG_LEASE, share, sleep_through_the_lease
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value

WORKERS = 5
ROWS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
SLEEPS = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "100"))  # noqa: TID251
SLEEP_SECONDS = float(os.environ.get("STILLTRUE_FIGURE_SECONDS", "60"))  # noqa: TID251
AT_ONCE = 25  # of those that sleep


async def measure() -> Figure:
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        databases() as urls,
    ):
        both = await asyncio.gather(*(_claim(name, url, processes) for name, url in urls.items()))
    return Figure(
        lines=tuple(line for lines, _ in both for line in lines),
        values=tuple(value for _, values in both for value in values),
    )


async def _claim(name: str, url: str, processes: Herd) -> tuple[list[str], list[Value]]:
    slug = name.lower()
    async with lane_on(url, processes) as lane:
        await lane.start_project()
        shared = await share(lane, workers=WORKERS, rows=ROWS, places=place_names("A"))
        slept = await sleep_through_the_lease(
            lane,
            times=SLEEPS,
            seconds=SLEEP_SECONDS,
            people=people_names("A"),
            at_once=AT_ONCE,
            lease=LONG_LEASE,
        )
    twice = shared.posts - ROWS
    lost = len(shared.verdict.lost | shared.verdict.forged)
    idle = sum(not sent for sent in shared.each)
    lines = [
        f"{name}: {WORKERS} workers, {ROWS:,} due messages: {shared.posts:,} posts, "
        f"{twice} twice, {lost} lost, {shared.rate:,.0f}/s; each sent "
        f"{', '.join(f'{sent:,}' for sent in shared.each)}",
        f"{name}: asleep with a question {slept.times} times, {SLEEP_SECONDS:.0f} s each: "
        f"{slept.tried} late writes tried, {slept.late_writes} rows changed, "
        f"{len(slept.verdict.doubled)} doubled, {len(slept.verdict.repeated)} repeated with a "
        f"mark, {len(slept.verdict.lost)} lost",
    ]
    values = [
        Value(name=f"claims_twice_{slug}", value=twice, unit="posts", holds=twice == 0),
        Value(name=f"claims_lost_{slug}", value=lost, unit="messages", holds=lost == 0),
        Value(name=f"claims_idle_{slug}", value=idle, unit="workers", holds=idle == 0),
        Value(
            name=f"claims_late_writes_{slug}",
            value=slept.late_writes,
            unit="rows",
            holds=slept.holds,
        ),
    ]
    return lines, values
