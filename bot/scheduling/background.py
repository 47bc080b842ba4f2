"""The database as work sees it that nobody waits for: it leaves connections to those who do."""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.usecases.ports import Database

P = ParamSpec("P")
R = TypeVar("R")


class Background:
    """Runs at most `most` units at once; where commits are shared, `most` of those that read.

    A thousand messages under way would else stand before an answer for which Slack waits 3 s.
    """

    def __init__(self, db: Database, *, most: int, shares_commits: bool) -> None:
        self._db = db
        self._shares_commits = shares_commits
        self._turns = asyncio.Semaphore(most)

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        if self._shares_commits:
            return await self._db.write(unit, *args, **kwargs)
        async with self._turns:
            return await self._db.write(unit, *args, **kwargs)

    async def read(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        async with self._turns:
            return await self._db.read(unit, *args, **kwargs)

    async def close(self) -> None:
        await self._db.close()
