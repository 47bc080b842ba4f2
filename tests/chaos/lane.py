"""A database, a Slack and processes between them: where one fault after the other is tried."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.outbox import Message, MessageKey, MessageKind, MessageState
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.store import outbox
from bot.store.database import Database, open_database
from bot.store.tables import outbox as outbox_table
from bot.usecases.project import create_project
from bot.usecases.setback import record_setback
from tests.chaos.herd import Child, Herd
from tests.chaos.slack import BOT_TOKEN, SIGNING_SECRET, TEAM, WitnessSlack, witness_slack
from tests.chaos.steps import Step

HERE = WorkspaceId(TEAM)
ANA, CHANNEL, APOLLO = UserId("U0ANA"), ChannelId("C0APOLLO"), ProjectKey("APOLLO")


@dataclass
class Lane:
    url: str
    db: Database
    slack: WitnessSlack
    herd: Herd
    wanted: set[MessageKey] = field(default_factory=set)

    async def spawn(self, role: str, *, step: Step = Step.NEVER, nth: int = 1, **env: str) -> Child:
        return await self.herd.spawn(role, self.env | env, step=step, nth=nth)

    @property
    def env(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url,
            "SLACK_API_URL": self.slack.url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        }

    async def want(self, places: Iterable[str]) -> list[MessageKey]:
        """Make a message due for each place."""

        def unit(tx: Connection) -> list[MessageKey]:
            return [_record(tx, place) for place in places]

        keys = await self.db.write(unit)
        self.wanted.update(keys)
        return keys

    async def until_sent(self, keys: Iterable[MessageKey], *, within: float) -> float:
        """Wait until the outbox says so of all of them; return the moment (time.monotonic)."""
        waiting = set(keys)
        async with asyncio.timeout(within):
            while waiting:
                rows = await self.outbox()
                waiting = {key for key in waiting if rows[key].state is not MessageState.SENT}
                if waiting:
                    await asyncio.sleep(0.02 if len(rows) < 1000 else 0.25)
        return time.monotonic()

    async def outbox(self) -> dict[MessageKey, Message]:
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
        yield Lane(url, db, slack, processes)
    await db.close()


def _record(tx: Connection, place: str) -> MessageKey:
    now = datetime.now(UTC)
    draft = SetbackDraft(
        kind=SetbackKind.DELAY,
        text="waiting for the payments API",
        started_at=now,
        channel=ChannelId(place),
    )
    setback = record_setback(tx, HERE, draft, by=ANA, now=now)
    assert setback is not None
    return MessageKey(kind=MessageKind.SETBACK, about=str(setback.number), to=place)


def _all_messages(tx: Connection) -> dict[MessageKey, Message]:
    found = {}
    rows = tx.execute(
        select(
            outbox_table.c.kind,
            outbox_table.c.about,
            outbox_table.c.recipient,
            outbox_table.c.occasion,
        ).where(outbox_table.c.workspace == HERE)
    ).all()
    for kind, about, to, occasion in rows:
        key = MessageKey(kind=kind, about=about, to=to, occasion=occasion)
        message = outbox.get(tx, HERE, key)
        assert message is not None
        found[key] = message
    return found
