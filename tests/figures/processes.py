"""Servers as processes of their own, as they run for a team."""

import asyncio
import contextlib
import os
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator, Mapping

_START_SECONDS = 20.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def process(
    *arguments: str, env: Mapping[str, str], ready: str | None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python arguments…` until the block ends; `ready` is a URL that answers 200 in time."""
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - what a child process inherits
        if not name.startswith(("SLACK_", "STILLTRUE_", "DATABASE_URL", "PORT"))
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={**inherited, **env}
    )
    try:
        if ready is not None:
            await _until_ready(ready, child)
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def _until_ready(url: str, child: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while not await asyncio.to_thread(_answers, url):
            if child.returncode is not None:
                raise RuntimeError(f"the process ended with {child.returncode} before it was ready")
            await asyncio.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - loopback only
            return bool(answer.status == 200)
    except OSError:
        return False
