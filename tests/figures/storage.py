"""`storage`: the SQLite file when its process is killed, its lock is held, its disk is full.

Promised: what was acknowledged is there, the file is sound; while nothing can be stored nobody is
told that it was: a person reads a sentence, an event gets a 5xx, each within the 3 s for which
Slack waits; all goes on by itself afterwards, events too. The full disk is a limit on the size of
the process's files: it needs no rights.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from bot.store import schema
from tests.chaos.herd import herd
from tests.chaos.lane import Lane, lane_on
from tests.chaos.storage import SEED, Blocked, fill_the_disk, kill_while_writing, lock_the_file
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "200"))  # noqa: TID251 - a figure's own knob
BLOCKS = max(1, TIMES // 10)
SECONDS = 10.0 if TIMES >= 100 else 3.0  # for which the lock or the disk is not there


async def measure() -> Figure:
    # Each with processes of its own: the room on the full disk is counted from their log.
    async with _lane("killed") as one, _lane("locked") as two, _lane("full") as three:
        killed, locked, full = await asyncio.gather(
            kill_while_writing(*one, times=TIMES, numbers=count(1)),
            lock_the_file(*two, times=BLOCKS, seconds=SECONDS, numbers=count(1)),
            fill_the_disk(three[0], times=BLOCKS, seconds=SECONDS, numbers=count(1)),
        )
    lines = (
        f"seed {SEED}",
        f"killed {killed.times} times while writing: {killed.acknowledged:,} acknowledged, "
        f"{killed.lost} of them lost; the file damaged {killed.damaged} times",
        _line(f"locked for {SECONDS:.0f} s", locked),
        _line(f"no room for {SECONDS:.0f} s", full),
    )
    values = (
        Value(name="storage_killed_lost", value=killed.lost, unit="commands", holds=killed.holds),
        *_values("locked", locked),
        *_values("full", full),
    )
    return Figure(lines=lines, values=values)


@asynccontextmanager
async def _lane(name: str) -> AsyncIterator[tuple[Lane, Path]]:
    """A lane on a file of its own, and the file."""
    with tempfile.TemporaryDirectory() as folder, herd(Path(folder)) as processes:
        file = Path(folder) / f"{name}.db"
        schema.upgrade(f"sqlite:///{file}")
        async with lane_on(f"sqlite:///{file}", processes) as lane:
            await lane.start_project()
            yield lane, file


def _line(what: str, blocked: Blocked) -> str:
    return (
        f"{what}, {blocked.times} times: {blocked.commands} commands refused with a sentence, "
        f"{blocked.wordless} in another way, {blocked.claimed} said to be stored and not there; "
        f"{blocked.events} events refused with a 5xx, {blocked.misled} in another way, "
        f"{blocked.accepted} acknowledged and not there, and afterwards {blocked.controls} stored; "
        f"slowest answer {blocked.slowest:.1f} s, recovered within {blocked.recovered:.1f} s"
    )


def _values(slug: str, blocked: Blocked) -> tuple[Value, ...]:
    return (
        Value(
            name=f"storage_{slug}_wrong", value=blocked.wrong, unit="answers", holds=blocked.holds
        ),
        Value(
            name=f"storage_{slug}_recovered",
            value=round(blocked.recovered, 2),
            unit="s",
            holds=blocked.recovered < 5,
        ),
    )
