"""`frontdoor`: 100,000 malformed and mutated requests from Slack, as many from each other tool.

Most of Slack's and all of the tools' are signed. Promised: no answer but 200, 202, 400, 401, 404,
413 and 415, no connection cut, no answer later than 5 s, and no growth of memory: less than 5 %
from a tenth of the way to the end. As many again are bare HTTP, odd in itself: they may also get
405, which RFC 9110 demands for another method, and what is no HTTP may lose its connection.
`STILLTRUE_FIGURE_ROWS` is how many come from each.
"""

import os
import tempfile
from pathlib import Path

from bot.store import schema
from tests.chaos.frontdoor import GROWTH, SECONDS, SEED, fuzz
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.figures.figure import Figure, Value

REQUESTS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "100000"))  # noqa: TID251 - a figure's own knob


async def measure() -> Figure:
    with tempfile.TemporaryDirectory() as folder, herd(Path(folder)) as processes:
        url = f"sqlite:///{Path(folder) / 'door.db'}"
        schema.upgrade(url)
        async with lane_on(url, processes) as lane:
            await lane.start_project()
            fuzzed = await fuzz(lane, requests=REQUESTS)
    lines = [
        f"{fuzzed.requests:,} requests from each, {fuzzed.signed:,} of all are signed; seed {SEED}"
    ]
    for source, answers in fuzzed.answers.items():
        statuses = ", ".join(f"{n:,} × {status or 'cut'}" for status, n in sorted(answers.items()))
        lines.append(f"{source:<13}{statuses}")
    lines.append(
        f"no answer: {fuzzed.hung}; slowest answer {fuzzed.slowest:.2f} s; resident memory "
        f"{fuzzed.warm_mb:.1f} MB, at the end {fuzzed.end_mb:.1f} MB ({fuzzed.growth:+.1%})"
    )
    values = (
        Value(name="frontdoor_wrong", value=fuzzed.wrong, unit="answers", holds=fuzzed.wrong == 0),
        Value(name="frontdoor_hung", value=fuzzed.hung, unit="requests", holds=fuzzed.hung == 0),
        Value(
            name="frontdoor_slowest",
            value=round(fuzzed.slowest, 2),
            unit="s",
            holds=fuzzed.slowest < SECONDS,
        ),
        Value(
            name="frontdoor_growth",
            value=round(100 * fuzzed.growth, 1),
            unit="%",
            holds=fuzzed.growth < GROWTH,
        ),
    )
    return Figure(lines=tuple(lines), values=values)
