"""Serves a sandbox on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from bot.sandbox.sandbox import Sandbox

SHUTDOWN_SECONDS = 1
POLL_SECONDS = 0.01


@asynccontextmanager
async def serve(sandbox: Sandbox, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve in this event loop; yield the URL. Port 0 takes any that is free."""
    config = uvicorn.Config(
        sandbox.app,
        log_config=None,
        access_log=False,
        lifespan="off",
        # the other implementation needs a part of websockets that is deprecated
        ws="websockets-sansio",
        ws_ping_interval=None,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    with socket.create_server((host, port)) as listening:
        url = f"http://{host}:{listening.getsockname()[1]}"
        sandbox.base_url = url
        running = asyncio.create_task(server._serve([listening]))
        try:
            while not server.started and not running.done():  # noqa: ASYNC110 it offers no event
                await asyncio.sleep(POLL_SECONDS)
            yield url
        finally:
            await sandbox.close()
            server.should_exit = True
            await running
