"""The front door under anything that may come: never a 5xx, never a hang, no growth."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from bot.domain.webhook import WebhookSource
from bot.usecases.webhook import OpenedEndpoint
from bot.web.webhooks.endpoint import TOOLS
from tests.chaos.lane import HERE, Lane
from tests.chaos.poll import PATIENCE
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.web.webhooks.tools import open_endpoint

# What row 16 of the faults lets the door answer; nobody asks it to take what is not for it.
ALLOWED = frozenset({200, 202, 400, 401, 404, 413, 415})
CUT = 0  # no answer, and the connection is gone
BARE = "bare HTTP"  # requests of which HTTP itself, not what they carry, is odd
# RFC 9110 demands 405 where the path is known and the method is not. What is no HTTP at all may
# lose its connection, as RFC 9112 allows.
_ALLOWED_BARE = ALLOWED | {405, CUT}
SECONDS = 5.0  # for the slowest answer
GROWTH = 0.05  # of what is resident once a tenth of everything is answered
SEED = 1
CONNECTIONS = 16

VALID: list[dict[str, Any]] = [
    {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": "Ev1",
        "event_time": 1,
        "event": {"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1"},
        "authorizations": [{"team_id": TEAM, "user_id": "U0BOT", "is_bot": True}],
    },
    {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "U1", "team_id": TEAM},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D1"},
        "channel": {"id": "D1", "name": "directmessage"},
        "trigger_id": "1.1",
        "actions": [{"action_id": "ask.holds", "block_id": "b", "value": "APOLLO-1|1|"}],
    },
    {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": "U1", "team_id": TEAM},
        "trigger_id": "1.1",
        "view": {
            "id": "V1",
            "hash": "1",
            "type": "modal",
            "callback_id": "assumption.new",
            "private_metadata": "{}",
            "state": {"values": {}},
            "blocks": [],
        },
    },
    {
        "type": "message_action",
        "team": {"id": TEAM},
        "user": {"id": "U1"},
        "channel": {"id": "C1", "name": "apollo"},
        "callback_id": "assumption.log",
        "trigger_id": "1.1",
        "message": {"type": "message", "ts": "1.1", "text": "so"},
    },
]
_ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "\u202e\U0001f600",
    "a" * 5000,
    [],
    {},
    [[]],
    {"": {}},
    [None],
    "\ud800",
    "\x00",
    2**70,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzed:
    requests: int  # from each source: Slack, every incident tool, bare HTTP
    signed: int
    answers: dict[str, Counter[int]]  # by source
    hung: int
    slowest: float  # seconds
    warm_mb: float  # resident memory once a tenth of every source is answered
    end_mb: float  # and at the end

    @property
    def wrong(self) -> int:
        """Answers that nobody should get, connections that were cut among them."""
        return sum(
            n
            for source, answers in self.answers.items()
            for status, n in answers.items()
            if status not in (_ALLOWED_BARE if source == BARE else ALLOWED)
        )

    @property
    def is_right(self) -> bool:
        return not (self.wrong or self.hung)

    @property
    def holds(self) -> bool:
        return self.is_right and self.slowest < SECONDS and self.growth < GROWTH

    @property
    def growth(self) -> float:
        return self.end_mb / self.warm_mb - 1


async def fuzz(lane: Lane, *, requests: int, seed: int = SEED) -> Fuzzed:
    """Send malformed and mutated requests, that many from each source, to a web process."""
    web = await lane.spawn("web")
    await web.answers("/readyz")
    random = Random(seed)  # noqa: S311 - a run that can be repeated
    doors = [await lane.db.write(open_endpoint, source, HERE) for source in WebhookSource]
    made = {"slack": _to_slack(random, web.port), BARE: _bare(random)}
    made |= {door.endpoint.source.value: _webhooks(random, door, web.port) for door in doors}
    run = _Run(web.port)
    warm_up = max(1, requests // 10)
    for source, some in made.items():
        await run.send(source, islice(some, warm_up))
    warm_mb = _resident_mb(web.pid)
    for source, some in made.items():
        await run.send(source, islice(some, requests - warm_up))
    end_mb = _resident_mb(web.pid)
    await web.stop()
    return Fuzzed(
        requests=requests,
        signed=run.signed,
        answers=run.answers,
        hung=run.hung,
        slowest=run.slowest,
        warm_mb=warm_mb,
        end_mb=end_mb,
    )


class _Run:
    def __init__(self, port: int) -> None:
        self._port = port
        self.answers: dict[str, Counter[int]] = {}
        self.hung = self.signed = 0
        self.slowest = 0.0

    async def send(self, source: str, requests: Iterator[tuple[bytes, bool]]) -> None:
        answers = self.answers.setdefault(source, Counter())
        await asyncio.gather(*(self._drive(requests, answers) for _ in range(CONNECTIONS)))

    async def _drive(self, requests: Iterator[tuple[bytes, bool]], answers: Counter[int]) -> None:
        for request, is_signed in requests:
            self.signed += is_signed
            began = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    answers[await self._ask(request)] += 1
            except TimeoutError:
                self.hung += 1
            self.slowest = max(self.slowest, time.monotonic() - began)

    async def _ask(self, request: bytes) -> int:
        """Send it on a connection of its own; return the status, or that it was cut."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(request)
            line = await reader.readline()
        except ConnectionError:
            line = b""
        finally:
            writer.close()
        return int(line.split()[1]) if line else CUT


