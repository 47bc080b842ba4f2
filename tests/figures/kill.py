"""`kill`: a process is killed at each step, 200 times, on both databases; what became of it.

Promised: nothing lost, nothing doubled; at most one more message, with a mark, where the process
died between Slack's answer and its commit; what the dead one had in its hands well again no more
than lease and tick (1 s each here) later than what nobody had, at the same moment, from the same
next process. `STILLTRUE_FIGURE_TIMES` makes it shorter.
"""

import asyncio
import os
import sys
import tempfile
from itertools import count
from pathlib import Path

from tests.chaos.herd import Herd, herd
from tests.chaos.kill import (
    Killed,
    kill_while_migrating,
    kill_while_sending,
    kill_while_taking,
    place_names,
    together,
)
from tests.chaos.lane import lane_on
from tests.chaos.steps import SENDING, TAKING, Step
from tests.figures.databases import several_databases
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "200"))  # noqa: TID251 - a figure's own knob
LANES = 4  # at once on each kind of database, each with one of its own: most of the time they wait
STATEMENTS = 200  # of the migration, each of which a process dies at


async def measure() -> Figure:
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        several_databases(LANES) as urls,
        several_databases(1, are_empty=True) as empty,
    ):
        parts = await asyncio.gather(
            *(
                _one_lane(name, url, processes, times=TIMES // LANES + (n < TIMES % LANES))
                for name, some in urls.items()
                for n, url in enumerate(some)
            ),
            *(_migrate(name, url, processes) for name, (url,) in empty.items()),
        )
    found = [
        (name, together([one for one in ours if one.step is step]))
        for name in urls
        for ours in ([one for part in parts for at, one in part if at == name],)
        for step in (*SENDING, *TAKING, Step.MIGRATION)
    ]
    return Figure(lines=tuple(_table(found)), values=tuple(_values(found)))


async def _one_lane(
    name: str, url: str, processes: Herd, *, times: int
) -> list[tuple[str, Killed]]:
    async with lane_on(url, processes) as lane:
        places, numbers = place_names("A"), count(1)
        found = []
        for step in SENDING:
            killed = await kill_while_sending(lane, step, times=times, places=places)
            found.append(_tell(name, killed))
        await lane.start_project()
        for step in TAKING:
            killed = await kill_while_taking(lane, step, times=times, numbers=numbers)
            found.append(_tell(name, killed))
    return found


def _tell(name: str, killed: Killed) -> tuple[str, Killed]:
    """Say at once what a lane found: a run that is cut off has not been for nothing."""
    print(_row(name, killed), file=sys.stderr, flush=True)
    return name, killed


async def _migrate(name: str, url: str, processes: Herd) -> list[tuple[str, Killed]]:
    async with lane_on(url, processes) as lane:
        return [(name, await kill_while_migrating(lane, times=min(STATEMENTS, TIMES)))]


def _table(found: list[tuple[str, Killed]]) -> list[str]:
    head = f"{'database':<11}{'killed':<32}{'times':>6}{'lost':>6}{'doubled':>9}{'marked':>8}"
    return [f"{head}{'slowest':>12}{'later':>12}", *(_row(name, one) for name, one in found)]


def _row(name: str, one: Killed) -> str:
    return (
        f"{name:<11}{one.step.value:<32}{one.times:>6}{one.lost:>6}{one.doubled:>9}"
        f"{one.repeated:>8}{one.slowest:>10.1f} s{one.later:>10.1f} s"
    )


def _values(found: list[tuple[str, Killed]]) -> list[Value]:
    times = sum(one.times for _, one in found)
    lost, doubled = sum(one.lost for _, one in found), sum(one.doubled for _, one in found)
    slowest = max(one.slowest for _, one in found)
    later = max(one.later for _, one in found)
    marks_hold = all(one.is_right for _, one in found)
    is_soon = all(one.is_soon for _, one in found)
    repeated = sum(one.repeated for _, one in found)
    return [
        Value(name="kill_times", value=times, unit="kills", holds=times > 0),
        Value(name="kill_lost", value=lost, unit="messages", holds=lost == 0),
        Value(name="kill_doubled", value=doubled, unit="messages", holds=doubled == 0),
        Value(name="kill_marked_repeats", value=repeated, unit="messages", holds=marks_hold),
        Value(name="kill_slowest", value=round(slowest, 2), unit="s", holds=True),
        Value(name="kill_later", value=round(later, 2), unit="s", holds=is_soon),
    ]
