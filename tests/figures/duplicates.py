"""`duplicates`: 10,000 deliveries and more; six times 1,000 pairs of clicks at once.

Commands, events, clicks, forms and events of a type that nobody knows come one to four times each,
out of order, with Slack's headers of a retry, some of them two hours late; on PostgreSQL to either
of two web processes. Promised, on both databases: one state change for each, every copy
acknowledged, and of two who click at once one wins and the other is told who, what and when.
Different answers are both stored. `STILLTRUE_FIGURE_ROWS` makes it shorter.
"""

import os
import tempfile
from itertools import count
from pathlib import Path

from tests.chaos.clicks import Clicked, Race, race
from tests.chaos.deliveries import Delivered, deliver_again, webs_on
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value

DELIVERIES = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
PAIRS = max(1, DELIVERIES // 10)
_COLUMNS = f"{'how often':>10}{'refused':>9}{'lost':>6}{'doubled':>9}{'not told':>10}"
_HEAD = f"{'database':<12}{'injected':<44}{_COLUMNS}"


async def measure() -> Figure:
    lines, values = [_HEAD], []
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        databases() as urls,
    ):
        for name, url in urls.items():
            async with lane_on(url, processes) as lane:
                await lane.start_project()
                numbers = count(1)
                async with webs_on(lane) as ports:
                    sent = await deliver_again(lane, ports, deliveries=DELIVERIES, numbers=numbers)
                    raced = [
                        await race(lane, ports, which, pairs=PAIRS, numbers=numbers)
                        for which in Race
                    ]
            lines += [*_deliveries(name, sent), *(_pairs(name, one) for one in raced)]
            values += _values(name.lower(), sent, raced)
    return Figure(lines=tuple(lines), values=tuple(values))


def _deliveries(name: str, sent: Delivered) -> list[str]:
    kinds = ", ".join(f"{number:,} × {kind}" for kind, number in sorted(sent.kinds.items()))
    refused = sent.refused.total() + sent.apologies
    return [
        f"{name:<12}{f'copies of {sent.distinct:,} deliveries':<44}{sent.deliveries:>10,}"
        f"{refused:>9}{sent.lost:>6}{sent.doubled:>9}{'-':>10}",
        f"{'':<12}of these {kinds}",
    ]


def _pairs(name: str, one: Clicked) -> str:
    refused = one.refused + one.apologies
    return (
        f"{name:<12}{one.race:<44}{one.pairs:>10,}{refused:>9}{len(one.lost):>6}"
        f"{len(one.doubled):>9}{len(one.untold | one.mistold):>10}"
    )


def _values(slug: str, sent: Delivered, raced: list[Clicked]) -> list[Value]:
    return [
        Value(
            name=f"duplicates_stored_{slug}",
            value=sent.lost + sent.doubled,
            unit="lost or doubled",
            holds=sent.holds,
        ),
        Value(
            name=f"duplicates_winners_{slug}",
            value=sum(len(one.lost | one.doubled | one.untold | one.mistold) for one in raced),
            unit="pairs that did not end right",
            holds=all(one.holds for one in raced),
        ),
    ]
