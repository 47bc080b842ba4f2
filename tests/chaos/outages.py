"""Nobody was there for an hour, a day or a week: what became due meanwhile, and how it goes out."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, select

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.digest import DIGEST_MAX
from bot.domain.ids import ChannelId, MessageTs, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import Message, MessageKind
from bot.domain.prompt import Planned, PromptKey, PromptKind, PromptState
from bot.domain.workspace import Workspace
from bot.sandbox.errors import RateLimitedError
from bot.sandbox.limits import SLACK_LIMITS, Buckets
from bot.scheduling.clock import MovableClock
from bot.scheduling.outbox import OutboxSender
from bot.scheduling.prompt import PromptTick
from bot.settings import default_config_dir, read_tuning
from bot.store import heartbeat
from bot.store import prompt as prompts
from bot.store.database import Database, open_database
from bot.store.tables import outbox as outbox_table
from bot.store.tables import prompt as prompt_table
from bot.usecases.assumption import log_assumption
from bot.usecases.contents import Content
from bot.usecases.ports import Accepted, NotSent, Outcome
from bot.usecases.project import create_project
from bot.usecases.workspace import remember_workspace

TUESDAY_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # everybody works then, in UTC
QUESTIONS_EACH = 10  # two more than one message holds
HERE = WorkspaceId("T0AWAY")
# slack-facts: some hundred posts a minute in a workspace, and a short burst is let through.
_POST_SECONDS, _BURST = 0.2, 30
_ANA, _CHANNEL, _APOLLO = UserId("U0ANA"), ChannelId("C0APOLLO"), ProjectKey("APOLLO")
_LEASE = timedelta(seconds=30)
_CADENCE = read_tuning(default_config_dir()).cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    gap: timedelta
    people: int  # with questions that are overdue
    told: int  # of them, who got a message with questions
    overdue: int
    asked: int  # questions that Slack has
    waiting: int  # planned on, with the reason
    unexplained: int  # neither
    crowded: int  # people who got more than one message
    refused: int  # 429: sent faster than Slack allows
    seconds: float
    worked: float  # seconds of them in which this process had the processor
    bound: float  # seconds that the pace alone takes

    @property
    def holds(self) -> bool:
        full = min(QUESTIONS_EACH, DIGEST_MAX)  # what one message holds of theirs
        return (
            not (self.unexplained or self.crowded or self.refused)
            and self.told == self.people
            and self.asked == self.people * full
            and self.seconds <= self.bound * 1.5 + 10
        )


@dataclass
class PatientSlack:
    """Takes messages as Slack's limits allow."""

    buckets: Buckets = field(default_factory=lambda: Buckets(SLACK_LIMITS))
    refused: int = 0
    asks: Counter[tuple[WorkspaceId, str]] = field(default_factory=Counter)

    async def is_reachable(self) -> bool:
        return True

    async def deliver(self, message: Message, _content: Content) -> Outcome:
        await asyncio.sleep(0.05)  # Slack's answer takes a moment
        try:
            self.buckets.take_call("chat.postMessage", message.workspace)
            self.buckets.take_message(message.key.to, message.workspace)
        except RateLimitedError as limit:
            self.refused += 1
            return NotSent("ratelimited", retry_after=timedelta(seconds=limit.retry_after))
        if message.key.kind is MessageKind.ASK:
            self.asks[message.workspace, message.key.to] += 1
        ts = MessageTs(f"{time.monotonic():.6f}")
        return Accepted(channel=ChannelId(message.key.to), ts=ts)


class Everybody:
    """A directory in which each id is a person in UTC."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    async def member(self, workspace: WorkspaceId, user: UserId) -> Member | None:
        now = self._clock.now()
        zone = ZoneInfo("UTC")
        return Member(workspace=workspace, user=user, name=user, zone=zone, seen_at=now)


async def come_back(url: str, *, gap: timedelta, overdue: int) -> Recovered:
    """Plan questions that come due within `gap`, be away for that long, and start again.

    All are of one workspace: its pace then takes longer than the bot's own work does.
    """
    people = max(1, overdue // QUESTIONS_EACH)
    async with _opened(url) as db:
        await db.write(_plan, HERE, gap, people=people)
        clock, slack = MovableClock(), PatientSlack()
        clock.move_to(TUESDAY_NOON)
        before = time.process_time()
        seconds = await _work(db, clock, slack)
        worked = time.process_time() - before
        rows = await db.read(_all_questions)
    asked = sum(row.state != PromptState.PLANNED and row.ts is not None for row in rows)
    waiting = sum(row.state == PromptState.PLANNED and bool(row.waited) for row in rows)
    return Recovered(
        gap=gap,
        people=people,
        told=len(slack.asks),
        overdue=len(rows),
        asked=asked,
        waiting=waiting,
        unexplained=len(rows) - asked - waiting,
        crowded=sum(count > 1 for count in slack.asks.values()),
        refused=slack.refused,
        seconds=seconds,
        worked=worked,
        bound=max(0, people - _BURST) * _POST_SECONDS,
    )


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    db = open_database(url)
    try:
        yield db
    finally:
        await db.close()


async def _work(db: Database, clock: MovableClock, slack: PatientSlack) -> float:
    """Tick as a worker does until nothing is due; return the seconds it took."""
    prompt_tick = PromptTick(
        db=db, directory=Everybody(clock), clock=clock, cadence=_CADENCE, lease=_LEASE
    )
    sender = OutboxSender(db=db, messenger=slack, clock=clock, cadence=_CADENCE, lease=_LEASE)
    began = time.monotonic()
    await prompt_tick.look_back()
    while await prompt_tick.run() or await sender.run():
        pass
    await sender.stop()
    return time.monotonic() - began


def _plan(tx: Connection, workspace: WorkspaceId, gap: timedelta, *, people: int) -> None:
    """A project whose questions come due one after the other while nobody is there."""
    away_since = TUESDAY_NOON - gap
    here = Workspace(
        id=workspace, name="Team", bot_user=UserId("U0BOT"), bot_id="B0", installed_at=away_since
    )
    remember_workspace(tx, here)
    project = create_project(
        tx,
        workspace=workspace,
        key=_APOLLO,
        name="Apollo",
        channel=_CHANNEL,
        lead=_ANA,
        now=away_since,
    )
    for number in range(people * QUESTIONS_EACH):
        person = UserId(f"U0BO{number % people}")
        key = log_assumption(
            tx,
            AssumptionDraft(
                statement=f"Part {number} is never late",
                owner=_ANA,
                channel=_CHANNEL,
                impact=Impact.LOW,
                stakeholders=(Stakeholder(user=person),),
            ),
            project=project,
            by=_ANA,
            asked=(),
            now=away_since,
            cadence=_CADENCE,
        )
        assert key is not None
        ask = PromptKey(assumption=key, stakeholder=person, round=1, kind=PromptKind.ASK, attempt=1)
        due_at = away_since + gap * (number + 1) / (people * QUESTIONS_EACH + 1)
        assert prompts.plan(tx, workspace, Planned(key=ask, due_at=due_at, reason="it is open"))
    tx.execute(delete(outbox_table).where(outbox_table.c.workspace == workspace))  # the cards
    heartbeat.put(tx, workspace, away_since)


def _all_questions(tx: Connection) -> list[Row[tuple[object, ...]]]:
    columns = prompt_table.c.state, prompt_table.c.ts, prompt_table.c.waited
    asks = select(*columns).where(prompt_table.c.kind == PromptKind.ASK)
    return list(tx.execute(asks))
