"""PostgreSQL goes away again and again while questions go out and answers come in."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count, islice, pairwise
from random import Random

from sqlalchemy import Connection, func, select

from bot.domain.errors import RetryableError
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.store.tables import history
from tests.chaos.deliveries import click
from tests.chaos.herd import Child
from tests.chaos.judge import judge
from tests.chaos.kill import status_of
from tests.chaos.lane import APOLLO, Lane
from tests.chaos.poll import PATIENCE, until
from tests.chaos.questions import TUESDAY_NOON, plan_questions
from tests.chaos.slack import Post

_PERSON = "U0BO"  # and their assumption's number
_CHUNK = 100
_AT_ONCE = 16  # clicks
_LEASE = 10  # seconds: soon free again after a restart, and time enough on a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Survived:
    questions: int
    restarts: int
    lost: int  # questions that never went out, were not recorded, or kept their buttons
    doubled: int  # again without a mark or without a restart in between, or unwanted
    repeated: int  # with a mark, once for each restart that kept it from being written down
    unheard: int  # clicks that were acknowledged, not stored, and not said to have failed
    vanished: int  # answers that were stored and are not there any more
    answered_twice: int
    slowest: float  # seconds until something was asked or answered after the database came back
    seconds: float

    @property
    def holds(self) -> bool:
        wrong = self.lost + self.doubled + self.unheard + self.vanished + self.answered_twice
        return wrong == 0 and self.restarts > 0


@dataclass(frozen=True, slots=True)
class Away:
    """When the database was away, by time.monotonic."""

    since: float
    until: float


async def survive(
    lane: Lane,
    *,
    questions: int,
    restart: Callable[[float], Awaitable[None]],
    pause: tuple[float, float],
    down: tuple[float, float],
    seed: int = 1,
) -> Survived:
    """Ask and answer `questions` while `restart(seconds down)` is called again and again.

    It is called `pause` seconds after something was asked or answered since the last time: on a
    machine that gets nothing done meanwhile, a restart would show nothing. Nobody answers before
    the first.
    """
    random = Random(seed)  # noqa: S311 - a run that can be repeated
    for first in range(0, questions, _CHUNK):
        numbers = range(first, min(first + _CHUNK, questions))
        await lane.db.write(plan_questions, [UserId(f"{_PERSON}{n + 1}") for n in numbers])
    began = time.monotonic()
    now = TUESDAY_NOON.isoformat()
    web = await lane.spawn("web", lease=_LEASE, CHAOS_NOW=now, CHAOS_HASTE="1")
    worker = await lane.spawn("worker", lease=_LEASE, CHAOS_NOW=now, CHAOS_HASTE="1")
    await asyncio.gather(web.answers("/readyz"), worker.answers())
    monkey = Monkey(restart, partial(_read_patiently, lane), random, pause, down)
    people = _People(lane, web)
    pulling = asyncio.create_task(monkey.work())
    try:
        await people.answer_all(questions, monkey)
    finally:
        pulling.cancel()
        await monkey.rest()
    await lane.until_all_sent(within=PATIENCE + questions / 10)
    await people.click_where_buttons_stayed()
    with suppress(TimeoutError):
        await until(partial(_has_none_parked, lane))  # a click tells after its ack where it was
    await lane.until_all_sent(within=PATIENCE)
    await asyncio.gather(web.stop(), worker.stop())
    rows = await lane.outbox()
    asks = {key: row for key, row in rows.items() if key.kind is MessageKind.ASK}
    posts = [post for post in lane.slack.posts if post.key.kind is MessageKind.ASK]
    verdict = judge(set(asks), posts, asks)
    answers = await lane.db.read(_answers)
    return Survived(
        questions=questions,
        restarts=len(monkey.away),
        lost=len(verdict.lost | verdict.forged) + questions - len(asks),
        doubled=len(shown_again(posts, monkey.away) | verdict.unwanted),
        repeated=sum(post.is_marked for post in posts),
        unheard=people.unheard,
        vanished=len(people.vanished),
        answered_twice=sum(count > 1 for count in answers.values()),
        slowest=monkey.slowest,
        seconds=time.monotonic() - began,
    )


def shown_again(posts: Iterable[Post], away: Collection[Away]) -> set[MessageKey]:
    """What came again without a mark, or though nothing kept the one before from being recorded."""
    shown: defaultdict[MessageKey, list[Post]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: post.at):
        shown[post.key].append(post)
    return {
        key
        for key, some in shown.items()
        for before, after in pairwise(some)
        if not (after.is_marked and _was_away(before.at, after.at, away))
    }


def _was_away(since: float, until: float, away: Iterable[Away]) -> bool:
    return any(one.since <= until and one.until >= since for one in away)


class Monkey:
    """Restarts the database for as long as it is let, and as something gets done in between."""

    def __init__(
        self,
        restart: Callable[[float], Awaitable[None]],
        is_back: Callable[[], Awaitable[object]],  # returns once it answers
        random: Random,
        pause: tuple[float, float],
        down: tuple[float, float],
    ) -> None:
        self._restart = restart
        self._is_back = is_back
        self._random = random
        self._pause = pause
        self._down = down
        self._at_it: asyncio.Task[None] | None = None
        self._is_well = asyncio.Event()
        self._is_well.set()  # the first restart waits for nothing
        self._done = 0
        self.has_begun = asyncio.Event()
        self.away: list[Away] = []
        self.slowest = 0.0

    async def work(self) -> None:
        while True:
            await self._is_well.wait()
            await asyncio.sleep(self._random.uniform(*self._pause))
            self._at_it = asyncio.ensure_future(self._once(self._random.uniform(*self._down)))
            await asyncio.shield(self._at_it)

    async def _once(self, down: float) -> None:
        since = time.monotonic()
        self.has_begun.set()
        await self._restart(down)
        await self._is_back()
        self.away.append(Away(since, time.monotonic()))
        self._is_well.clear()

    def sees(self, done: int) -> bool:
        """Hear how much is done in all; say whether it is more than before."""
        is_more, self._done = done > self._done, done
        if is_more and not self._is_well.is_set():
            self.slowest = max(self.slowest, time.monotonic() - self.away[-1].until)
            self._is_well.set()
        return is_more

    async def rest(self) -> None:
        """Return once the database is there again."""
        if self._at_it is not None:
            await self._at_it


class _People:
    """Each clicks once they see their question, and again where an error came."""

    def __init__(self, lane: Lane, web: Child) -> None:
        self._lane = lane
        self._web = web
        self._numbers = count(1)
        self._seen_stored: set[str] = set()
        self.vanished: set[str] = set()
        self.unheard = 0

    async def answer_all(self, questions: int, monkey: Monkey) -> None:
        """Return once every answer is stored.

        Raises:
            TimeoutError: For a long time nothing more was asked or answered.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE) as patience:
            await monkey.has_begun.wait()
            while len(stored := await self._stored()) < questions:
                shown = self._shown()
                if monkey.sees(len(shown) + len(stored)):
                    patience.reschedule(loop.time() + PATIENCE)
                waiting = islice(sorted(shown.keys() - stored), _AT_ONCE)
                await self._click([shown[person] for person in waiting])
                await asyncio.sleep(0.05)

    async def click_where_buttons_stayed(self) -> None:
        """Click once more in each message that does not show the answer, as people would."""
        rows = await self._lane.outbox()
        stayed = [
            post
            for post in self._shown().values()
            if post.key not in rows or rows[post.key].state is not MessageState.SENT
        ]
        await self._click(stayed)

    def _shown(self) -> dict[str, Post]:
        """The newest message of each person who was asked."""
        return {
            post.key.to: post for post in self._lane.slack.posts if post.key.kind is MessageKind.ASK
        }

    async def _stored(self) -> set[str]:
        stored = set(await _read_patiently(self._lane))
        self.vanished |= self._seen_stored - stored
        self._seen_stored |= stored
        return stored

    async def _click(self, posts: Sequence[Post]) -> None:
        clicks = dict(zip((post.key.to for post in posts), self._numbers, strict=False))
        acknowledged = await asyncio.gather(
            *(self._click_once(post, clicks[post.key.to]) for post in posts)
        )
        well = {post.key.to for post, is_well in zip(posts, acknowledged, strict=True) if is_well}
        stored = await self._stored()
        numbers = {clicks[person] for person in well - stored}
        if numbers:
            self.unheard += await self._unheard(numbers)

    async def _click_once(self, post: Post, number: int) -> bool:
        person, port = post.key.to, self._web.port
        key, place = AssumptionKey(APOLLO, _number_of(person)), (post.channel, post.ts)
        request = click(key, number, self._lane.slack.url, port, by=UserId(person), place=place)
        try:
            return await status_of(port, request) == 200
        except TimeoutError:  # the person sees that too, and clicks again
            return False

    async def _unheard(self, numbers: set[int]) -> int:
        """Count the clicks that look well to their person, and are not stored, for good."""
        with suppress(TimeoutError):  # the sentence that says so comes after the answer
            async with asyncio.timeout(PATIENCE / 2):
                while numbers:
                    numbers = {number for number in numbers if not self._is_told(number)}
                    await asyncio.sleep(0.02)
        return len(numbers)

    def _is_told(self, number: int) -> bool:
        said = [
            str(call.body.get("text", ""))
            for call in self._lane.slack.calls
            if call.method == f"respond-{number}"
        ]
        return any(said) and not any("answered" in text.lower() for text in said)


async def _has_none_parked(lane: Lane) -> bool:
    rows = await lane.outbox()
    return not any(
        row.state is MessageState.DEAD for key, row in rows.items() if key.kind is MessageKind.ASK
    )


async def _read_patiently(lane: Lane) -> dict[str, int]:
    """The answers by person, once the database is there.

    Raises:
        TimeoutError: It stays away.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await lane.db.read(_answers)
            except RetryableError:
                await asyncio.sleep(0.2)


def _number_of(person: str) -> int:
    return int(person.removeprefix(_PERSON))


def _answers(tx: Connection) -> dict[str, int]:
    """How many answers each person has given."""
    answered = (
        select(history.c.by_user, func.count())
        .where(history.c.kind == "answered")
        .group_by(history.c.by_user)
    )
    return {person: number for person, number in tx.execute(answered)}  # noqa: C416 - rows are no pairs to mypy
