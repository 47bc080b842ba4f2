"""`duplicates`: 10,000 deliveries, each command one to four times; 2,000 pairs of clicks at once.

Promised, on both databases: one state change for each, every copy acknowledged with 200, and of
two clicks one wins and the other is told.
"""

import os
import tempfile
from itertools import count
from pathlib import Path

from tests.chaos.deliveries import DI, click_at_once, deliver_again
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value

DELIVERIES = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
PAIRS = max(1, DELIVERIES // 10)


async def measure() -> Figure:
    lines, values = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        databases() as urls,
    ):
        for name, url in urls.items():
            async with lane_on(url, processes) as lane:
                await lane.start_project()
                sent = await deliver_again(lane, deliveries=DELIVERIES, numbers=count(1))
                double = await click_at_once(lane, pairs=PAIRS)
                others = await click_at_once(lane, pairs=PAIRS, other=DI)
            lines += [
                f"{name}: {sent.deliveries:,} deliveries of {sent.distinct:,} commands: "
                f"{sent.stored:,} stored, {sent.refused} not acknowledged",
                *(
                    f"{name}: {one.pairs:,} pairs of clicks, {whose}: {one.answers:,} answers, "
                    f"{one.told:,} told, {one.refused} not acknowledged"
                    for whose, one in (
                        ("one person's", double),
                        ("one by somebody who was not asked", others),
                    )
                ),
            ]
            slug = name.lower()
            values += [
                Value(
                    name=f"duplicates_stored_{slug}",
                    value=sent.stored - sent.distinct,
                    unit="more than were meant",
                    holds=sent.holds,
                ),
                Value(
                    name=f"duplicates_winners_{slug}",
                    value=double.answers + others.answers - 2 * PAIRS,
                    unit="more than one for each pair",
                    holds=double.holds and others.holds,
                ),
            ]
    return Figure(lines=tuple(lines), values=tuple(values))
