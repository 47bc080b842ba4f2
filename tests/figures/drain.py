"""`drain`: 10,000 due in 50 workspaces at Slack's pace; processes asked to stop under load.

Setbacks into channels, and prompts of as many people, through the ticks of one process on SQLite.
Promised: no 429 of a Slack that keeps the sandbox's limits, each message once, and every workspace
done in at most twice the time that those limits alone take, a burst and the start left out: the
bot's own pace is half of them. Where this machine needs longer for the statements alone, which are
measured beside with nothing to wait for, in half as much again as those take. A process that gets
SIGTERM ends within 15 s, also where Slack hangs; nothing is lost, and repeated with a mark is at
most a call of which nobody knew how it ended. `STILLTRUE_FIGURE_ROWS` and `_TIMES` make it shorter.
"""

import asyncio
import os
import tempfile
from itertools import count
from pathlib import Path

from bot.store import schema
from tests.chaos.herd import Herd, herd
from tests.chaos.kill import place_names
from tests.chaos.lane import lane_on
from tests.chaos.stops import OF_WORKERS, Stop, Stopped, stop_webs, stop_workers, together
from tests.chaos.waves import (
    CHANNELS,
    WORKSPACES,
    Drained,
    Fill,
    drain,
    questions,
    setbacks,
    work_alone,
)
from tests.figures.databases import several_databases
from tests.figures.figure import Figure, Value

ROWS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
STOPS = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "100"))  # noqa: TID251
STOP_LANES = 4  # at once, each with a database of its own: most of the time they wait
BUSY = 2.0  # how much later than the sandbox's limits allow
BESIDE = 1.5  # how much later than the statements alone
_STARTING = 5.0  # seconds


async def measure() -> Figure:
    waves = {
        "messages": await _drain(setbacks, places=CHANNELS),
        "prompts": await _drain(questions, places=ROWS // WORKSPACES),
    }
    lines = [
        f"{'due at once':<48}{'how often':>10}{'429':>6}{'lost':>6}{'doubled':>9}{'done in':>18}"
        f"{'limits':>9}{'statements':>12}"
    ]
    lines += [_wave(name, *one) for name, one in waves.items()]
    values = [value for name, one in waves.items() for value in _wave_values(name, *one)]
    lines.append(
        f"{'SIGTERM':<48}{'how often':>10}{'idle':>6}{'lost':>6}{'doubled':>9}{'repeated':>10}"
        f"{'ended in':>10}{'recovered':>11}"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        several_databases(STOP_LANES) as urls,
    ):
        for name, some in urls.items():
            lanes = [_stop(url, processes, nth) for nth, url in enumerate(some)]
            stops = [together(parts) for parts in zip(*await asyncio.gather(*lanes), strict=True)]
            lines += [_stopped(name, one) for one in stops]
            values.append(
                Value(
                    name=f"drain_stop_{name.lower()}",
                    value=round(max(one.slowest for one in stops), 2),
                    unit="s",
                    holds=all(one.holds for one in stops),
                )
            )
    return Figure(lines=tuple(lines), values=tuple(values))


async def _drain(fill: Fill, *, places: int) -> tuple[Drained, float]:
    """Return what became of it, and how long the statements alone take."""
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / name}.db" for name in ("drain", "alone")]
        for url in urls:
            schema.upgrade(url)
        drained = await drain(urls[0], ROWS, fill, places=places, within=60 + ROWS / 20)
        return drained, await work_alone(urls[1], ROWS, fill)


async def _stop(url: str, processes: Herd, nth: int) -> list[Stopped]:
    """Let one lane do its share of each kind."""
    times = max(1, STOPS // STOP_LANES + (nth < STOPS % STOP_LANES))
    numbers, found = count(1), []
    async with lane_on(url, processes) as lane:
        await lane.start_project()
        for stop in Stop:
            if stop in OF_WORKERS:
                places = place_names(stop.name)
                found.append(await stop_workers(lane, stop, times=times, rows=5, places=places))
            else:
                found.append(await stop_webs(lane, stop, times=times, numbers=numbers))
    return found


def _wave(name: str, one: Drained, alone: float) -> str:
    what = f"{name} in {WORKSPACES} workspaces"
    done = f"{min(one.seconds.values()):.1f} to {max(one.seconds.values()):.1f} s"
    return (
        f"{what:<48}{one.due:>10,}{one.refused:>6}{one.missing.total():>6}"
        f"{one.extra.total():>9}{done:>18}{one.bound:>7.1f} s{alone:>10.1f} s"
    )


def _wave_values(name: str, one: Drained, alone: float) -> list[Value]:
    slug = "drain" if name == "messages" else f"drain_{name}"
    last, may_take = max(one.seconds.values()), max(one.bound * BUSY, alone * BESIDE)
    wrong = one.missing.total() + one.extra.total()
    return [
        Value(name=f"{slug}_refused", value=one.refused, unit="429", holds=one.refused == 0),
        Value(name=f"{slug}_lost", value=wrong, unit="lost or doubled", holds=wrong == 0),
        Value(
            name=f"{slug}_slowest_workspace",
            value=round(last / max(one.bound, alone), 2),
            unit="of what the sandbox's limits, or the statements, take",
            holds=last <= may_take + _STARTING,
        ),
    ]


def _stopped(name: str, one: Stopped) -> str:
    what = f"{name}: {one.stop}"
    recovered = f"{one.recovered:.1f} s" if one.recovered else "-"
    return (
        f"{what:<60}{one.times:>5}{one.idle:>6}{one.lost:>6}{one.doubled:>9}"
        f"{f'{one.repeated}/{one.may_repeat}':>10}{one.slowest:>8.1f} s{recovered:>11}"
    )
