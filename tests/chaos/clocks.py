"""The product's clock jumps while messages are being sent; leases run on the database's."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from tests.chaos.herd import Child
from tests.chaos.judge import judge
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE, until

_WORKERS = 2
_LEASE_SECONDS = 10
_CALL_SECONDS = 0.3  # for which a lease is held over a call
_LOOKS = 10  # at the clock; a worker that ticks and sends looks at it more than once a second
JUMPS = (timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumped:
    jump: timedelta
    times: int
    messages: int
    lost: int
    doubled: int
    repeated: int  # with a mark: no worker died, so there is no reason for one

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.repeated)


async def jump(
    lane: Lane, folder: Path, by: timedelta, *, times: int, rows: int, places: Iterator[str]
) -> Jumped:
    """Let the clock be off by that much while leases are held, then right again."""
    clock = folder / "clock"
    _set(clock, timedelta(0))
    workers = [
        await lane.spawn("worker", lease=_LEASE_SECONDS, CHAOS_CLOCK=str(clock), CHAOS_HASTE="1")
        for _ in range(_WORKERS)
    ]
    await asyncio.gather(*(worker.answers() for worker in workers))
    lane.slack.seconds = _CALL_SECONDS
    before, already = len(lane.slack.posts), set(lane.wanted)
    for _ in range(times):
        first = len(lane.slack.posts)
        # Two for each place, so that some are claimed and wait for their turn.
        await lane.want(place for place in (next(places) for _ in range(rows)) for _ in range(2))
        await lane.until_posted(first + 1)
        _set(clock, by)
        await lane.want(next(places) for _ in range(rows))
        await until(partial(_goes_by_it, clock, workers))
        _set(clock, timedelta(0))
        await lane.until_all_sent(within=PATIENCE)
    await asyncio.gather(*(worker.stop() for worker in workers))
    wanted = lane.wanted - already
    rows_of = {key: row for key, row in (await lane.outbox()).items() if key in wanted}
    verdict = judge(wanted, lane.slack.posts[before:], rows_of)
    return Jumped(
        jump=by,
        times=times,
        messages=len(wanted),
        lost=len(verdict.lost | verdict.forged),
        doubled=len(verdict.doubled | verdict.unwanted),
        repeated=len(verdict.repeated),
    )


def _set(clock: Path, off: timedelta) -> None:
    """Let the workers' clock be off by that much, at once and as a whole."""
    new = clock.with_suffix(".new")
    new.write_text(str(off.total_seconds()), encoding="ascii")
    new.replace(clock)


async def _goes_by_it(clock: Path, workers: Iterable[Child]) -> bool:
    """Whether each of the workers has gone by what the clock says now for a while."""
    return all(_looks(clock, worker) >= _LOOKS for worker in workers)


def _looks(clock: Path, worker: Child) -> int:
    """How often in a row the worker has read what the clock says now."""
    off = clock.read_text(encoding="ascii")
    read = clock.with_name(f"{clock.name}-{worker.pid}").read_text(encoding="ascii").split()
    return int(read[1]) if len(read) == 2 and read[0] == off else 0
