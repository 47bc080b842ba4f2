"""The product's clock jumps while messages are being sent; leases run on the database's."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.domain.ids import UserId
from bot.domain.outbox import MessageKind
from tests.chaos.herd import Child
from tests.chaos.judge import judge
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE, until
from tests.chaos.questions import judge_questions, plan_questions, until_asked

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
    questions: int
    lost: int  # of both
    doubled: int
    repeated: int  # with a mark: no worker died, so there is no reason for one

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.repeated)


async def jump(
    lane: Lane,
    folder: Path,
    by: timedelta,
    *,
    times: int,
    rows: int,
    places: Iterator[str],
    people: Iterator[str],
) -> Jumped:
    """Let the clock be off by that much while leases are held, then right again.

    Messages and questions become due before and meanwhile. What is due by a clock that was ahead
    has to go out at the latest when the right one says so, too.
    """
    clock, names = folder / "clock", list[UserId]()
    right = _to_a_tuesday_noon()
    _set(clock, right)

    async def ask() -> None:
        """Let questions be due by what the clock says now."""
        some = [UserId(next(people)) for _ in range(rows)]
        now = datetime.now(UTC) + timedelta(seconds=float(clock.read_text(encoding="ascii")))
        await lane.db.write(plan_questions, some, due_at=now)
        names.extend(some)

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
        await ask()
        await lane.until_posted(first + 1)
        _set(clock, right + by)
        await lane.want(next(places) for _ in range(rows))
        await ask()
        await until(partial(_goes_by_it, clock, workers))
        _set(clock, right)
        await lane.until_all_sent(within=PATIENCE)
    _set(clock, right + max(by, timedelta(0)))
    await until_asked(lane, names)
    await lane.until_all_sent(within=PATIENCE)
    await asyncio.gather(*(worker.stop() for worker in workers))
    wanted = lane.wanted - already
    rows_of = {key: row for key, row in (await lane.outbox()).items() if key in wanted}
    posts = [post for post in lane.slack.posts[before:] if post.key.kind is MessageKind.SETBACK]
    questions, _ = await judge_questions(lane, names, first_post=before)
    verdicts = judge(wanted, posts, rows_of), questions
    return Jumped(
        jump=by,
        times=times,
        messages=len(wanted),
        questions=len(names),
        lost=sum(len(one.lost | one.forged) for one in verdicts),
        doubled=sum(len(one.doubled | one.unwanted) for one in verdicts),
        repeated=sum(len(one.repeated) for one in verdicts),
    )


def _to_a_tuesday_noon() -> timedelta:
    """How far off a coming one is, in UTC: everybody works then, and the days around it."""
    now = datetime.now(UTC)
    noon = now.replace(hour=12, minute=0) + timedelta(days=(1 - now.weekday()) % 7 + 7)
    return noon - now


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
