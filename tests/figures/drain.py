"""`drain`: 10,000 due messages in 50 workspaces at Slack's pace; workers asked to stop under load.

Promised: no 429 of a Slack that keeps its limits (one post a second into a channel, several
hundred a minute in a workspace), every workspace done when the pace lets it be, none because of
another; a worker that gets SIGTERM ends within 15 s, and nothing is lost or repeated.
"""

import asyncio
import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.domain.ids import ChannelId, MessageTs, UserId, WorkspaceId
from bot.domain.outbox import Message
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.sandbox.errors import RateLimitedError
from bot.sandbox.limits import SLACK_LIMITS, Buckets
from bot.scheduling.clock import MovableClock
from bot.scheduling.outbox import OutboxSender
from bot.scheduling.pace import _POSTS
from bot.settings import default_config_dir, read_tuning
from bot.store import schema
from bot.store.database import open_database
from bot.usecases.contents import Content
from bot.usecases.ports import Accepted, NotSent, Outcome
from bot.usecases.setback import record_setback
from tests.chaos.herd import Herd, herd
from tests.chaos.kill import place_names
from tests.chaos.lane import lane_on
from tests.chaos.workers import Stopped, stop_under_load
from tests.figures.databases import several_databases
from tests.figures.figure import Figure, Value

ROWS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
STOPS = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "100"))  # noqa: TID251
STOP_LANES = 4  # at once, each with a database of its own: most of the time they wait
STOP_SECONDS = 15.0
WORKSPACES = 50
CHANNELS = 40  # of each workspace
BUSY = 1.5  # how much later than the pace allows, on a machine that does other things too


@dataclass
class LimitedSlack:
    """Takes messages as the sandbox's limits allow."""

    buckets: Buckets = field(default_factory=lambda: Buckets(SLACK_LIMITS))
    refused: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    done_at: dict[str, float] = field(default_factory=dict)

    async def is_reachable(self) -> bool:
        return True

    async def deliver(self, message: Message, _content: Content) -> Outcome:
        await asyncio.sleep(0.05)  # Slack's answer takes a moment
        workspace, channel = message.workspace, message.key.to
        try:
            self.buckets.take_call("chat.postMessage", workspace)
            self.buckets.take_message(channel, workspace)
        except RateLimitedError as limit:
            self.refused += 1
            return NotSent("ratelimited", retry_after=timedelta(seconds=limit.retry_after))
        self.taken[workspace] += 1
        self.done_at[workspace] = time.monotonic()
        ts = MessageTs(f"{sum(self.taken.values())}.{len(self.taken)}")
        return Accepted(channel=ChannelId(channel), ts=ts)


async def measure() -> Figure:
    seconds, slack = await _drain()
    each = ROWS // WORKSPACES
    gap, burst = _POSTS
    bound = max((each - burst) * gap, each / CHANNELS, 1.0)
    first, last = min(seconds.values()), max(seconds.values())
    lines = [
        f"{ROWS:,} due messages in {WORKSPACES} workspaces: {sum(slack.taken.values()):,} taken, "
        f"{slack.refused} refused with 429; a workspace took {first:.1f} to {last:.1f} s; "
        f"the pace alone takes {bound:.1f} s"
    ]
    values = [
        Value(name="drain_refused", value=slack.refused, unit="429", holds=slack.refused == 0),
        Value(
            name="drain_lost",
            value=ROWS - sum(slack.taken.values()),
            unit="messages",
            holds=sum(slack.taken.values()) == ROWS,
        ),
        Value(
            name="drain_slowest_workspace",
            value=round(last / bound, 2),
            unit="of what the pace takes",
            holds=last <= bound * BUSY + 5,
        ),
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        several_databases(STOP_LANES) as urls,
    ):
        for name, some in urls.items():
            lanes = (_stop(url, processes, n) for n, url in enumerate(some))
            stopped = await asyncio.gather(*lanes)
            slowest = max(one.slowest for one in stopped)
            verdicts = [one.verdict for one in stopped]
            lines.append(
                f"{name}: SIGTERM under load {sum(one.times for one in stopped)} times: "
                f"ended within {slowest:.1f} s, {sum(len(one.lost) for one in verdicts)} lost, "
                f"{sum(len(one.doubled) for one in verdicts)} doubled, "
                f"{sum(len(one.repeated) for one in verdicts)} repeated"
            )
            values.append(
                Value(
                    name=f"drain_stop_{name.lower()}",
                    value=round(slowest, 2),
                    unit="s",
                    holds=slowest <= STOP_SECONDS
                    and all(one.is_clean and not one.repeated for one in verdicts),
                )
            )
    return Figure(lines=tuple(lines), values=tuple(values))


async def _stop(url: str, processes: Herd, nth: int) -> Stopped:
    """Let one lane do its share of the stops."""
    times = STOPS // STOP_LANES + (nth < STOPS % STOP_LANES)
    async with lane_on(url, processes) as lane:
        return await stop_under_load(lane, times=times, rows=5, places=place_names("A"))


async def _drain() -> tuple[dict[str, float], LimitedSlack]:
    """Send everything; return the seconds that each workspace took."""
    slack = LimitedSlack()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'drain.db'}"
        schema.upgrade(url)
        db = open_database(url)
        for number in range(WORKSPACES):
            await db.write(_record, WorkspaceId(f"T{number:02}"), ROWS // WORKSPACES)
        sender = OutboxSender(
            db=db,
            messenger=slack,
            clock=MovableClock(),
            cadence=read_tuning(default_config_dir()).cadence,
            lease=timedelta(seconds=30),
        )
        began = time.monotonic()
        async with asyncio.timeout(60 + ROWS / 20):
            while sum(slack.taken.values()) < ROWS:
                sender.kick()
                await asyncio.sleep(1)  # a tick
        await sender.stop()
        await db.close()
    return {workspace: at - began for workspace, at in slack.done_at.items()}, slack


def _record(tx: Connection, workspace: WorkspaceId, rows: int) -> None:
    now = datetime.now(UTC)
    for number in range(rows):
        draft = SetbackDraft(
            kind=SetbackKind.DELAY,
            text="waiting for the payments API",
            started_at=now,
            channel=ChannelId(f"C{number % CHANNELS}"),
        )
        record_setback(tx, workspace, draft, by=UserId("U0ANA"), now=now)
