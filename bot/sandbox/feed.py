"""Tells the page that something changed, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

KEEP_ALIVE_SECONDS = 15.0


class Feed:
    def __init__(self) -> None:
        self.seq = 0
        self._queues: set[asyncio.Queue[str | None]] = set()

    def publish(
        self,
        now: datetime,
        *,
        channels: Sequence[str] = (),
        views: Sequence[str] = (),
        home: Sequence[str] = (),
    ) -> None:
        self.seq += 1
        body = {
            "seq": self.seq,
            "channels": list(channels),
            "views": list(views),
            "home": list(home),
            "clock": now.isoformat(),
        }
        for queue in self._queues:
            queue.put_nowait(f"data: {json.dumps(body)}\n\n")

    async def follow(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield ": open\n\n"
            while True:
                try:
                    line = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if line is None:
                    return
                yield line
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        for queue in self._queues:
            queue.put_nowait(None)
