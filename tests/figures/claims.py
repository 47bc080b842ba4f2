"""`claims`: five workers and 10,000 due messages; a worker that sleeps through its lease.

Promised, on both databases: every message posted once, and no write of the one that slept. It
sleeps 3 s with a lease of 1 s, so that a hundred sleeps end in minutes; `-m chaos` has 60 s.
"""

import os
import tempfile
from pathlib import Path

from tests.chaos.herd import herd
from tests.chaos.kill import place_names
from tests.chaos.lane import lane_on
from tests.chaos.workers import share, sleep_through_the_lease
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value

WORKERS = 5
ROWS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
SLEEPS = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "100"))  # noqa: TID251
SLEEP_SECONDS = 3.0


async def measure() -> Figure:
    lines, values = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        databases() as urls,
    ):
        for name, url in urls.items():
            slug, places = name.lower(), place_names("A")
            async with lane_on(url, processes) as lane:
                shared = await share(lane, workers=WORKERS, rows=ROWS, places=places)
                slept = await sleep_through_the_lease(
                    lane, times=SLEEPS, seconds=SLEEP_SECONDS, places=places
                )
            twice = shared.posts - ROWS
            lost = len(shared.verdict.lost | shared.verdict.forged)
            lines += [
                f"{name}: {WORKERS} workers, {ROWS:,} due messages: {shared.posts:,} posts, "
                f"{twice} twice, {lost} lost, {ROWS / shared.seconds:,.0f}/s",
                f"{name}: stopped between POST and commit {SLEEPS} times, {SLEEP_SECONDS:.0f} s "
                f"each: {slept.late_writes} late writes, {len(slept.verdict.doubled)} doubled, "
                f"{len(slept.verdict.lost)} lost",
            ]
            values += [
                Value(name=f"claims_twice_{slug}", value=twice, unit="posts", holds=twice == 0),
                Value(name=f"claims_lost_{slug}", value=lost, unit="messages", holds=lost == 0),
                Value(
                    name=f"claims_late_writes_{slug}",
                    value=slept.late_writes,
                    unit="rows",
                    holds=slept.late_writes == 0 and slept.verdict.is_clean,
                ),
            ]
    return Figure(lines=tuple(lines), values=tuple(values))
