"""A Slack that fails in every way it can, and what becomes of the messages meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.workspace import Workspace
from bot.scheduling.clock import MovableClock
from bot.scheduling.outbox import OutboxSender
from bot.settings import default_config_dir, read_tuning
from bot.slack.api import SlackApi
from bot.slack.installation import Installations
from bot.slack.messenger import SlackMessenger
from bot.store import outbox
from bot.store.database import Database, open_database
from bot.store.tables import outbox as table
from bot.usecases.setback import record_setback
from tests.chaos.judge import Recorded, judge
from tests.chaos.poll import until
from tests.chaos.slack import RETRY_AFTER, WitnessSlack, witness_slack

FAILING, OTHER = WorkspaceId("T0FAILING"), WorkspaceId("T0OTHER")
TOKENS = {FAILING: "xoxb-failing", OTHER: "xoxb-other"}
METHODS = ("chat.postMessage", "chat.update")
PARKS = "a_code_of_tomorrow"
ENDED_WITHIN = 600.0  # seconds: at Slack's pace for updates fifty that fail once take three minutes
OTHER_SECONDS = 1.0  # what another workspace may have to wait meanwhile
_ENDED = frozenset({MessageState.SENT, MessageState.DEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulted:
    fault: str
    method: str
    times: int
    injected: int
    lost: int
    parked: int  # with a reason, for the operator
    doubled: int  # shown again without a mark
    repeated: int  # shown once more, with a mark
    too_early: int  # calls of that method and workspace before Retry-After had ended
    recovered: float  # seconds until all was well
    other_waited: float  # seconds that another workspace's message took meanwhile

    @property
    def is_right(self) -> bool:
        return (
            self.injected == self.times
            and not (self.lost or self.doubled or self.too_early)
            and self.parked == (self.times if self.fault == PARKS else 0)
        )

    @property
    def holds(self) -> bool:
        return self.is_right and self.other_waited < OTHER_SECONDS


@dataclass
class Office:
    """A sender between two workspaces and a Slack that can be told to fail."""

    db: Database
    sender: OutboxSender
    slack: WitnessSlack

    async def want(self, workspace: WorkspaceId, places: list[str]) -> list[MessageKey]:
        return await self.db.write(_record_all, workspace, places)

    async def until_ended(self, workspace: WorkspaceId) -> float:
        """Send whatever is due until nothing of the workspace waits; return the moment."""

        async def has_ended() -> bool:
            self.sender.kick()
            rows = await self.db.read(_rows, workspace)
            return all(row.state in _ENDED for row in rows.values())

        await until(has_ended, within=ENDED_WITHIN, every=0.02)
        return time.monotonic()


@asynccontextmanager
async def office(url: str) -> AsyncIterator[Office]:
    async with witness_slack() as slack:
        db = open_database(url)
        api = SlackApi(Installations(map(_installation, TOKENS)), base_url=slack.url)
        await api.start()
        sender = OutboxSender(
            db=db,
            messenger=SlackMessenger(api),
            clock=MovableClock(),
            cadence=read_tuning(default_config_dir()).cadence,
            lease=timedelta(seconds=30),
        )
        yield Office(db, sender, slack)
        await sender.stop()
        await api.close()
        await db.close()


async def try_fault(
    office: Office, fault: str, method: str, *, times: int, places: Iterator[str]
) -> Faulted:
    """Let `times` calls of the method fail, each of a message of its own."""
    slack, token = office.slack, TOKENS[FAILING]
    keys = await office.want(FAILING, [next(places) for _ in range(times)])
    if method == "chat.update":
        await office.until_ended(FAILING)
        await office.db.write(_want_again, keys)
    first_call = len(slack.calls)
    slack.fail(token, method, fault, times)
    began = time.monotonic()
    working = asyncio.create_task(office.until_ended(FAILING))

    async def has_begun() -> bool:
        return any(call.fault for call in slack.calls[first_call:])

    await until(has_begun)
    asked = time.monotonic()
    await office.want(OTHER, [next(places)])
    other_waited = await office.until_ended(OTHER) - asked
    recovered = await working - began
    calls = [call for call in slack.calls[first_call:] if call.token == token]
    rows = {key: row for key, row in (await office.db.read(_rows, FAILING)).items() if key in keys}
    ours = [post for post in slack.posts if post.key in rows and post.token == token]
    parked = {key for key, row in rows.items() if row.state is MessageState.DEAD}
    verdict = judge(set(rows) - parked, ours, rows)
    return Faulted(
        fault=fault,
        method=method,
        times=times,
        injected=sum(bool(call.fault) for call in calls),
        lost=len((verdict.lost | verdict.forged) - parked),
        parked=len(parked),
        doubled=len(verdict.doubled),
        repeated=len(verdict.repeated),
        too_early=sum(
            1
            for refused in calls
            for call in calls
            if refused.fault == "429"
            and call.method == method
            and not call.fault
            and refused.at < call.at < refused.at + RETRY_AFTER
        ),
        recovered=recovered,
        other_waited=other_waited,
    )


def _installation(workspace: WorkspaceId) -> Installation:
    return Installation(
        workspace=Workspace(
            id=workspace,
            name="Sample",
            bot_user=UserId("U0BOT"),
            bot_id="B0BOT",
            installed_at=datetime.now(UTC),
        ),
        bot_token=TOKENS[workspace],
    )


def _record_all(tx: Connection, workspace: WorkspaceId, places: list[str]) -> list[MessageKey]:
    keys, now = [], datetime.now(UTC)
    for place in places:
        draft = SetbackDraft(
            kind=SetbackKind.DELAY,
            text="waiting for the payments API",
            started_at=now,
            channel=ChannelId(place),
        )
        setback = record_setback(tx, workspace, draft, by=UserId("U0ANA"), now=now)
        assert setback is not None
        keys.append(
            MessageKey(kind=MessageKind.SETBACK, about=str(setback.number), to=ChannelId(place))
        )
    return keys


def _want_again(tx: Connection, keys: list[MessageKey]) -> None:
    for key in keys:
        outbox.want(tx, FAILING, key, now=datetime.now(UTC))


def _rows(tx: Connection, workspace: WorkspaceId) -> dict[MessageKey, Recorded]:
    columns = table.c.kind, table.c.about, table.c.recipient, table.c.occasion
    rows = tx.execute(
        select(*columns, table.c.state, table.c.ts).where(table.c.workspace == workspace)
    )
    return {
        MessageKey(kind=kind, about=about, to=to, occasion=occasion): Recorded(state, ts)
        for kind, about, to, occasion, state, ts in rows
    }
