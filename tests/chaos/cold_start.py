"""A process that has never seen its Slack, which does not answer: what is delivered to it."""

import asyncio
import shutil
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from sqlalchemy import Connection, func, select

from bot.domain.outbox import MessageKind
from bot.store.tables import outbox
from tests.chaos.acks import home_opened
from tests.chaos.herd import Herd
from tests.chaos.kill import status_of
from tests.chaos.lane import lane_on
from tests.chaos.slack import BOT_TOKEN

FAULTS = ("429", "500", "503", "HTML", "text", "empty", "fatal_error", "reset before")
_MANY = 1_000  # as long as Slack is asked, it fails
_RETRY_SECONDS, _TRIES = 1.0, 60
_AT_ONCE = 10  # starts; each waits most of its time for the bot to ask Slack again


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    times: int = 0
    refused: int = 0  # deliveries answered with a 5xx, which Slack makes again
    lost: int = 0  # acknowledged and not stored
    never: int = 0  # starts that took nothing, though Slack had come back

    def __add__(self, other: "Started") -> "Started":
        return Started(
            times=self.times + other.times,
            refused=self.refused + other.refused,
            lost=self.lost + other.lost,
            never=self.never + other.never,
        )

    @property
    def holds(self) -> bool:
        return self.refused == self.times and not (self.lost or self.never)


async def start_cold(empty: Path, processes: Herd, *, times: int) -> Started:
    """Deliver an event to each new process on a database that knows no workspace."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def start(number: int, fault: str) -> Started:
        async with turns:
            return await _start(empty, processes, number, fault)

    faults = zip(range(times), cycle(FAULTS), strict=False)
    found = await asyncio.gather(*(start(number, fault) for number, fault in faults))
    return sum(found, Started())


async def _start(empty: Path, processes: Herd, number: int, fault: str) -> Started:
    file = empty.with_name(f"cold-{number}.db")
    shutil.copy(empty, file)
    async with lane_on(f"sqlite:///{file}", processes) as lane:
        lane.slack.fail(BOT_TOKEN, "auth.test", fault, _MANY)
        web = await lane.spawn("web")
        await web.answers("/healthz")
        status = await _deliver(number, web.port)
        is_lost = status == 200 and not await lane.db.read(_has_heard)
        lane.slack.mend()
        for _ in range(_TRIES):
            if await _deliver(number, web.port) == 200:
                break
            await asyncio.sleep(_RETRY_SECONDS)
        is_in = await lane.db.read(_has_heard)
        await web.stop()
    file.unlink()
    is_refused = status is not None and status >= 500
    return Started(times=1, refused=is_refused, lost=is_lost, never=not is_in)


async def _deliver(number: int, port: int) -> int | None:
    """Hand the event over; None where nobody answers, as where the process has ended."""
    try:
        return await status_of(port, home_opened(number, port))
    except ConnectionError:
        return None


def _has_heard(tx: Connection) -> bool:
    """Whether the event left what follows from it: a Home to be drawn."""
    homes = select(func.count()).select_from(outbox).where(outbox.c.kind == MessageKind.HOME)
    return bool(tx.execute(homes).scalar_one())
