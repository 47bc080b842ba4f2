"""Waiting for what another process does."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 120.0  # seconds for anything that must happen at all, however busy the machine


async def until(
    condition: Callable[[], Awaitable[bool]], *, within: float = PATIENCE, every: float = 0.01
) -> None:
    """Return once `condition` holds, looked at `every` so many seconds.

    Raises:
        TimeoutError: It does not hold in time; the message names it.
    """
    try:
        async with asyncio.timeout(within):
            while not await condition():  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(every)
    except TimeoutError as error:
        name = getattr(condition, "__qualname__", repr(condition))
        why = str(error) or f"not within {within:.0f} s"
        raise TimeoutError(f"{name}: {why}") from error
