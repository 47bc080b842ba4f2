"""A worker dies between the claim of a question and its message."""

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.domain.ids import AssumptionKey, UserId
from bot.domain.outbox import MessageKind, MessageState
from bot.domain.prompt import PromptState
from bot.store.tables import prompt as table
from tests.chaos.kill import Deaths, Killed
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE, until
from tests.chaos.questions import TUESDAY_NOON, plan_questions
from tests.chaos.steps import Step
from tests.chaos.workers import LONG_LEASE

_AT_NOON = {"CHAOS_NOW": TUESDAY_NOON.isoformat(), "CHAOS_HASTE": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that Slack shows."""

    key: AssumptionKey
    person: UserId
    channel: str
    ts: str


async def kill_while_asking(
    lane: Lane, step: Step, *, times: int, numbers: Iterator[int]
) -> tuple[Killed, list[Asked]]:
    """Let a worker die at `step` with somebody's only question in its hands; another one follows.

    Each person has to be asked once, and the question has to be known to be sent. From now on
    the lane's processes live on a Tuesday at noon.
    """
    lane.given.update(_AT_NOON)
    deaths, people = Deaths(), dict[UserId, AssumptionKey]()
    for number in (next(numbers) for _ in range(times)):
        person = UserId(f"U0ASKED{number}")
        await lane.db.write(plan_questions, [person])
        people[person] = await lane.db.read(_asked_about, person)
        born = time.monotonic()
        victim = await lane.spawn("worker", step=step)
        died = await deaths.death(victim, step, born=born)
        rescuer = await lane.spawn("worker", lease=LONG_LEASE)
        await _until_asked(lane, person)
        deaths.well_again(time.monotonic() - died)
        await rescuer.stop()
    await lane.settle()
    posts = [post for post in lane.slack.posts if post.key.to in people]
    sent = await lane.db.read(_sent, people)
    lost, doubled = wrongly_asked(people, [post.key.to for post in posts], sent)
    killed = Killed(
        step=step,
        times=times,
        injected=deaths.injected,
        lost=lost,
        doubled=doubled,
        repeated=0,
        slowest=deaths.slowest,
        start_up=deaths.start_up,
    )
    asked = [
        Asked(key=people[who], person=who, channel=post.channel, ts=post.ts)
        for post in posts
        for who in (UserId(post.key.to),)
    ]
    return killed, asked


def wrongly_asked(
    people: Collection[str], shown_to: Collection[str], sent: Counter[str]
) -> tuple[int, int]:
    """How many were not asked, or not as far as their prompt says; and how many more than once."""
    shown = Counter(shown_to)
    lost = sum(shown[person] == 0 or sent[person] != 1 for person in people)
    return lost, sum(times > 1 for times in shown.values())


async def _until_asked(lane: Lane, person: UserId) -> None:
    """Return once the outbox says so."""

    async def is_asked() -> bool:
        rows = await lane.outbox()
        return any(
            key.kind is MessageKind.ASK and key.to == person and row.state is MessageState.SENT
            for key, row in rows.items()
        )

    await until(is_asked, within=PATIENCE, every=0.05)


def _asked_about(tx: Connection, person: UserId) -> AssumptionKey:
    found = select(table.c.assumption).where(table.c.stakeholder == person)
    key: AssumptionKey = tx.execute(found).scalar_one()
    return key


def _sent(tx: Connection, people: Collection[str]) -> Counter[str]:
    """How many questions of each are known to be shown."""
    among = table.c.stakeholder.in_(list(people)), table.c.state == PromptState.SENT
    return Counter(tx.scalars(select(table.c.stakeholder).where(*among)))
