"""A light HTTP/1.1 client for load: requests are made beforehand, connections stay open."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    seconds: float
    latencies_ms: tuple[float, ...]
    failed: int  # answers other than 200

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.seconds

    @property
    def median_ms(self) -> float:
        return median(self.latencies_ms)


def signed_command(fields: dict[str, str], *, secret: str, port: int) -> bytes:
    """Return the whole request of a slash command, signed now (Slack's v0 scheme)."""
    body = urlencode(fields).encode()
    return signed(body, "application/x-www-form-urlencoded", secret=secret, port=port)


def signed(body: bytes, content_type: str, *, secret: str, port: int, headers: str = "") -> bytes:
    """Return the whole request, signed now; `headers` are more of them, each with its CRLF."""
    stamp = str(int(time.time()))
    signature = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    head = (
        "POST /slack/events HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        f"Content-Type: {content_type}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\n"
        f"X-Slack-Signature: v0={signature.hexdigest()}\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


Hear = Callable[[int, bytes], object]  # a status and a body


async def run(
    port: int, requests: Iterable[bytes], *, connections: int, hear: Hear | None = None
) -> Measured:
    """Send `requests` over that many connections, each sending its next after an answer."""
    waiting = iter(requests)
    began = time.perf_counter()
    parts = await asyncio.gather(*(_drive(port, waiting, hear) for _ in range(connections)))
    seconds = time.perf_counter() - began
    return Measured(
        seconds=seconds,
        latencies_ms=tuple(ms for part, _ in parts for ms in part),
        failed=sum(failed for _, failed in parts),
    )


async def _drive(port: int, waiting: Iterator[bytes], hear: Hear | None) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies, failed = [], 0
    for request in waiting:
        began = time.perf_counter()
        writer.write(request)
        status, body = await read_answer(reader)
        latencies.append((time.perf_counter() - began) * 1000)
        failed += status != 200
        if hear is not None:
            hear(status, body)
    writer.close()
    await writer.wait_closed()
    return latencies, failed


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the status and the body."""
    head = await reader.readuntil(b"\r\n\r\n")
    status_line, *headers = head.decode("latin-1").split("\r\n")
    lengths = (h for h in headers if h.lower().startswith("content-length:"))
    length = int(next(lengths, "content-length: 0").split(":")[1])
    body = await reader.readexactly(length) if length else b""
    return int(status_line.split()[1]), body
