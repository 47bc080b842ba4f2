"""Several workers: they share the work, and one that slept through its lease is too late."""

import asyncio
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.herd import Child
from tests.chaos.judge import Verdict, judge
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE
from tests.chaos.steps import Step

_CHUNK = 500  # rows made due in one transaction
LONG_LEASE = 30  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    verdict: Verdict
    posts: int
    seconds: float


async def share(lane: Lane, *, workers: int, rows: int, places: Iterator[str]) -> Shared:
    """Let `workers` processes send `rows` messages that are due at once."""
    left = rows
    while left:
        some = min(left, _CHUNK)
        await lane.want(next(places) for _ in range(some))
        left -= some
    began = time.monotonic()
    # The pace of a workspace is each process's own, and not what is looked at here.
    children = await asyncio.gather(
        *(lane.spawn("worker", lease=LONG_LEASE, CHAOS_HASTE="1") for _ in range(workers))
    )
    ended = await lane.until_all_sent(within=PATIENCE + rows / 20)
    await asyncio.gather(*(child.stop() for child in children))
    verdict = judge(lane.wanted, lane.slack.posts, await lane.outbox())
    return Shared(verdict=verdict, posts=len(lane.slack.posts), seconds=ended - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slept:
    times: int
    late_writes: int  # rows that the sleeper changed after its lease had gone to another
    verdict: Verdict


async def sleep_through_the_lease(
    lane: Lane,
    *,
    times: int,
    seconds: float,
    places: Iterator[str],
    at_once: int = 1,
    lease: int = 1,
) -> Slept:
    """Stop workers between their POST and their commit; wake them when another one has the rows."""
    late_writes, left = 0, times
    while left:
        sleepers = await _fall_asleep(lane, min(left, at_once), lease=lease, places=places)
        left -= len(sleepers)
        slept_from = time.monotonic()
        other = await lane.spawn("worker", lease=LONG_LEASE)
        await lane.until_all_sent(within=PATIENCE)
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - slept_from)))
        before = await lane.outbox()
        for sleeper in sleepers:
            sleeper.signal(signal.SIGCONT)
        await asyncio.gather(*(sleeper.stop() for sleeper in sleepers))
        after = await lane.outbox()
        late_writes += sum(after[key] != row for key, row in before.items())
        await other.stop()
    verdict = judge(lane.wanted, lane.slack.posts, await lane.outbox())
    return Slept(times=times, late_writes=late_writes, verdict=verdict)


async def _fall_asleep(
    lane: Lane, at_most: int, *, lease: int, places: Iterator[str]
) -> list[Child]:
    """Let a worker with one message each fall asleep, as many as do while the leases hold."""
    sleepers: list[Child] = []
    until_then = time.monotonic() + lease / 2
    while not sleepers or (len(sleepers) < at_most and time.monotonic() < until_then):
        await lane.want([next(places)])
        sleepers.append(
            await lane.spawn("worker", step=Step.AFTER_POST, lease=lease, CHAOS_SIGNAL="SIGSTOP")
        )
        await sleepers[-1].stands_still()
    return sleepers


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    times: int
    slowest: float  # seconds from SIGTERM to the end
    verdict: Verdict


async def stop_under_load(lane: Lane, *, times: int, rows: int, places: Iterator[str]) -> Stopped:
    """Ask a worker to stop while calls are under way and more wait; another one does the rest."""
    slowest, lane.slack.seconds = 0.0, 0.2
    for _ in range(times):
        before = len(lane.slack.posts)
        # Two for each place: the second has to wait for its turn when the stop comes.
        await lane.want(place for place in (next(places) for _ in range(rows)) for _ in range(2))
        worker = await lane.spawn("worker", lease=LONG_LEASE)
        await lane.until_posted(before + 1)
        asked = time.monotonic()
        await worker.stop()
        slowest = max(slowest, time.monotonic() - asked)
        rest = await lane.spawn("worker", lease=LONG_LEASE)
        await lane.until_all_sent(within=PATIENCE)
        await rest.stop()
    verdict = judge(lane.wanted, lane.slack.posts, await lane.outbox())
    return Stopped(times=times, slowest=slowest, verdict=verdict)
