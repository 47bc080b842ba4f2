"""`clock`: the product's clock jumps by an hour and a day, ahead and back, while leases are held.

Messages and questions are due before, and become due meanwhile. Promised, on both databases:
nothing sent twice, nothing left out once the clock is right again.
"""

import os
import tempfile
from pathlib import Path

from tests.chaos.clocks import JUMPS, jump
from tests.chaos.herd import herd
from tests.chaos.kill import place_names
from tests.chaos.lane import lane_on
from tests.chaos.questions import people_names
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "25"))  # noqa: TID251 - a figure's own knob
ROWS = 10


async def measure() -> Figure:
    lines, values = [], []
    with (
        tempfile.TemporaryDirectory() as name,
        herd(Path(name)) as processes,
        databases() as urls,
    ):
        for database, url in urls.items():
            places, people, wrong = place_names("A"), people_names("A"), 0
            async with lane_on(url, processes) as lane:
                await lane.start_project()
                for by in JUMPS:
                    found = await jump(
                        lane,
                        Path(name),
                        by,
                        times=TIMES,
                        rows=ROWS,
                        places=places,
                        people=people,
                    )
                    wrong += found.lost + found.doubled + found.repeated
                    lines.append(
                        f"{database}: clock off by {by.total_seconds() / 3600:+.0f} h {TIMES} "
                        f"times: {found.messages:,} messages and {found.questions:,} questions, "
                        f"{found.lost} lost, "
                        f"{found.doubled} doubled, {found.repeated} repeated"
                    )
            values.append(
                Value(
                    name=f"clock_wrong_{database.lower()}",
                    value=wrong,
                    unit="messages",
                    holds=wrong == 0,
                )
            )
    return Figure(lines=tuple(lines), values=tuple(values))
