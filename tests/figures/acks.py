"""`acks-under-load`: 50 requests a second for 10 minutes; Slack hangs, the database takes 200 ms.

On SQLite a commit takes so long, on PostgreSQL each transaction, over 40 connections. Promised, on
both: 99 of 100 answered within a second, all within the three for which Slack waits, and none with
an error. `STILLTRUE_FIGURE_SECONDS` makes it shorter.
"""

import os
import tempfile
from pathlib import Path

from tests.chaos.acks import Acked, ack_under_load
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value

SECONDS = float(os.environ.get("STILLTRUE_FIGURE_SECONDS", "600"))  # noqa: TID251 - a figure's own knob
PER_SECOND = 50.0
SLOW = 0.2  # seconds of each transaction
MOST_OF_THEM, LONGEST = 1.0, 3.0  # seconds


async def measure() -> Figure:
    lines: list[str] = []
    values: list[Value] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        databases() as urls,
    ):
        for name, url in urls.items():
            async with lane_on(url, processes) as lane:
                await lane.start_project()
                acked = await ack_under_load(
                    lane, seconds=SECONDS, per_second=PER_SECOND, slow=SLOW
                )
            lines.append(_line(name, acked))
            values += _values(name.lower(), acked)
    return Figure(lines=tuple(lines), values=tuple(values))


def _line(name: str, acked: Acked) -> str:
    return (
        f"{name}: {len(acked.seconds):,} requests at {PER_SECOND:.0f}/s, Slack hung, database "
        f"{SLOW * 1000:.0f} ms: p50 {acked.share(0.5):.2f} s, p99 {acked.share(0.99):.2f} s, "
        f"longest {acked.share(1):.2f} s; {acked.refused} not answered with 200"
    )


def _values(slug: str, acked: Acked) -> list[Value]:
    p99, longest = acked.share(0.99), acked.share(1)
    return [
        Value(name=f"acks_p99_{slug}", value=round(p99, 3), unit="s", holds=p99 < MOST_OF_THEM),
        Value(
            name=f"acks_longest_{slug}", value=round(longest, 3), unit="s", holds=longest < LONGEST
        ),
        Value(
            name=f"acks_refused_{slug}",
            value=acked.refused,
            unit="requests",
            holds=acked.refused == 0,
        ),
    ]
