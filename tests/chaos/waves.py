"""Much that is due at once in many workspaces, sent to a Slack that keeps its limits."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.errors import RetryableError
from bot.domain.ids import ChannelId, MessageTs, ProjectKey, UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.member import Member
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.sandbox.errors import RateLimitedError
from bot.sandbox.limits import SLACK_LIMITS, Buckets
from bot.scheduling.channel import ChannelTick
from bot.scheduling.clock import MovableClock
from bot.scheduling.forgetting import ForgettingTick
from bot.scheduling.notice import NoticeTick
from bot.scheduling.outbox import BATCH, OutboxSender
from bot.scheduling.prompt import PromptTick
from bot.scheduling.ticks import Ticks
from bot.settings import default_config_dir, read_tuning
from bot.store import prompt as prompts
from bot.store.database import open_database
from bot.store.tables import outbox
from bot.usecases import outbox as sending
from bot.usecases.assumption import log_assumption
from bot.usecases.contents import AskContent, Content
from bot.usecases.member import remember
from bot.usecases.ports import Accepted, NotSent, Outcome
from bot.usecases.project import create_project
from bot.usecases.setback import record_setback

WORKSPACES = 50
CHANNELS = 40  # of each workspace
ANA = UserId("U0ANA")
TUESDAY_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # everybody works then, in UTC
_APOLLO, _HOME = ProjectKey("APOLLO"), ChannelId("C0APOLLO")
_POST = "chat.postMessage"
_LEASE = timedelta(seconds=30)
_TICK_SECONDS = 1.0

Name = tuple[WorkspaceId, str]  # of a message: what it is about, or whom it asks
Fill = Callable[[Connection, WorkspaceId, int], Sequence[str]]
"""Makes so much due in a workspace; returns the names of the messages that must come."""


@dataclass
class LimitedSlack:
    """Takes messages as the sandbox's limits allow."""

    name_of: Callable[[MessageKey], str]
    buckets: Buckets = field(default_factory=lambda: Buckets(SLACK_LIMITS))
    refused: int = 0
    taken: Counter[Name] = field(default_factory=Counter)
    done_at: dict[WorkspaceId, float] = field(default_factory=dict)

    async def is_reachable(self) -> bool:
        return True

    async def deliver(self, message: Message, content: Content) -> Outcome:
        await asyncio.sleep(0.05)  # Slack's answer takes a moment
        workspace, channel = message.workspace, message.key.to
        try:
            self.buckets.take_call(_POST, workspace)
            self.buckets.take_message(channel, workspace)
        except RateLimitedError as limit:
            self.refused += 1
            return NotSent("ratelimited", retry_after=timedelta(seconds=limit.retry_after))
        asks = len(content.questions) if isinstance(content, AskContent) else 1
        self.taken[workspace, self.name_of(message.key)] += asks
        self.done_at[workspace] = time.monotonic()
        ts = MessageTs(f"{self.taken.total()}.{len(self.taken)}")
        return Accepted(channel=ChannelId(channel), ts=ts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What became of a wave."""

    due: int
    refused: int  # with 429
    missing: Counter[Name]
    extra: Counter[Name]
    seconds: dict[WorkspaceId, float]  # until the last message of each
    bound: float  # seconds that the sandbox's own limits would take of a workspace

    @property
    def holds(self) -> bool:
        return not (self.refused or self.missing or self.extra)


def bound_of(each: int, places: int) -> float:
    """Seconds that so many messages to so many places take in a workspace, once bursts are spent.

    A place takes one a second, the workspace what the sandbox lets `chat.postMessage` have.
    """
    per_second = SLACK_LIMITS.per_minute[_POST] / 60
    return max(each / per_second, each / places / SLACK_LIMITS.messages_per_second)


def judge_wave(wanted: Counter[Name], slack: LimitedSlack, *, began: float, places: int) -> Drained:
    """Compare each message by its own name."""
    return Drained(
        due=wanted.total(),
        refused=slack.refused,
        missing=wanted - slack.taken,
        extra=slack.taken - wanted,
        seconds={workspace: at - began for workspace, at in slack.done_at.items()},
        bound=bound_of(max(Counter(where for where, _ in wanted).values()), places),
    )


async def drain(url: str, rows: int, fill: Fill, *, places: int, within: float) -> Drained:
    """Let what `fill` makes due in all workspaces go out by the ticks of one process."""
    db, clock = open_database(url), MovableClock()
    clock.move_to(TUESDAY_NOON)
    each, wanted = rows // WORKSPACES, Counter[Name]()
    for number in range(WORKSPACES):
        workspace = WorkspaceId(f"T{number:02}")
        wanted.update((workspace, name) for name in await db.write(fill, workspace, each))
    slack = LimitedSlack(name_of=_NAMES[fill])
    cadence = read_tuning(default_config_dir()).cadence
    sender = OutboxSender(db=db, messenger=slack, clock=clock, cadence=cadence, lease=_LEASE)
    ticks = Ticks(
        prompts=PromptTick(
            db=db, directory=_Directory(), clock=clock, cadence=cadence, lease=_LEASE
        ),
        notices=NoticeTick(db=db, clock=clock),
        channels=ChannelTick(db=db, channels=_NoChannels(), clock=clock),
        sender=sender,
        forgetting=ForgettingTick(db=db, clock=clock),
        tick=timedelta(seconds=_TICK_SECONDS),
    )
    began = time.monotonic()
    ticks.start()
    until_then = began + within
    while wanted - slack.taken and time.monotonic() < until_then:  # noqa: ASYNC110 - real time
        await asyncio.sleep(_TICK_SECONDS / 4)
    await asyncio.sleep(2 * _TICK_SECONDS)  # for what would come once too often
    await ticks.stop()
    await db.close()
    return judge_wave(wanted, slack, began=began, places=places)


async def work_alone(url: str, rows: int, fill: Fill) -> float:
    """Return the seconds that the same units of work take where nothing is waited for.

    No pace, no lines, no Slack: what is left is the statements and their commits.

    Raises:
        RuntimeError: Something was left over: it is no measure.
    """
    db, cadence = open_database(url), read_tuning(default_config_dir()).cadence
    left = 0
    for number in range(WORKSPACES):
        left += len(await db.write(fill, WorkspaceId(f"T{number:02}"), rows // WORKSPACES))
    now, lease = TUESDAY_NOON, timedelta(minutes=10)
    tick = PromptTick(db=db, directory=_Directory(), clock=_Noon(), cadence=cadence, lease=lease)

    async def send(claimed: Claimed[Message]) -> None:
        await db.read(sending.read_to_send, claimed, now=now, cadence=cadence, left=timedelta(0))
        place = Accepted(channel=ChannelId(claimed.item.key.to), ts=MessageTs(claimed.token))
        await db.write(sending.accepted, claimed, place, now=now, cadence=cadence)

    began = time.monotonic()
    while await tick.run():
        pass
    while some := await db.write(sending.claim_messages, now=now, limit=BATCH, lease=lease):
        await asyncio.gather(*map(send, some))
        left -= len(some)
    seconds = time.monotonic() - began
    await db.close()
    if left > 0:
        raise RuntimeError(f"{left} messages were left over")
    return seconds


class _Noon:
    def now(self) -> datetime:
        return TUESDAY_NOON


def setbacks(tx: Connection, workspace: WorkspaceId, rows: int) -> list[str]:
    """Messages into channels: a setback each."""
    names: list[str] = []
    for number in range(rows):
        draft = SetbackDraft(
            kind=SetbackKind.DELAY,
            text="waiting for the payments API",
            started_at=TUESDAY_NOON,
            channel=ChannelId(f"C{number % CHANNELS}"),
        )
        setback = record_setback(tx, workspace, draft, by=ANA, now=TUESDAY_NOON)
        assert setback is not None
        names.append(str(setback.number))
    return names


def questions(tx: Connection, workspace: WorkspaceId, people: int) -> list[str]:
    """A due prompt for each of so many people; no card, since cards are no prompts."""
    before = TUESDAY_NOON - timedelta(days=1)
    project = create_project(
        tx,
        workspace=workspace,
        key=_APOLLO,
        name="Apollo",
        channel=_HOME,
        lead=ANA,
        now=before,
    )
    cadence = read_tuning(default_config_dir()).cadence
    names: list[str] = []
    for number in range(people):
        person = UserId(f"U0P{number:04}")
        remember(tx, _member(workspace, person))
        draft = AssumptionDraft(
            statement=f"What person {number} looks after is never late",
            owner=ANA,
            channel=_HOME,
            impact=Impact.LOW,
            stakeholders=(Stakeholder(user=person),),
        )
        key = log_assumption(
            tx, draft, project=project, by=ANA, asked=(), now=before, cadence=cadence
        )
        assert key is not None
        ask = PromptKey(assumption=key, stakeholder=person, round=1, kind=PromptKind.ASK, attempt=1)
        due_at = TUESDAY_NOON - timedelta(hours=1)
        prompts.plan(tx, workspace, Planned(key=ask, due_at=due_at, reason="it is open"))
        names.append(person)
    tx.execute(delete(outbox).where(outbox.c.kind == MessageKind.CARD))
    return names


_NAMES: dict[Fill, Callable[[MessageKey], str]] = {
    setbacks: lambda key: key.about,
    questions: lambda key: key.to,
}


class _Directory:
    """A Slack that knows everybody."""

    async def member(self, workspace: WorkspaceId, user: UserId) -> Member | None:
        return _member(workspace, user)


def _member(workspace: WorkspaceId, user: UserId) -> Member:
    return Member(
        workspace=workspace, user=user, name=user, zone=ZoneInfo("UTC"), seen_at=TUESDAY_NOON
    )


class _NoChannels:
    """A Slack that says nothing of channels just now."""

    async def refresh(self, workspace: WorkspaceId, channel: ChannelId, *, news: str = "") -> None:
        raise RetryableError(f"no word of {workspace} {channel} {news}")
