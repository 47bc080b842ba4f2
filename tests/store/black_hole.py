"""A server behind TCP that may vanish without a word, as at a fail-over: no byte, no end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import URL, make_url


@dataclass
class BlackHole:
    """Passes bytes on both ways, but for the connections that it has swallowed."""

    path: str  # of the server's socket
    _open: dict[asyncio.StreamWriter, asyncio.Event] = field(default_factory=dict)

    def swallow(self) -> None:
        """Let what is connected now never hear of the other side again; new ones may come."""
        for passes in self._open.values():
            passes.clear()

    def let_go(self) -> None:
        """End every connection, so that nobody waits any more for what was swallowed."""
        for writer, passes in self._open.items():
            writer.transport.abort()
            passes.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self.path)
        passes = self._open[writer] = asyncio.Event()
        passes.set()
        ways = [
            asyncio.ensure_future(_pass_on(reader, server_writer, passes)),
            asyncio.ensure_future(_pass_on(server_reader, writer, passes)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (writer, server_writer):
                end.close()
            del self._open[writer]


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: asyncio.Event
) -> None:
    while chunk := await reader.read(65536):
        await passes.wait()
        writer.write(chunk)


@asynccontextmanager
async def black_hole(url: str) -> AsyncIterator[tuple[BlackHole, URL]]:
    """Stand before the server of `url`, which listens on a socket of a file; give the new URL."""
    parsed = make_url(url)
    hole = BlackHole(f"{parsed.query['host']}/.s.PGSQL.{parsed.port or 5432}")
    server = await asyncio.start_server(hole.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield hole, parsed.set(host="127.0.0.1", port=port, query={})
    finally:
        server.close()
