"""Processes that are asked to stop while they have much to do; others do the rest."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.outbox import MessageKey, MessageState
from tests.chaos.acks import Acked, Asked, mixed, send
from tests.chaos.deliveries import changes, command, statement_of
from tests.chaos.judge import Recorded, Verdict, judge
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE, until
from tests.chaos.slack import BOT_TOKEN, HANG_SECONDS
from tests.chaos.workers import LONG_LEASE

STOP_SECONDS = 15.0  # after which platforms kill
_POST = "chat.postMessage"
_CLIENTS = 16
_ANSWERED = 20  # requests, before the stop comes


class Stop(StrEnum):
    """What is under way when it comes."""

    SENDING = "a worker that sends"
    HANGING = "a worker whose calls hang, and are not taken"
    TAKEN = "a worker whose calls hang, and are taken"
    TAKING = "a web process under load"
    TAKING_WHILE_SLACK_HANGS = "a web process, while Slack hangs"


OF_WORKERS = (Stop.SENDING, Stop.HANGING, Stop.TAKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What became of so many stops of one kind."""

    stop: Stop
    times: int
    idle: int = 0  # of them, at which nothing was under way or nothing was left: they prove nothing
    slowest: float = 0.0  # seconds from SIGTERM to the end
    lost: int = 0
    doubled: int = 0
    repeated: int = 0  # with a mark
    may_repeat: int = 0  # calls of which nobody knew whether they had come through
    recovered: float = 0.0  # seconds from the end of one to when another had done the rest, at most

    @property
    def is_right(self) -> bool:
        is_all_there = not (self.idle or self.lost or self.doubled)
        return is_all_there and self.repeated <= self.may_repeat

    @property
    def holds(self) -> bool:
        return self.is_right and self.slowest <= STOP_SECONDS


def together(parts: Iterable[Stopped]) -> Stopped:
    """Add up what several lanes saw of one kind."""
    known = list(parts)
    return Stopped(
        stop=known[0].stop,
        times=sum(one.times for one in known),
        idle=sum(one.idle for one in known),
        slowest=max(one.slowest for one in known),
        lost=sum(one.lost for one in known),
        doubled=sum(one.doubled for one in known),
        repeated=sum(one.repeated for one in known),
        may_repeat=sum(one.may_repeat for one in known),
        recovered=max(one.recovered for one in known),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One stop of a worker."""

    seconds: float
    called: int  # calls that it had made
    recovered: float
    left: Mapping[MessageKey, Recorded]  # what the outbox said when it was gone


def judge_stops(stop: Stop, ended: Iterable[Ended], verdict: Verdict) -> Stopped:
    """A call after which its message was not written down as sent may have come through."""
    known = list(ended)
    sent = [sum(row.state is MessageState.SENT for row in one.left.values()) for one in known]
    in_the_air = [one.called - done for one, done in zip(known, sent, strict=True)]
    waited = [len(one.left) - done for one, done in zip(known, sent, strict=True)]
    return Stopped(
        stop=stop,
        times=len(known),
        idle=sum(left == 0 for left in waited),
        slowest=max(one.seconds for one in known),
        lost=len(verdict.lost | verdict.forged),
        doubled=len(verdict.doubled | verdict.unwanted),
        repeated=len(verdict.repeated),
        may_repeat=0 if stop is Stop.SENDING else sum(in_the_air),
        recovered=max(one.recovered for one in known),
    )


async def stop_workers(
    lane: Lane, stop: Stop, *, times: int, rows: int, places: Iterator[str]
) -> Stopped:
    """Ask a worker to stop while calls are under way and more waits; another one does the rest."""
    first_post = len(lane.slack.posts)
    wanted: set[MessageKey] = set()
    ended = []
    for _ in range(times):
        # Two for each place: the second has to wait for its turn when the stop comes.
        twice = [place for place in itertools.islice(places, rows) for _ in range(2)]
        keys = await lane.want(twice)
        wanted.update(keys)
        ended.append(await _stop_a_worker(lane, stop, keys))
    written = {key: row for key, row in (await lane.outbox()).items() if key in wanted}
    return judge_stops(stop, ended, judge(wanted, lane.slack.posts[first_post:], written))


async def _stop_a_worker(lane: Lane, stop: Stop, keys: Iterable[MessageKey]) -> Ended:
    slack = lane.slack
    patience = str(PATIENCE) if stop is Stop.SENDING else "0"  # the bot's own
    if stop is Stop.HANGING:
        slack.fail(BOT_TOKEN, _POST, "hang", 1000)
    slack.seconds = HANG_SECONDS if stop is Stop.TAKEN else 0.2
    before = _called(lane)
    worker = await lane.spawn("worker", lease=LONG_LEASE, CHAOS_PATIENCE=patience)

    async def is_at_it() -> bool:
        return _called(lane) > before

    await until(is_at_it)
    asked = time.monotonic()
    await worker.stop()
    gone, called = time.monotonic(), _called(lane) - before
    rows = await lane.outbox()
    slack.mend()
    slack.seconds = 0.0
    rest = await lane.spawn("worker", lease=LONG_LEASE)
    well = await lane.until_all_sent(within=PATIENCE)
    await rest.stop()
    return Ended(
        seconds=gone - asked,
        called=called,
        recovered=well - gone,
        left={key: rows[key] for key in keys},
    )


def _called(lane: Lane) -> int:
    return sum(call.method == _POST for call in lane.slack.calls)


async def stop_webs(lane: Lane, stop: Stop, *, times: int, numbers: Iterator[int]) -> Stopped:
    """Ask a web process to stop while requests are under way, each on a connection of its own."""
    return judge_webs(stop, [await _stop_a_web(lane, stop, numbers) for _ in range(times)])


def judge_webs(stop: Stop, ended: Iterable[tuple[float, int, Acked]]) -> Stopped:
    """Judge stops by the seconds they took, the requests under way, and what was answered."""
    known = list(ended)
    return Stopped(
        stop=stop,
        times=len(known),
        idle=sum(under_way == 0 for _, under_way, _ in known),
        slowest=max(seconds for seconds, _, _ in known),
        lost=sum(acked.missing.total() for _, _, acked in known),
        doubled=sum(acked.extra.total() for _, _, acked in known),
    )


async def _stop_a_web(lane: Lane, stop: Stop, numbers: Iterator[int]) -> tuple[float, int, Acked]:
    web = await lane.spawn("web", lease=LONG_LEASE, CHAOS_PATIENCE="0")
    await web.answers("/readyz")
    first = next(numbers)
    acked, begun = Acked(), Counter[str]()
    before = await lane.db.read(changes)
    await send(web.port, Asked(command(first, web.port), statement_of(first)), acked)
    lane.slack.hangs = stop is Stop.TAKING_WHILE_SLACK_HANGS
    requests = mixed(web.port, numbers)

    async def act() -> None:
        while not acked.statuses[0]:  # until somebody was not let in
            begun["requests"] += 1
            await send(web.port, next(requests), acked)

    async def are_answered() -> bool:
        return acked.statuses[200] > _ANSWERED

    clients = [asyncio.create_task(act()) for _ in range(_CLIENTS)]
    await until(are_answered)
    under_way = begun["requests"] + 1 - acked.statuses.total()
    asked = time.monotonic()
    await web.stop()
    seconds = time.monotonic() - asked
    lane.slack.hangs = False
    await asyncio.gather(*clients)
    acked.stored = await lane.db.read(changes) - before
    return seconds, under_way, acked
