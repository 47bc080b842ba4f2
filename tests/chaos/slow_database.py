"""A database that takes its time over each transaction, as an overloaded disk or server does."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from bot.store.database import Database


class SlowDatabase:
    def __init__(self, inner: Database, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self.kind = inner.kind
        self.close = inner.close
        if inner.kind == "sqlite":
            # A slow disk keeps commits waiting, those together that wait together; what is read
            # comes from memory.
            writer: Any = inner
            commit = writer._commit

            def commit_slowly(batch: list[Any]) -> BaseException | None:
                if batch:
                    time.sleep(seconds)
                refused: BaseException | None = commit(batch)
                return refused

            writer._commit = commit_slowly

    async def write(self, unit: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        slow = unit if self.kind == "sqlite" else self._slowed(unit)
        return await self._inner.write(slow, *args, **kwargs)

    async def read(self, unit: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        slow = unit if self.kind == "sqlite" else self._slowed(unit)
        return await self._inner.read(slow, *args, **kwargs)

    def _slowed(self, unit: Callable[..., Any]) -> Callable[..., Any]:
        def run(tx: Connection, *args: Any, **kwargs: Any) -> Any:
            tx.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": self._seconds})
            return unit(tx, *args, **kwargs)

        run.__name__ = unit.__name__
        return run
