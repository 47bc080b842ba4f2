"""A database, a Slack and processes between them: where one fault after the other is tried."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select, tuple_

from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.domain.permission import OPERATOR
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.store.database import Database, open_database
from bot.store.tables import outbox as table
from bot.usecases.channel import known_channel
from bot.usecases.project import create_project
from bot.usecases.setback import edit_setback, record_setback
from tests.chaos.herd import Child, Herd
from tests.chaos.judge import Recorded, Reworded
from tests.chaos.poll import PATIENCE, until
from tests.chaos.slack import BOT_TOKEN, SIGNING_SECRET, TEAM, WitnessSlack, witness_slack
from tests.chaos.steps import Step

HERE = WorkspaceId(TEAM)
_SETTLING = 30  # seconds of a lease: longer than anything takes
ANA, CHANNEL, APOLLO = UserId("U0ANA"), ChannelId("C0APOLLO"), ProjectKey("APOLLO")


@dataclass
class Lane:
    url: str
    db: Database
    slack: WitnessSlack
    herd: Herd
    wanted: set[MessageKey] = field(default_factory=set)
    given: dict[str, str] = field(default_factory=dict)  # to the environment of each process

    async def spawn(
        self, role: str, *, step: Step = Step.NEVER, nth: int = 1, lease: int = 1, **env: str
    ) -> Child:
        """Start a process on this lane's database and Slack; `lease` is in seconds."""
        given = self.env | {"STILLTRUE_LEASE_SECONDS": str(lease)} | env
        return await self.herd.spawn(role, given, step=step, nth=nth)

    @property
    def env(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url,
            "SLACK_API_URL": self.slack.url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "CHAOS_PATIENCE": str(PATIENCE),
            **self.given,
        }

    async def want(self, places: Iterable[str]) -> list[MessageKey]:
        """Make a message due for each place."""

        def unit(tx: Connection) -> list[MessageKey]:
            return [_record(tx, place) for place in places]

        keys = await self.db.write(unit)
        self.wanted.update(keys)
        return keys

    async def reword(self, key: MessageKey, words: str) -> Reworded:
        """Let a setback's message say something else: what is shown has to follow."""
        began = time.monotonic()
        await self.db.write(_reword, key, words)
        return Reworded(words=words, at=began)

    async def until_sent(self, keys: Iterable[MessageKey], *, within: float) -> float:
        """Wait until the outbox says so of all of them; return the moment (time.monotonic)."""
        waiting = list(keys)

        async def is_done() -> bool:
            return await self.db.read(_count_sent, waiting) == len(waiting)

        await until(is_done, within=within, every=0.02)
        return time.monotonic()

    async def until_all_sent(self, *, within: float) -> float:
        """Wait until nothing waits any more; return the moment (time.monotonic)."""

        async def is_done() -> bool:
            return not await self.db.read(_count_waiting)

        try:
            await until(is_done, within=within, every=0.1)
        except TimeoutError as error:
            error.add_note(await self.db.read(_describe_waiting))
            raise
        return time.monotonic()

    async def settle(self) -> None:
        """Let a worker send what still waits; return once nobody runs and nothing waits."""
        while await self.db.read(_count_waiting):
            worker = await self.spawn("worker", lease=_SETTLING, CHAOS_HASTE="1")
            await self.until_all_sent(within=PATIENCE)
            await worker.stop()

    async def until_described(self, place: str) -> None:
        """Wait until Slack has said of a channel who reads it."""

        async def is_known() -> bool:
            channel = await self.db.read(known_channel, HERE, ChannelId(place))
            return channel is not None and channel.seen_at is not None

        await until(is_known, every=0.05)

    async def until_posted(self, count: int) -> None:
        """Wait until Slack has taken that many messages in all."""

        async def is_done() -> bool:
            return len(self.slack.posts) >= count

        await until(is_done)

    async def outbox(self) -> dict[MessageKey, Recorded]:
        return await self.db.read(_all_messages)

    async def start_project(self) -> None:
        await self.db.write(
            create_project,
            workspace=HERE,
            key=APOLLO,
            name="Apollo",
            channel=CHANNEL,
            lead=ANA,
            now=datetime.now(UTC),
        )


@asynccontextmanager
async def lane_on(url: str, processes: Herd) -> AsyncIterator[Lane]:
    db = open_database(url)
    async with witness_slack() as slack:
        try:
            yield Lane(url, db, slack, processes)
        except Exception as error:
            error.add_note(processes.said[-3000:])
            raise
    await db.close()


def _reword(tx: Connection, key: MessageKey, words: str) -> None:
    now = datetime.now(UTC)
    draft = _draft(key.to, words, now)
    edit_setback(tx, HERE, int(key.about), draft, by=ANA, now=now, reader=OPERATOR)


def _draft(place: str, words: str, now: datetime) -> SetbackDraft:
    return SetbackDraft(
        kind=SetbackKind.DELAY, text=words, started_at=now, channel=ChannelId(place)
    )


def _record(tx: Connection, place: str) -> MessageKey:
    now = datetime.now(UTC)
    draft = _draft(place, "waiting for the payments API", now)
    setback = record_setback(tx, HERE, draft, by=ANA, now=now)
    assert setback is not None
    return MessageKey(kind=MessageKind.SETBACK, about=str(setback.number), to=place)


def _all_messages(tx: Connection) -> dict[MessageKey, Recorded]:
    columns = table.c.kind, table.c.about, table.c.recipient, table.c.occasion
    rows = tx.execute(select(*columns, table.c.state, table.c.ts).where(table.c.workspace == HERE))
    return {
        MessageKey(kind=kind, about=about, to=to, occasion=occasion): Recorded(state, ts)
        for kind, about, to, occasion, state, ts in rows
    }


def _count_sent(tx: Connection, keys: list[MessageKey]) -> int:
    columns = table.c.kind, table.c.about, table.c.recipient, table.c.occasion
    among = tuple_(*columns).in_([(key.kind, key.about, key.to, key.occasion) for key in keys])
    sent = (table.c.workspace == HERE) & (table.c.state == MessageState.SENT) & among
    return tx.execute(select(func.count()).select_from(table).where(sent)).scalar_one()


# What is parked is over, too; the judge finds it lost, where Slack should have it.
_waits = table.c.state.not_in([MessageState.SENT, MessageState.DEAD])


def _describe_waiting(tx: Connection) -> str:
    rows = tx.execute(select(table, func.now()).where(_waits))
    return "\n".join(str(row._asdict()) for row in rows)


def _count_waiting(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(table).where(_waits)).scalar_one()
