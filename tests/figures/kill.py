"""`kill`: a process is killed at each step, on both databases; what became of it.

Killed are: a worker around a post, 200 times a step, and around an update of what was posted
(`chat.update`), 25 times; a worker between the claim of a question and its message, 25 times; a
web process between what was delivered and its answer, 200 times a step with commands and 25 with
clicks, webhooks and events; an upgrade of an empty database, once at each of its statements
(their number is printed). One post in five goes to a channel, which is drawn anew once Slack has
described it.

Promised: every kill came about where it was meant; nothing lost, nothing doubled; exactly one
more message, with a mark, each time where the process died between Slack's answer and its
commit, and none elsewhere; what Slack shows last of a message is what was wanted last. From a
death until all is well again it takes no longer than lease and tick (1 s each here) and twice the
start of a process, which sends for the first time, too: the slowest start, up to its death, of
those killed on the same database (printed). `STILLTRUE_FIGURE_TIMES` makes it shorter.
"""

import asyncio
import os
import re
import sys
import tempfile
from itertools import count
from pathlib import Path

from tests.chaos.asking import Asked, kill_while_asking
from tests.chaos.herd import Herd, herd
from tests.chaos.kill import (
    Killed,
    is_soon,
    kill_while_migrating,
    kill_while_sending,
    kill_while_updating,
    later,
    place_names,
    places_and_channels,
    together,
)
from tests.chaos.lane import lane_on
from tests.chaos.steps import ASKING, SENDING, TAKING, UPDATING, Step
from tests.chaos.taking import clicks, commands, kill_while_taking, replies, webhooks
from tests.figures.databases import several_databases
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "200"))  # noqa: TID251 - a figure's own knob
FEWER = -(-TIMES // 8)  # of the steps that are no post and no command
# At once on each kind of database, each with one of its own: most of the time they wait. With more
# of them they would wait for the machine, and every recovery with them.
LANES = 2
STATEMENTS = 200  # of the migration, at most, each of which a process dies at


async def measure() -> Figure:
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        several_databases(2 * LANES) as urls,
        several_databases(1, are_empty=True) as empty,
    ):
        parts = await asyncio.gather(
            *(
                _one_lane(name, some[n], some[LANES + n], processes, n)
                for name, some in urls.items()
                for n in range(LANES)
            ),
            *(_migrate(name, url, processes) for name, (url,) in empty.items()),
        )
    found = [
        (name, together(ours))
        for name in urls
        for mine in ([one for part in parts for at, one in part if at == name],)
        for step in dict.fromkeys((one.step, one.of) for one in mine)
        for ours in ([one for one in mine if (one.step, one.of) == step],)
    ]
    return Figure(lines=tuple(table(found)), values=tuple(values(found)))


async def _one_lane(
    name: str, url: str, asking_url: str, processes: Herd, nth: int
) -> list[tuple[str, Killed]]:
    """Do this lane's share of each step; questions have a database where it is always Tuesday."""
    times, fewer = (n // LANES + (nth < n % LANES) for n in (TIMES, FEWER))
    found, places, numbers = [], place_names("B"), count(1)
    async with lane_on(url, processes) as lane:
        mixed = places_and_channels("A")
        for step in SENDING:
            killed = await kill_while_sending(lane, step, times=times, places=mixed)
            found.append(_tell(name, killed))
        for step in UPDATING:
            killed = await kill_while_updating(lane, step, times=fewer, places=places)
            found.append(_tell(name, killed))
        await lane.start_project()
        for source, share in (
            (commands(), times),
            (clicks(), fewer),
            (await webhooks(lane), fewer),
        ):
            for step in TAKING:
                killed = await kill_while_taking(lane, step, source, times=share, numbers=numbers)
                found.append(_tell(name, killed))
    async with lane_on(asking_url, processes) as lane:
        await lane.start_project()
        asked: list[Asked] = []
        for step in ASKING:
            killed, shown = await kill_while_asking(lane, step, times=fewer, numbers=numbers)
            found.append(_tell(name, killed))
            asked += shown
        events = replies(iter(asked))
        for step in TAKING:
            killed = await kill_while_taking(lane, step, events, times=fewer, numbers=numbers)
            found.append(_tell(name, killed))
    return found


def _tell(name: str, killed: Killed) -> tuple[str, Killed]:
    """Say at once what a lane found: a run that is cut off has not been for nothing."""
    print(_row(name, killed), file=sys.stderr, flush=True)
    return name, killed


async def _migrate(name: str, url: str, processes: Herd) -> list[tuple[str, Killed]]:
    async with lane_on(url, processes) as lane:
        killed = await kill_while_migrating(lane, times=min(STATEMENTS, TIMES))
        return [_tell(name, killed)]


def table(found: list[tuple[str, Killed]]) -> list[str]:
    head = f"{'database':<11}{'killed':<44}{'meant':>6}{'times':>6}{'lost':>6}{'doubled':>9}"
    heads = f"{head}{'marked':>8}{'slowest':>12}{'a start':>12}"
    return [heads, *(_row(name, one) for name, one in found)]


def _row(name: str, one: Killed) -> str:
    return (
        f"{name:<11}{one.name:<44}{one.times:>6}{one.injected:>6}{one.lost:>6}{one.doubled:>9}"
        f"{one.repeated:>8}{one.slowest:>10.1f} s{one.start_up:>10.1f} s"
    )


def values(found: list[tuple[str, Killed]]) -> list[Value]:
    """Sum up, then each step by itself: one that was never reached holds nowhere."""
    every = [one for _, one in found]
    starts = {
        database: max(
            one.start_up
            for name, one in found
            if name == database and one.step is not Step.MIGRATION  # no start: it does its work
        )
        for database, _ in found
    }
    times, lost = sum(one.injected for one in every), sum(one.lost for one in every)
    doubled, repeated = sum(one.doubled for one in every), sum(one.repeated for one in every)
    slowest = max(one.slowest for one in every)
    latest = max(later(one.slowest, starts[name]) for name, one in found)
    are_all = all(one.injected == one.times > 0 for one in every)
    are_right = all(one.is_right for one in every)
    are_soon = all(is_soon(one.slowest, starts[name]) for name, one in found)
    return [
        Value(name="kill_times", value=times, unit="kills", holds=are_all),
        Value(name="kill_lost", value=lost, unit="messages", holds=lost == 0),
        Value(name="kill_doubled", value=doubled, unit="messages", holds=doubled == 0),
        Value(name="kill_marked_repeats", value=repeated, unit="messages", holds=are_right),
        Value(name="kill_slowest", value=round(slowest, 2), unit="s", holds=are_soon),
        Value(name="kill_later", value=round(latest, 2), unit="s", holds=are_soon),
        *(_start_of(name, start_up) for name, start_up in starts.items()),
        *(_value_of(name, one, start_up=starts[name]) for name, one in found),
    ]


def _start_of(database: str, seconds: float) -> Value:
    name = f"kill_start_up_{database.lower()}"
    return Value(name=name, value=round(seconds, 2), unit="s", holds=True)


def _value_of(database: str, one: Killed, *, start_up: float) -> Value:
    slug = re.sub(r"\W+", "_", f"{database} {one.name}").lower()
    holds = one.is_right and is_soon(one.slowest, start_up)
    return Value(name=f"kill_times_{slug}", value=one.injected, unit="kills", holds=holds)
