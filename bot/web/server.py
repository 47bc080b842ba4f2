"""Serving an ASGI app in this event loop, until it is told to stop."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.domain.errors import FatalError

_GRACE_SECONDS = 5  # for requests under way when the process stops
_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 2048


class _Server(uvicorn.Server):
    """Leaves the signals to `main`, which has more to stop than a server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, *, host: str, port: int, variable: str) -> AsyncIterator[int]:
    """Serve `app` while the block runs; yield the port, which port 0 leaves to the system.

    Args:
        app: What to serve.
        host: The address to listen on.
        port: 0 takes any that is free.
        variable: The setting to change where the port is taken.

    Raises:
        FatalError: The port is taken, or not ours to listen on.
    """
    config = uvicorn.Config(
        app,
        http="auto",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    with _listen(host, port, variable) as listening:
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


def _listen(host: str, port: int, variable: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = "is taken by another process" if error.errno == errno.EADDRINUSE else "is refused"
        raise FatalError(f"Port {port} on {host} {why}. Set {variable} to a free one.") from error