def _to_slack(random: Random, port: int) -> Iterator[tuple[bytes, bool]]:
    while True:
        body, content_type = _body(random)
        is_signed = random.random() < 0.9
        yield _http(body, content_type, port, is_signed=is_signed, random=random), is_signed


def _bare(random: Random) -> Iterator[tuple[bytes, bool]]:
    while True:
        yield _raw(random), False


def _webhooks(random: Random, door: OpenedEndpoint, port: int) -> Iterator[tuple[bytes, bool]]:
    while True:
        yield _webhook(random, door, port), True


def _webhook(random: Random, door: OpenedEndpoint, port: int) -> bytes:
    """An incident tool's payload, bent in one or more places and signed all the same."""
    tool = TOOLS[door.endpoint.source]
    payload = json.loads(tool.sample)
    for _ in range(random.randint(0, 4)):
        payload = _bend(payload, random)
    body = _cut(json.dumps(payload).encode(), random)
    headers = tool.signed(door.secret or "", body, time.time())
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {door.endpoint.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\n{lines}"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1", "replace") + body


def _body(random: Random) -> tuple[bytes, str]:
    """A body of one of the kinds that Slack sends, most of them bent in one or more places."""
    payload: Any = json.loads(json.dumps(random.choice(VALID)))
    for _ in range(random.randint(0, 4)):
        payload = _bend(payload, random)
    if isinstance(payload, dict) and payload.get("type") == "event_callback":
        return _cut(json.dumps(payload).encode(), random), "application/json"
    if random.random() < 0.2:
        fields = {"command": "/assume", "team_id": TEAM, "user_id": "U1", "channel_id": "C1"}
        fields["text"] = str(random.choice(_ODD)).encode("utf-8", "replace").decode()
        if random.random() < 0.5:
            fields.pop(random.choice(list(fields)))
        return _cut(urlencode(fields).encode(), random), "application/x-www-form-urlencoded"
    form = urlencode({"payload": json.dumps(payload)}).encode()
    return _cut(form, random), "application/x-www-form-urlencoded"


def _bend(value: Any, random: Random) -> Any:
    """Replace, remove or add something somewhere inside."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        match random.randint(0, 3):
            case 0:
                value.pop(key)
            case 1:
                value[key] = deepcopy(random.choice(_ODD))
            case _:
                value[key] = _bend(value[key], random)
        return value
    if isinstance(value, list) and value and random.random() < 0.85:
        place = random.randrange(len(value))
        value[place] = _bend(value[place], random)
        return value
    return deepcopy(random.choice(_ODD))


def _cut(body: bytes, random: Random) -> bytes:
    match random.randint(0, 9):
        case 0:
            return body[: random.randint(0, len(body))]
        case 1 if body:
            place = random.randrange(len(body))
            return body[:place] + bytes([random.randrange(256)]) + body[place + 1 :]
        case 2:
            return b"[" * random.randint(1, 20_000)
        case _:
            return body


def _http(body: bytes, content_type: str, port: int, *, is_signed: bool, random: Random) -> bytes:
    stamp = str(int(time.time()))
    digest = hmac.new(
        SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256
    )
    signature = f"v0={digest.hexdigest()}"
    if not is_signed:
        signature = random.choice(["", "v0=", "v0=ü", signature[:-1] + "x", "v1=" + signature[3:]])
        stamp = random.choice([stamp, "", "now", "9" * 40, "-1"])
    head = (
        "POST /slack/events HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        f"Content-Type: {content_type}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\n"
        f"X-Slack-Signature: {signature}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1", "replace") + body


def _raw(random: Random) -> bytes:
    """Something that is hardly HTTP, always ended so that an answer can be expected."""
    start = random.choice(
        [
            b"GET /slack/events",
            b"PUT /slack/events",
            b"POST /webhooks/x/y",
            b"\xff\xfe",
            b"POST " + b"/" * 9000,
            random.randbytes(random.randint(1, 40)).replace(b"\n", b""),
        ]
    )
    length = random.choice([b"Content-Length: 0", b"Content-Length: 0", b"Content-Length: x"])
    more = random.choice(
        [b"", b"", b"X: " + b"a" * 70_000 + b"\r\n", b"No colon\r\n", b"\x00: 1\r\n"]
    )
    return start + b" HTTP/1.1\r\nHost: x\r\n" + more + length + b"\r\nConnection: close\r\n\r\n"


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1_000_000
