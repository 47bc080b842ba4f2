"""Several workers: they share the work, and one that slept through its lease is too late."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle

from sqlalchemy import Connection, select, update

from bot.domain.ids import UserId
from bot.domain.outbox import MessageKey
from bot.store.tables import assumption, attention, history, outbox, prompt
from tests.chaos.herd import Child
from tests.chaos.judge import Verdict, judge
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE, until
from tests.chaos.questions import (
    DUE,
    TUESDAY_NOON,
    judge_questions,
    plan_questions,
    until_asked,
)
from tests.chaos.steps import Step
from tests.chaos.tells import Write, writes

_CHUNK = 500  # rows made due in one transaction
LONG_LEASE = 30  # seconds
_FAR_OFF = timedelta(hours=6)
# Where a worker falls asleep with a question, and what it will try to write when it wakes up.
_TRIES = {Step.AFTER_POST: "accepted", Step.PROMPT_CLAIMED: "hand_over"}
_CHANGEABLE = (assumption, attention, history, outbox, prompt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    verdict: Verdict
    posts: int
    each: tuple[int, ...]  # messages that each worker sent and wrote down
    seconds: float  # from when all were at it, to the end
    sent_then: int  # messages sent in that time

    @property
    def is_shared(self) -> bool:
        """Whether every worker did some of the work."""
        return all(self.each)

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.sent_then / self.seconds


async def share(lane: Lane, *, workers: int, rows: int, places: Iterator[str]) -> Shared:
    """Let `workers` processes send `rows` messages that are due at once."""
    wanted: set[MessageKey] = set()
    while len(wanted) < rows:
        some = min(_CHUNK, rows - len(wanted))
        wanted.update(await lane.want(next(places) for _ in range(some)))
    await lane.db.write(_put_off)
    first = len(lane.slack.posts)
    now = datetime.now(UTC)
    work = await _work_together(lane, _make_due, workers=workers, rows=rows, now=now)
    posts = lane.slack.posts[first:]
    written = {key: row for key, row in (await lane.outbox()).items() if key in wanted}
    return _shared(judge(wanted, posts, written), len(posts), work)


async def share_questions(lane: Lane, *, workers: int, rows: int, people: Iterator[str]) -> Shared:
    """Let them hand over and ask `rows` questions, each of somebody else, that are due at once."""
    names = [UserId(next(people)) for _ in range(rows)]
    for begin in range(0, rows, _CHUNK):
        await lane.db.write(plan_questions, names[begin : begin + _CHUNK], due_at=DUE + _FAR_OFF)
    first = len(lane.slack.posts)
    work = await _work_together(
        lane, _make_questions_due, workers=workers, rows=rows, now=TUESDAY_NOON
    )
    verdict, posts = await judge_questions(lane, names, first_post=first)
    return _shared(verdict, posts, work)


@dataclass(frozen=True, slots=True)
class _Work:
    each: tuple[int, ...]
    seconds: float
    sent_then: int


def _shared(verdict: Verdict, posts: int, work: _Work) -> Shared:
    return Shared(
        verdict=verdict,
        posts=posts,
        each=work.each,
        seconds=work.seconds,
        sent_then=work.sent_then,
    )


async def _work_together(
    lane: Lane, make_due: Callable[[Connection], None], *, workers: int, rows: int, now: datetime
) -> _Work:
    """Let all of them begin together: neither their start nor who comes first is in the time.

    Slack answers once each of them has claimed something.
    """
    slack, first, already = lane.slack, len(lane.slack.calls), len(lane.slack.posts)
    slack.is_open.clear()
    # The pace of a workspace is each process's own, and not what is looked at here.
    started = (
        lane.spawn(
            "worker",
            lease=LONG_LEASE,
            CHAOS_HASTE="1",
            CHAOS_TELLS="1",
            CHAOS_NOW=now.isoformat(),
        )
        for _ in range(workers)
    )
    children = await asyncio.gather(*started)
    await asyncio.gather(*(child.answers() for child in children))
    await lane.db.write(make_due)

    def count_under_way() -> int:
        return sum(call.method.startswith("chat.") for call in slack.calls[first:])

    async def are_all_at_it() -> bool:
        return have_claimed(writes(lane.herd.said), {child.pid for child in children})

    async def is_all_posted() -> bool:
        return len(slack.posts) - already >= rows

    with suppress(TimeoutError):  # what each of them did says so, then
        await until(are_all_at_it, within=LONG_LEASE / 3)
    began, under_way = time.monotonic(), count_under_way()
    slack.is_open.set()
    await until(is_all_posted, within=PATIENCE + rows / 20)
    ended = await lane.until_all_sent(within=PATIENCE)
    await asyncio.gather(*(child.stop() for child in children))
    each = each_sent(writes(lane.herd.said), [child.pid for child in children])
    return _Work(each, ended - began, rows - under_way)


def have_claimed(told: Iterable[Write], pids: Set[int]) -> bool:
    """Whether each of the processes has claimed a message."""
    return pids <= {one.pid for one in told if one.unit == "claim_messages" and one.changed}


def each_sent(told: Iterable[Write], pids: Iterable[int]) -> tuple[int, ...]:
    """How many messages each process wrote down as sent."""
    sent = Counter(one.pid for one in told if one.unit == "accepted" and one.changed)
    return tuple(sent[pid] for pid in pids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slept:
    times: int
    tried: int  # of them, after which the sleeper tried to write what it had begun
    late_writes: int  # rows that changed then, in any table
    verdict: Verdict

    @property
    def holds(self) -> bool:
        return self.tried == self.times and not self.late_writes and self.verdict.is_clean


async def sleep_through_the_lease(
    lane: Lane,
    *,
    times: int,
    seconds: float,
    people: Iterator[str],
    at_once: int = 1,
    lease: int = 1,
) -> Slept:
    """Stop workers while they hold a question; wake them when another one has asked it."""
    late_writes, steps = 0, cycle(_TRIES)
    names: list[UserId] = []
    slept: dict[int, Step] = {}
    while len(names) < times:
        at_most, begun = min(times - len(names), at_once), len(names)
        sleepers = await _fall_asleep(
            lane, at_most, lease=lease, steps=steps, people=people, names=names
        )
        slept_from = time.monotonic()
        other = await lane.spawn("worker", lease=LONG_LEASE, CHAOS_NOW=TUESDAY_NOON.isoformat())
        await until_asked(lane, names[begun:])
        await lane.until_all_sent(within=PATIENCE)
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - slept_from)))
        before = await lane.db.read(_everything)
        for sleeper, _ in sleepers:
            sleeper.signal(signal.SIGCONT)
        await asyncio.gather(*(sleeper.stop() for sleeper, _ in sleepers))
        late_writes += len(await lane.db.read(_everything) ^ before)
        slept |= {sleeper.pid: step for sleeper, step in sleepers}
        await other.stop()
    verdict, _ = await judge_questions(lane, names)
    tried = count_tries(writes(lane.herd.said), slept)
    return Slept(times=times, tried=tried, late_writes=late_writes, verdict=verdict)


def count_tries(told: Iterable[Write], slept: Mapping[int, Step]) -> int:
    """How many that slept tried to write what they had begun, by where each fell asleep."""
    tries = {pid: _TRIES[step] for pid, step in slept.items()}
    return len({one.pid for one in told if tries.get(one.pid) == one.unit})


async def _fall_asleep(
    lane: Lane,
    at_most: int,
    *,
    lease: int,
    steps: Iterator[Step],
    people: Iterator[str],
    names: list[UserId],
) -> list[tuple[Child, Step]]:
    """Let a worker with one question each fall asleep, as many as do while the leases hold."""
    sleepers: list[tuple[Child, Step]] = []
    until_then = time.monotonic() + lease / 2
    while not sleepers or (len(sleepers) < at_most and time.monotonic() < until_then):
        names.append(UserId(next(people)))
        await lane.db.write(plan_questions, [names[-1]])
        step = next(steps)
        sleeper = await lane.spawn(
            "worker",
            step=step,
            lease=lease,
            CHAOS_SIGNAL="SIGSTOP",
            CHAOS_TELLS="1",
            CHAOS_NOW=TUESDAY_NOON.isoformat(),
        )
        sleepers.append((sleeper, step))
        await sleeper.stands_still()
    return sleepers


def _everything(tx: Connection) -> frozenset[tuple[str, str]]:
    """Each row that work on a question may change."""
    return frozenset(
        (table.name, repr(tuple(row))) for table in _CHANGEABLE for row in tx.execute(select(table))
    )


def _put_off(tx: Connection) -> None:
    later = datetime.now(UTC) + _FAR_OFF
    tx.execute(update(outbox).values(due_at=later, leased_until=None))


def _make_due(tx: Connection) -> None:
    tx.execute(update(outbox).values(due_at=datetime.now(UTC)))


def _make_questions_due(tx: Connection) -> None:
    tx.execute(update(prompt).where(prompt.c.due_at == DUE + _FAR_OFF).values(due_at=DUE))
