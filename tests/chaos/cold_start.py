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

FAULTS = ("429", "500", "503", "HTML", "empty", "fatal_error", "reset before")
_MANY = 1_000  # as long as Slack is asked, it fails
_RETRY_SECONDS, _TRIES = 1.0, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    times: int
    refused: int  # deliveries answered with a 5xx, which Slack makes again
    lost: int  # acknowledged and not stored
    never: int  # starts that took nothing, though Slack had come back

    @property
    def holds(self) -> bool:
        return self.refused > 0 and not (self.lost or self.never)


async def start_cold(empty: Path, processes: Herd, *, times: int) -> Started:
    """Deliver an event to each new process on a database that knows no workspace."""
    refused = lost = never = 0
    for number, fault in zip(range(times), cycle(FAULTS), strict=False):
        file = empty.with_name(f"cold-{number}.db")
        shutil.copy(empty, file)
        async with lane_on(f"sqlite:///{file}", processes) as lane:
            lane.slack.fail(BOT_TOKEN, "auth.test", fault, _MANY)
            web = await lane.spawn("web")
            await web.answers("/healthz")
            event = home_opened(number, web.port)
            status = await status_of(web.port, event)
            refused += status is not None and status >= 500
            lost += status == 200 and not await lane.db.read(_has_heard)
            lane.slack.mend()
            for _ in range(_TRIES):
                if await status_of(web.port, home_opened(number, web.port)) == 200:
                    break
                await asyncio.sleep(_RETRY_SECONDS)
            never += not await lane.db.read(_has_heard)
            await web.stop()
        file.unlink()
    return Started(times=times, refused=refused, lost=lost, never=never)


def _has_heard(tx: Connection) -> bool:
    """Whether the event left what follows from it: a Home to be drawn."""
    homes = select(func.count()).select_from(outbox).where(outbox.c.kind == MessageKind.HOME)
    return bool(tx.execute(homes).scalar_one())
