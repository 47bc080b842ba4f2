"""The end of a process: a platform kills it 15 s or more after it asked, so it ends before."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

STOP_SECONDS = 12.0  # for what is under way: a call to Slack gives up by itself after 10
CLOSE_SECONDS = 1.5  # for connections to be closed
LAST_SECONDS = 14.0  # after which nothing is waited for any more
_CUT_OFF = 1  # exit code


async def ends_within(seconds: float, work: Coroutine[Any, Any, object]) -> bool:
    """Do `work`; False where it was cut off, and may not even have noticed that yet.

    A database that says nothing at all lets no transaction be cancelled either.
    """
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=max(0.0, seconds))
    if not task.done():
        task.cancel()
        return False
    task.result()
    return True


def end_at_the_latest(
    after: float = LAST_SECONDS, *, end: Callable[[int], object] = os._exit
) -> threading.Timer:
    """End this process `after` so many seconds, whatever still hangs in it.

    What it had in its hands is then found as after a crash: the leases run out.
    """

    def cut_off() -> None:
        log.error("process.cut_off", seconds=after)
        end(_CUT_OFF)

    timer = threading.Timer(after, cut_off)
    timer.daemon = True
    timer.start()
    return timer
