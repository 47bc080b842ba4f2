"""`acks-under-load`: 50 requests a second for 10 minutes; Slack hangs, the database takes 200 ms.

On SQLite a commit takes so long, on PostgreSQL each transaction, over 40 connections. Promised, on
both: 99 of 100 answered within a second, all within the three for which Slack waits, none with an
error or an apology, and what was acknowledged is stored, once. `STILLTRUE_FIGURE_SECONDS` makes it
shorter.
"""

import os
import tempfile
from collections import Counter
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
    lines = [
        f"{'database':<12}{'requests':>9}{'p50':>9}{'p99':>9}{'longest':>9}"
        f"{'refused':>9}{'to store':>10}{'lost':>6}{'doubled':>9}",
    ]
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
            lines.append(f"{'':<12}calls to Slack that hung: {_counted(acked.hung)}")
            values += _values(name.lower(), acked)
    return Figure(lines=tuple(lines), values=tuple(values))


def _line(name: str, acked: Acked) -> str:
    moments = "".join(f"{acked.share(part):>7.2f} s" for part in (0.5, 0.99, 1))
    return (
        f"{name:<12}{len(acked.seconds):>9,}{moments}{acked.refused:>9}{acked.sent.total():>10,}"
        f"{acked.missing.total():>6}{acked.extra.total():>9}"
    )


def _counted(calls: Counter[str]) -> str:
    return ", ".join(f"{number:,} × {method}" for method, number in sorted(calls.items())) or "none"


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
        Value(
            name=f"acks_lost_{slug}",
            value=acked.missing.total() + acked.extra.total(),
            unit="lost or doubled, where Slack hung",
            holds=acked.is_kept,
        ),
    ]
