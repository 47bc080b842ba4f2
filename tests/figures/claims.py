"""`claims`: five workers and 10,000 due messages; a worker that sleeps through its lease.

Promised, on both databases: every message posted once, and no write of the one that slept: 60 s,
with a lease of 30 s, many of them at once, so that a hundred sleeps end in minutes.
"""

import asyncio
import os
import tempfile
from pathlib import Path

from tests.chaos.herd import Herd, herd
from tests.chaos.kill import place_names
from tests.chaos.lane import lane_on
from tests.chaos.workers import LONG_LEASE, share, sleep_through_the_lease
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value

WORKERS = 5
ROWS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
SLEEPS = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "100"))  # noqa: TID251
SLEEP_SECONDS = 60.0
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
    slug, places = name.lower(), place_names("A")
    async with lane_on(url, processes) as lane:
        shared = await share(lane, workers=WORKERS, rows=ROWS, places=places)
        slept = await sleep_through_the_lease(
            lane,
            times=SLEEPS,
            seconds=SLEEP_SECONDS,
            places=places,
            at_once=AT_ONCE,
            lease=LONG_LEASE,
        )
    twice = shared.posts - ROWS
    lost = len(shared.verdict.lost | shared.verdict.forged)
    lines = [
        f"{name}: {WORKERS} workers, {ROWS:,} due messages: {shared.posts:,} posts, "
        f"{twice} twice, {lost} lost, {ROWS / shared.seconds:,.0f}/s",
        f"{name}: stopped between POST and commit {SLEEPS} times, {SLEEP_SECONDS:.0f} s "
        f"each: {slept.late_writes} late writes, {len(slept.verdict.doubled)} doubled, "
        f"{len(slept.verdict.repeated)} repeated with a mark, {len(slept.verdict.lost)} lost",
    ]
    values = [
        Value(name=f"claims_twice_{slug}", value=twice, unit="posts", holds=twice == 0),
        Value(name=f"claims_lost_{slug}", value=lost, unit="messages", holds=lost == 0),
        Value(
            name=f"claims_late_writes_{slug}",
            value=slept.late_writes,
            unit="rows",
            holds=slept.late_writes == 0 and slept.verdict.is_clean,
        ),
    ]
    return lines, values
