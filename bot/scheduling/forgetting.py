"""Forgetting once a day what nobody needs any more, in short transactions."""

from datetime import datetime, timedelta

import structlog

from bot.usecases import forgetting
from bot.usecases.forgetting import Place
from bot.usecases.ports import Clock, Database

log = structlog.get_logger()

STEP = 1000  # rows to a transaction: nobody waits behind it for long
_EVERY = timedelta(days=1)


class ForgettingTick:
    """Walks through what is kept for a while. Any number of processes may, each by itself."""

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._is_stopping = False
        self._last: datetime | None = None

    def stop(self) -> None:
        self._is_stopping = True

    async def run(self) -> int:
        """Forget, where this process has not done so for a day; return how many rows it was."""
        now = self._clock.now()
        if self._last is not None and timedelta(0) <= now - self._last < _EVERY:
            return 0
        self._last = now
        drafts = await self._db.write(forgetting.forget_drafts, now=now)
        deliveries, place = await self._step(now, None)
        while place is not None and not self._is_stopping:
            more, place = await self._step(now, place)
            deliveries += more
        if drafts or deliveries:
            log.info("rows.forgotten", deliveries=deliveries, drafts=drafts)
        return drafts + deliveries

    async def _step(self, now: datetime, after: Place | None) -> tuple[int, Place | None]:
        return await self._db.write(forgetting.forget_deliveries, now=now, after=after, limit=STEP)
