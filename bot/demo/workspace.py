"""The sandbox as its page sees it: the control API, the clock, and waiting for a change."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from bot.demo.words import Json

R = TypeVar("R")
_PATIENCE = 60.0  # real seconds until something that should happen counts as missing


class NotSeenError(Exception):
    """What should have appeared did not: `expected` says what, `seen` what was there instead."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; saw {seen or 'nothing'}")
        self.expected = expected
        self.seen = seen


class ControlRefusedError(Exception):
    """The sandbox will not do what no person could do; the message is its sentence."""


class Workspace:
    """The sandbox as its page sees it."""

    def __init__(self, url: str, *, bot: str) -> None:
        """`bot` is the bot's user id."""
        self.url = url
        self.bot = bot
        self.names: dict[str, str] = {}
        self._http = aiohttp.ClientSession(base_url=url)
        self._changes = 0
        self._changed = asyncio.Condition()
        self._following = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._follower = asyncio.create_task(self._follow())
        await asyncio.wait_for(self._following.wait(), _PATIENCE)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)
        await self._http.close()

    async def get(self, path: str, **query: str) -> Json:
        return await self._call("GET", path, params=query)

    async def post(self, path: str, **body: Any) -> Json:
        return await self._call("POST", path, json=body)

    async def patch(self, path: str, **body: Any) -> Json:
        return await self._call("PATCH", path, json=body)

    async def delete(self, path: str) -> Json:
        return await self._call("DELETE", path)

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.get("clock"))["now"])

    async def move(self, **how: Any) -> datetime:
        """Move the clock (`preset=…`, `to=…` or `advance_seconds=…`) and wait for what it woke."""
        return datetime.fromisoformat((await self.post("clock", **how))["now"])

    async def until(
        self,
        look: Callable[[], Awaitable[R | None]],
        *,
        expected: str,
        seen: Callable[[], Awaitable[str]],
        patience: float = _PATIENCE,
    ) -> R:
        """Look now and after each change until `look` finds something.

        Raises:
            NotSeenError: Nothing was found within `patience` real seconds.
        """
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            changes = self._changes
            found = await look()
            if found is not None:
                return found
            left = deadline - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(left), self._changed:
                    while self._changes == changes:
                        await self._changed.wait()
            except TimeoutError:
                raise NotSeenError(expected, await seen()) from None

    async def _call(self, method: str, path: str, **arguments: Any) -> Json:
        async with self._http.request(method, f"/_sandbox/{path}", **arguments) as response:
            answer: Json = await response.json()
        if response.status >= 400:  # noqa: PLR2004 - HTTP's own border
            raise ControlRefusedError(f"{path}: {answer['error']}: {answer['message']}")
        return answer

    async def _follow(self) -> None:
        """Count the changes that the sandbox tells of."""
        endless = aiohttp.ClientTimeout(total=None)
        async with self._http.get("/_sandbox/events", timeout=endless) as stream:
            self._following.set()
            async for line in stream.content:
                if line.startswith(b"data:"):
                    async with self._changed:
                        self._changes += 1
                        self._changed.notify_all()
