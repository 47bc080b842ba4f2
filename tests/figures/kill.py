"""`kill`: a process is killed at each step, 200 times, on both databases; what became of it.

Promised: nothing lost, nothing doubled; at most one more message, with a mark, where the process
died between Slack's answer and its commit; all well again within lease and tick (1 s each here)
and what a start takes. `STILLTRUE_FIGURE_TIMES` makes it shorter.
"""

import os
import tempfile
from itertools import count
from pathlib import Path

from tests.chaos.herd import herd
from tests.chaos.kill import (
    Killed,
    kill_while_migrating,
    kill_while_sending,
    kill_while_taking,
    place_names,
)
from tests.chaos.lane import lane_on
from tests.chaos.steps import SENDING, TAKING
from tests.figures.databases import databases
from tests.figures.figure import Figure, Value
from tests.figures.postgres import postgres_url

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "200"))  # noqa: TID251 - a figure's own knob
STATEMENTS = 60  # of the migration, each of which a process dies at


async def measure() -> Figure:
    found: list[tuple[str, Killed]] = []
    with tempfile.TemporaryDirectory() as folder, herd(Path(folder)) as processes:
        with databases() as urls:
            for name, url in urls.items():
                async with lane_on(url, processes) as lane:
                    places, numbers = place_names("A"), count(1)
                    for step in SENDING:
                        killed = await kill_while_sending(lane, step, times=TIMES, places=places)
                        found.append((name, killed))
                    await lane.start_project()
                    for step in TAKING:
                        killed = await kill_while_taking(lane, step, times=TIMES, numbers=numbers)
                        found.append((name, killed))
        statements = min(STATEMENTS, TIMES)
        async with lane_on(f"sqlite:///{Path(folder) / 'empty.db'}", processes) as lane:
            found.append(("SQLite", await kill_while_migrating(lane, times=statements)))
        with postgres_url() as url:
            async with lane_on(url, processes) as lane:
                found.append(("PostgreSQL", await kill_while_migrating(lane, times=statements)))
    return Figure(lines=tuple(_table(found)), values=tuple(_values(found)))


def _table(found: list[tuple[str, Killed]]) -> list[str]:
    head = f"{'database':<11}{'killed':<32}{'times':>6}{'lost':>6}{'doubled':>9}{'marked':>8}"
    rows = [
        f"{name:<11}{one.step.value:<32}{one.times:>6}{one.lost:>6}{one.doubled:>9}"
        f"{one.repeated:>8}{one.slowest:>10.1f} s"
        for name, one in found
    ]
    return [f"{head}{'slowest':>12}", *rows]


def _values(found: list[tuple[str, Killed]]) -> list[Value]:
    times = sum(one.times for _, one in found)
    lost, doubled = sum(one.lost for _, one in found), sum(one.doubled for _, one in found)
    slowest = max(one.slowest for _, one in found)
    marks_hold = all(one.holds for _, one in found)
    repeated = sum(one.repeated for _, one in found)
    return [
        Value(name="kill_times", value=times, unit="kills", holds=times > 0),
        Value(name="kill_lost", value=lost, unit="messages", holds=lost == 0),
        Value(name="kill_doubled", value=doubled, unit="messages", holds=doubled == 0),
        Value(name="kill_marked_repeats", value=repeated, unit="messages", holds=marks_hold),
        Value(name="kill_slowest", value=round(slowest, 2), unit="s", holds=marks_hold),
    ]
