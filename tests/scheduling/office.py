"""A team whose messages are due, a Slack that keeps them, and time that moves when it is slept."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Executable, delete, update

from bot.domain.errors import RetryableError
from bot.domain.ids import ChannelId, MessageTs, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import Message
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.scheduling.outbox import OutboxSender
from bot.scheduling.prompt import PromptTick
from bot.store.tables import outbox, prompt, slack_wait
from bot.usecases import setback
from bot.usecases.contents import Content
from bot.usecases.ports import Accepted, Database, Outcome
from tests.usecases.team import ANA, CHANNEL, MONDAY, WORKSPACE, Team, default_cadence

LEASE = timedelta(seconds=30)


class Time:
    """Real and product time in one: it stands still but for what is slept."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.ahead = timedelta(0)  # by which the product's clock is wrong

    def now(self) -> datetime:
        return MONDAY + timedelta(seconds=self.passed) + self.ahead

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


Reaction = Callable[[Message], Outcome | None]


@dataclass
class Slack:
    """Takes every message, unless `reaction` says otherwise."""

    time: Time
    reaction: Reaction = lambda _message: None
    answers: bool = True  # a plain question
    sent: list[tuple[float, Message]] = field(default_factory=list)
    held: dict[str, asyncio.Event] = field(default_factory=dict)  # places where a call hangs
    began: defaultdict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )

    async def deliver(self, message: Message, _content: Content) -> Outcome:
        self.began[message.key.to].set()
        if message.key.to in self.held:
            await self.held[message.key.to].wait()
        outcome = self.reaction(message)
        if outcome is not None:
            return outcome
        self.sent.append((self.time.passed, message))
        ts = message.ts or MessageTs(f"{len(self.sent)}.000100")
        return Accepted(channel=ChannelId(message.key.to), ts=ts)

    async def is_reachable(self) -> bool:
        return self.answers

    def moments(self, place: str) -> list[float]:
        return [at for at, message in self.sent if message.key.to == place]


@dataclass
class People:
    """A directory that knows some people, and may be away."""

    known: dict[tuple[WorkspaceId, UserId], Member] = field(default_factory=dict)
    away: set[UserId] = field(default_factory=set)
    held: dict[WorkspaceId, asyncio.Event] = field(default_factory=dict)  # where look-ups hang
    error: Exception = field(default_factory=lambda: RetryableError("Slack did not answer."))

    async def member(self, workspace: WorkspaceId, user: UserId) -> Member | None:
        if workspace in self.held:
            await self.held[workspace].wait()
        if user in self.away:
            raise self.error
        return self.known.get((workspace, user))


@dataclass
class Office:
    db: Database
    time: Time
    slack: Slack
    people: People
    lease: timedelta = LEASE

    def sender(self, *, lease: timedelta | None = None) -> OutboxSender:
        return OutboxSender(
            db=self.db,
            messenger=self.slack,
            clock=self.time,
            cadence=default_cadence(),
            lease=lease or self.lease,
            sleep=self.time.sleep,
            monotonic=self.time.monotonic,
        )

    def prompts(
        self,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> PromptTick:
        return PromptTick(
            db=self.db,
            directory=self.people,
            clock=self.time,
            cadence=default_cadence(),
            lease=self.lease,
            sleep=sleep,
            monotonic=monotonic,
        )

    async def end_the_leases(self) -> None:
        """Let leases and waits be over, as while this machine slept: both run by the database."""
        for table in (outbox, prompt):
            held = update(table).where(table.c.leased_until.is_not(None))
            await self.db.write(_execute, held.values(leased_until=MONDAY))
        await self.db.write(_execute, delete(slack_wait))

    async def team(self, act: Callable[[Team], object]) -> None:
        """Let the team act in one transaction; whom it has is in the directory then."""

        def unit(tx: Connection) -> Team:
            team = Team(tx=tx, now=self.time.now())
            act(team)
            return team

        team = await self.db.write(unit)
        self.people.known.update({(WORKSPACE, user): m for user, m in team.people.items()})

    async def want(
        self, places: Iterable[str] = (CHANNEL,), workspace: WorkspaceId = WORKSPACE
    ) -> None:
        """Make a message due in each place; a place may be named several times."""

        def unit(tx: Connection) -> None:
            for place in places:
                draft = SetbackDraft(
                    kind=SetbackKind.DELAY,
                    text="waiting for the API",
                    started_at=self.time.now(),
                    channel=ChannelId(place),
                )
                setback.record_setback(tx, workspace, draft, by=ANA, now=self.time.now())

        await self.db.write(unit)


def _execute(tx: Connection, statement: Executable) -> None:
    tx.execute(statement)
