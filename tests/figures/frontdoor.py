"""`frontdoor`: 100,000 malformed and mutated requests, most of them signed, to a web process.

Promised: no 5xx, no answer later than 5 s, and no growth of memory.
"""

import os
import tempfile
from pathlib import Path

from bot.store import schema
from tests.chaos.frontdoor import ALLOWED, fuzz
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.figures.figure import Figure, Value

REQUESTS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "100000"))  # noqa: TID251 - a figure's own knob
GROWTH_MB = 20.0  # what the answered ones legitimately leave: caches, a larger heap


async def measure() -> Figure:
    with tempfile.TemporaryDirectory() as folder, herd(Path(folder)) as processes:
        url = f"sqlite:///{Path(folder) / 'door.db'}"
        schema.upgrade(url)
        async with lane_on(url, processes) as lane:
            await lane.start_project()
            fuzzed = await fuzz(lane, requests=REQUESTS)
    wrong = sum(n for status, n in fuzzed.answers.items() if status not in ALLOWED)
    statuses = ", ".join(f"{n:,} × {status}" for status, n in sorted(fuzzed.answers.items()))
    lines = (
        f"{fuzzed.requests:,} requests, {fuzzed.signed:,} of them signed: {statuses}",
        f"no answer: {fuzzed.hung}; slowest answer {fuzzed.slowest:.2f} s; "
        f"memory grew by {fuzzed.grown_mb:.1f} MB",
    )
    values = (
        Value(name="frontdoor_wrong", value=wrong, unit="answers", holds=wrong == 0),
        Value(name="frontdoor_hung", value=fuzzed.hung, unit="requests", holds=fuzzed.hung == 0),
        Value(
            name="frontdoor_growth",
            value=round(fuzzed.grown_mb, 1),
            unit="MB",
            holds=fuzzed.grown_mb < GROWTH_MB,
        ),
    )
    return Figure(lines=lines, values=values)
