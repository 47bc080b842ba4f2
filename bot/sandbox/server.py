"""Serves a sandbox on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from bot.sandbox.sandbox import Sandbox

GRACE_SECONDS = 1.0
POLL_SECONDS = 0.005


class QuickServer(uvicorn.Server):
    """Stops within milliseconds; uvicorn's own looks only ten times a second whether it may.

    It leaves the process's signals to whoever runs it.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()

    async def main_loop(self) -> None:
        await self.stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=GRACE_SECONDS)
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()


@asynccontextmanager
async def serve(sandbox: Sandbox, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve in this event loop; yield the URL. Port 0 takes any that is free.

    Raises:
        OSError: The port is taken.
    """
    listening = listen(host, port)
    sandbox.base_url = url_of(listening)
    async with served(sandbox.app, listening) as url:
        try:
            yield url
        finally:
            await sandbox.close()


@asynccontextmanager
async def served(app: ASGIApp, listening: socket.socket) -> AsyncIterator[str]:
    """Serve any ASGI application on a socket that listens; closes it at the end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        date_header=False,  # uvicorn's main loop, which is not used, keeps it up to date
        lifespan="off",
        # the other implementation needs a part of websockets that is deprecated
        ws="websockets-sansio",
        ws_ping_interval=None,
    )
    server = QuickServer(config)
    with listening:
        running = asyncio.create_task(server._serve([listening]))
        try:
            while not server.started and not running.done():  # noqa: ASYNC110 it offers no event
                await asyncio.sleep(POLL_SECONDS)
            yield url_of(listening)
        finally:
            server.stop.set()
            await running


def url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()
    return f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only where the protocol is named; `socket.create_server` does not
    # name it, and each answer on a kept connection would take 40 ms
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen()
    return listening
