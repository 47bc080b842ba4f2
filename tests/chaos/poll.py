"""Waiting for what another process does."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(
    condition: Callable[[], Awaitable[bool]], *, within: float, every: float = 0.01
) -> None:
    """Return once `condition` holds, looked at `every` so many seconds.

    Raises:
        TimeoutError: It does not hold in time.
    """
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(every)
