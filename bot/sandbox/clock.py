"""The sandbox's time: the real one plus an offset that only grows."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count

OnClock = Callable[[datetime], Awaitable[datetime | None]]
Alarm = Callable[[], Awaitable[None]]

SHORTEST_STEP = timedelta(seconds=1)
LONGEST_STEP = timedelta(hours=1)


class Clock:
    """Alarms ring when the clock reaches them, by itself or by being moved past them."""

    def __init__(self, start: datetime | None, on_clock: OnClock | None) -> None:
        real = datetime.now(UTC)
        self._offset = start.astimezone(UTC) - real if start else timedelta()
        self._on_clock = on_clock
        self._alarms: list[tuple[datetime, int, Alarm]] = []
        self._order = count()
        self._moving = asyncio.Lock()
        self._set = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def at(self, moment: datetime, alarm: Alarm) -> None:
        """Ring `alarm` once the clock reaches `moment`; needs a running event loop."""
        heapq.heappush(self._alarms, (moment, next(self._order), alarm))
        self._set.set()
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch())

    async def move(self, to: datetime) -> None:
        """Step through each alarm and each moment that `on_clock` asks for, up to `to`.

        An `on_clock` that answers with a moment not after the one it was given (something of
        its is stuck) is asked again after a second, then two, four, … up to an hour.
        """
        async with self._moving:
            patience = SHORTEST_STEP
            stop = self.now()
            while True:
                wake = await self._tell(stop)
                if stop >= to:
                    return
                if wake is None or wake > self.now():
                    patience = SHORTEST_STEP
                else:
                    wake = self.now() + patience
                    patience = min(patience * 2, LONGEST_STEP)
                stop = await self._go(min(wake or to, to))

    async def close(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        self._alarms.clear()

    async def _go(self, to: datetime) -> datetime:
        """Stop at each alarm on the way; the sandbox's own work comes before the bot's."""
        while self._alarms and self._alarms[0][0] < to:
            self._set_to(self._alarms[0][0])
            await self._ring()
        self._set_to(to)
        await self._ring()
        return to

    async def _tell(self, moment: datetime) -> datetime | None:
        return await self._on_clock(moment) if self._on_clock else None

    def _set_to(self, moment: datetime) -> None:
        # real time passes while a step's work runs, so the clock may already be beyond `moment`
        self._offset += max(moment - self.now(), timedelta())
        self._set.set()

    async def _ring(self) -> None:
        while self._alarms and self._alarms[0][0] <= self.now():
            _, _, alarm = heapq.heappop(self._alarms)
            await alarm()

    async def _watch(self) -> None:
        while self._alarms:
            self._set.clear()
            wait = (self._alarms[0][0] - self.now()).total_seconds()
            if wait > 0:
                try:
                    await asyncio.wait_for(self._set.wait(), wait)
                except TimeoutError:
                    pass
                else:
                    continue
            async with self._moving:
                await self._ring()
