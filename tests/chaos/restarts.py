"""PostgreSQL goes away again and again while questions go out and answers come in."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from random import Random

from sqlalchemy import Connection, func, select

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.errors import RetryableError
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.domain.permission import OPERATOR
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.settings import default_config_dir, read_tuning
from bot.store import prompt as prompts
from bot.store.tables import history
from bot.usecases.assumption import log_assumption
from bot.usecases.project import get_project
from tests.chaos.deliveries import click
from tests.chaos.herd import Child
from tests.chaos.judge import judge
from tests.chaos.kill import status_of
from tests.chaos.lane import ANA, APOLLO, CHANNEL, HERE, Lane
from tests.chaos.poll import PATIENCE
from tests.chaos.slack import Post

TUESDAY_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # everybody works then, in UTC
_CHUNK = 100
_AT_ONCE = 16  # clicks
_LEASE = 4  # seconds: what a restart leaves claimed is free again soon


@dataclass(frozen=True, slots=True, kw_only=True)
class Survived:
    questions: int
    restarts: int
    lost: int  # questions that never went out, or were not recorded
    doubled: int  # shown again without a mark, or by nobody's decision
    repeated: int  # with a mark, once for each restart that kept it from being written down
    unanswered: int  # answers that were acknowledged and are not there
    answered_twice: int
    seconds: float

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.unanswered or self.answered_twice)


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
        await lane.db.write(_plan, range(first, min(first + _CHUNK, questions)))
    began = time.monotonic()
    now = TUESDAY_NOON.isoformat()
    web = await lane.spawn("web", lease=_LEASE, CHAOS_NOW=now, CHAOS_HASTE="1")
    worker = await lane.spawn("worker", lease=_LEASE, CHAOS_NOW=now, CHAOS_HASTE="1")
    await asyncio.gather(web.answers("/readyz"), worker.answers())
    monkey = _Monkey(restart, random, pause, down)
    pulling = asyncio.create_task(monkey.work())
    try:
        silent = await _answer_all(lane, web, questions, monkey)
    finally:
        pulling.cancel()
        await monkey.rest()
    await lane.until_all_sent(within=PATIENCE + questions / 10)
    await asyncio.gather(web.stop(), worker.stop())
    rows = await lane.outbox()
    asks = {key: row for key, row in rows.items() if key.kind is MessageKind.ASK}
    posts = [post for post in lane.slack.posts if post.key.kind is MessageKind.ASK]
    verdict = judge(set(asks), posts, asks)
    answers = await lane.db.read(_answers)
    # Shown, and answered before that could be written down: then there is nothing more to say.
    shown = {post.key for post in posts}
    done = {key for key in shown & asks.keys() if asks[key].state is MessageState.DEAD}
    return Survived(
        questions=questions,
        restarts=monkey.restarts,
        lost=len((verdict.lost - done) | verdict.forged) + questions - len(asks),
        doubled=len(_shown_again(posts) | verdict.unwanted),
        repeated=sum(post.is_marked for post in posts),
        unanswered=silent + questions - len(answers),
        answered_twice=sum(count > 1 for count in answers.values()),
        seconds=time.monotonic() - began,
    )


class _Monkey:
    """Restarts the database for as long as it is let, and as something gets done in between."""

    def __init__(
        self,
        restart: Callable[[float], Awaitable[None]],
        random: Random,
        pause: tuple[float, float],
        down: tuple[float, float],
    ) -> None:
        self._restart = restart
        self._random = random
        self._pause = pause
        self._down = down
        self._at_it: asyncio.Task[None] | None = None
        self._is_well = asyncio.Event()
        self._is_well.set()  # the first restart waits for nothing
        self._done = 0
        self.has_begun = asyncio.Event()
        self.restarts = 0

    async def work(self) -> None:
        while True:
            await self._is_well.wait()
            await asyncio.sleep(self._random.uniform(*self._pause))
            down = self._random.uniform(*self._down)
            self._at_it = asyncio.ensure_future(self._restart(down))
            self.restarts += 1
            self.has_begun.set()
            await asyncio.shield(self._at_it)
            self._is_well.clear()

    def sees(self, done: int) -> bool:
        """Hear how much is done in all; say whether it is more than before."""
        is_more, self._done = done > self._done, done
        if is_more:
            self._is_well.set()
        return is_more

    async def rest(self) -> None:
        """Return once the database is there again."""
        if self._at_it is not None:
            await self._at_it


async def _answer_all(lane: Lane, web: Child, questions: int, monkey: _Monkey) -> int:
    """Let each person click once they see their question, and again where an error came.

    Returns:
        How many clicks were acknowledged without a word although nothing was stored.

    Raises:
        TimeoutError: For a long time nothing more was asked or answered.
    """
    loop, numbers, silent = asyncio.get_running_loop(), count(1), 0
    async with asyncio.timeout(PATIENCE) as patience:
        await monkey.has_begun.wait()
        while len(stored := await _read_patiently(lane)) < questions:
            asked = {post.key.to for post in lane.slack.posts if post.key.kind is MessageKind.ASK}
            if monkey.sees(len(asked) + len(stored)):
                patience.reschedule(loop.time() + PATIENCE)
            waiting = islice(sorted(asked - set(stored)), _AT_ONCE)
            clicks = dict(zip(waiting, numbers, strict=False))
            acknowledged = await asyncio.gather(
                *(_click(lane, web, person, number) for person, number in clicks.items())
            )
            silent += await _silent(lane, clicks, acknowledged)
            await asyncio.sleep(0.05)
    return silent


async def _click(lane: Lane, web: Child, person: str, number: int) -> bool:
    key = AssumptionKey(APOLLO, _number_of(person))
    request = click(key, number, lane.slack.url, web.port, by=UserId(person))
    try:
        return await status_of(web.port, request) == 200
    except TimeoutError:  # the person sees that too, and clicks again
        return False


async def _silent(lane: Lane, clicks: dict[str, int], acknowledged: list[bool]) -> int:
    """Count the clicks that look well to their person and are not stored."""
    stored = await _read_patiently(lane)
    open_ones = [
        number
        for (person, number), is_well in zip(clicks.items(), acknowledged, strict=True)
        if is_well and person not in stored
    ]
    if not open_ones:
        return 0
    unheard = set(open_ones)
    with suppress(TimeoutError):  # the sentence that says so comes after the answer
        async with asyncio.timeout(PATIENCE / 2):
            while unheard:
                told = {call.method for call in lane.slack.calls}
                unheard = {number for number in unheard if f"respond-{number}" not in told}
                await asyncio.sleep(0.02)
    return len(unheard)


def _shown_again(posts: list[Post]) -> set[MessageKey]:
    times = Counter(post.key for post in posts if not post.is_marked)
    return {key for key, shown in times.items() if shown > 1}


async def _read_patiently(lane: Lane) -> dict[str, int]:
    """The answers by person, once the database is there."""
    while True:
        try:
            return await lane.db.read(_answers)
        except RetryableError:
            await asyncio.sleep(0.2)


def _plan(tx: Connection, numbers: range) -> None:
    """Log assumptions with one person each, and let each question be due."""
    cadence = read_tuning(default_config_dir()).cadence
    project = get_project(tx, HERE, APOLLO, reader=OPERATOR)
    for number in numbers:
        person = UserId(f"U0BO{number + 1}")
        key = log_assumption(
            tx,
            AssumptionDraft(
                statement=f"Part {number} is never late",
                owner=ANA,
                channel=CHANNEL,
                impact=Impact.LOW,
                stakeholders=(Stakeholder(user=person),),
            ),
            project=project,
            by=ANA,
            asked=(),
            now=TUESDAY_NOON - timedelta(days=1),
            cadence=cadence,
        )
        assert key is not None
        assert key.number == _number_of(person)
        ask = PromptKey(assumption=key, stakeholder=person, round=1, kind=PromptKind.ASK, attempt=1)
        due_at = TUESDAY_NOON - timedelta(hours=1)
        assert prompts.plan(tx, HERE, Planned(key=ask, due_at=due_at, reason="it is open"))


def _number_of(person: str) -> int:
    return int(person.removeprefix("U0BO"))


def _answers(tx: Connection) -> dict[str, int]:
    """How many answers each person has given."""
    answered = (
        select(history.c.by_user, func.count())
        .where(history.c.kind == "answered")
        .group_by(history.c.by_user)
    )
    return {person: number for person, number in tx.execute(answered)}  # noqa: C416 - rows are no pairs to mypy
