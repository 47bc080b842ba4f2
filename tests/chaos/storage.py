"""The SQLite file under a process that dies, behind a lock that stays, on a disk that is full."""

import asyncio
import json
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import Connection, select

from bot.domain.ids import UserId
from bot.domain.outbox import MessageKind
from bot.store.tables import assumption, outbox
from tests.chaos.acks import home_opened
from tests.chaos.deliveries import command
from tests.chaos.herd import Child
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE, until

SEED = 1
_OK, _SERVER_ERROR = 200, 500
_SENDERS = 8
_AWAY_MOST_SECONDS = 3.0  # for which Slack waits
_ROOM = 100_000  # bytes that a file may still grow to on the full disk; its log needs some


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    times: int
    acknowledged: int
    lost: int  # of them
    damaged: int  # times after which SQLite found fault with its file

    @property
    def holds(self) -> bool:
        return self.acknowledged > 0 and not (self.lost or self.damaged)


async def kill_while_writing(
    lane: Lane, file: Path, *, times: int, numbers: Iterator[int], seed: int = SEED
) -> Killed:
    """Kill the process that writes, at any moment, while many write through it."""
    random = Random(seed)  # noqa: S311 - a run that can be repeated
    acknowledged: set[int] = set()
    damaged = 0
    for _ in range(times):
        before = len(acknowledged)
        web = await lane.spawn("web")
        await web.answers("/readyz")
        sending = [
            asyncio.create_task(_send_until_cut(web, numbers, acknowledged))
            for _ in range(_SENDERS)
        ]
        await until(partial(_is_longer, acknowledged, before))
        await asyncio.sleep(random.uniform(0.0, 0.25))
        web.signal(signal.SIGKILL)
        await asyncio.gather(*sending)
        await web.ended(within=PATIENCE)
        damaged += not is_sound(file)
    stored = await lane.db.read(_stored)
    return Killed(
        times=times,
        acknowledged=len(acknowledged),
        lost=len(acknowledged - stored),
        damaged=damaged,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    times: int
    commands: int  # while the file took nothing: refused with a sentence
    wordless: int  # refused in another way
    claimed: int  # said to be stored, and not there
    events: int  # while the file took nothing: refused with a 5xx, so that Slack sends them again
    misled: int  # refused with anything else: Slack would send them no more
    accepted: int  # events that were acknowledged and are not stored
    controls: int  # times after which an event was acknowledged and stored again
    slowest: float  # seconds for an answer
    recovered: float  # seconds until a command was stored again

    @property
    def wrong(self) -> int:
        return self.wordless + self.claimed + self.misled + self.accepted

    @property
    def is_honest(self) -> bool:
        was_tried = self.commands > 0 and self.events > 0 and self.controls == self.times
        return was_tried and not self.wrong

    @property
    def holds(self) -> bool:
        return self.is_honest and self.slowest < _AWAY_MOST_SECONDS


async def lock_the_file(
    lane: Lane, file: Path, *, times: int, seconds: float, numbers: Iterator[int]
) -> Blocked:
    """Let another process hold the file's lock for that long, again and again."""

    @contextmanager
    def locked(_web: Child) -> Iterator[None]:
        other = sqlite3.connect(file, isolation_level=None, timeout=10)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    return await _block(lane, locked, times=times, seconds=seconds, numbers=numbers)


async def fill_the_disk(
    lane: Lane, *, times: int, seconds: float, numbers: Iterator[int]
) -> Blocked:
    """Let no file of the process grow, which needs no right to mount a small disk."""

    @contextmanager
    def full(web: Child) -> Iterator[None]:
        log = lane.herd.log
        size = _ROOM + (log.stat().st_size if log.exists() else 0)
        before = resource.prlimit(web.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(web.pid, resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.prlimit(web.pid, resource.RLIMIT_FSIZE, before)

    return await _block(lane, full, times=times, seconds=seconds, numbers=numbers)


Blocking = Callable[[Child], AbstractContextManager[None]]


async def _block(
    lane: Lane, blocked: Blocking, *, times: int, seconds: float, numbers: Iterator[int]
) -> Blocked:
    web = await lane.spawn("web")
    await web.answers("/readyz")
    heard = _Heard()
    slowest, recovered = 0.0, 0.0
    for _ in range(times):
        with blocked(web):
            until_then, refused_before = time.monotonic() + seconds, heard.refusals
            # The file had room for a little more.
            while time.monotonic() < until_then or _is_one_missing(refused_before, heard.refusals):
                began, number = time.monotonic(), next(numbers)
                # Somebody else each time: a Home that is about to be drawn needs no write.
                person = UserId(f"U0HOME{number}")
                told, status = await asyncio.gather(
                    _ask(web, command(number, web.port)),
                    _status(web, home_opened(number, web.port, by=person)),
                )
                slowest = max(slowest, time.monotonic() - began)
                heard.command(number, *told)
                heard.event(person, status)
                await asyncio.sleep(0.1)
        free = time.monotonic()

        async def is_well() -> bool:
            number = next(numbers)
            told = await _ask(web, command(number, web.port))
            heard.command(number, *told, is_blocked=False)
            return number in heard.stored

        await until(is_well)
        recovered = max(recovered, time.monotonic() - free)
        person = UserId(f"U0WELL{next(numbers)}")
        if await _status(web, home_opened(next(numbers), web.port, by=person)) == _OK:
            heard.controls.add(person)
    await web.stop()
    homes = await lane.db.read(_with_a_home)
    return Blocked(
        times=times,
        commands=heard.commands,
        wordless=heard.wordless,
        claimed=len(heard.stored - await lane.db.read(_stored)),
        events=heard.events,
        misled=heard.misled,
        accepted=len(heard.acknowledged - homes),
        controls=len(heard.controls & homes),
        slowest=slowest,
        recovered=recovered,
    )


@dataclass
class _Heard:
    """What the senders were told."""

    stored: set[int] = field(default_factory=set)  # commands that are said to be
    acknowledged: set[UserId] = field(default_factory=set)  # whose look at Home was
    controls: set[UserId] = field(default_factory=set)  # and of them, once the file was free
    commands: int = 0
    wordless: int = 0
    events: int = 0
    misled: int = 0

    @property
    def refusals(self) -> tuple[int, int]:
        return self.commands, self.events

    def command(self, number: int, status: int, said: object, *, is_blocked: bool = True) -> None:
        is_refused = "again" in json.dumps(said)
        if status == _OK and not is_refused:
            self.stored.add(number)
        elif is_blocked:
            self.commands += status == _OK
            self.wordless += status != _OK

    def event(self, person: UserId, status: int) -> None:
        if status == _OK:
            self.acknowledged.add(person)
        else:
            self.events += status >= _SERVER_ERROR
            self.misled += status < _SERVER_ERROR


def _is_one_missing(before: tuple[int, int], now: tuple[int, int]) -> bool:
    """Whether commands or events were not refused since."""
    return any(one == other for one, other in zip(before, now, strict=True))


def is_sound(file: Path) -> bool:
    """Whether SQLite finds the file as it should be."""
    looking = sqlite3.connect(file, timeout=10)
    try:
        return bool(looking.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    finally:
        looking.close()


async def _is_longer(acknowledged: set[int], before: int) -> bool:
    return len(acknowledged) > before


async def _send_until_cut(web: Child, numbers: Iterator[int], acknowledged: set[int]) -> None:
    try:
        while True:
            number = next(numbers)
            if await _store(web, number):
                acknowledged.add(number)
    except (OSError, asyncio.IncompleteReadError):
        return


async def _store(web: Child, number: int) -> bool:
    """Log an assumption; say whether the person was told that it is."""
    status, body = await _ask(web, command(number, web.port))
    return status == _OK and "again" not in json.dumps(body)


async def _status(web: Child, request: bytes) -> int:
    return (await _ask(web, request))[0]


async def _ask(web: Child, request: bytes) -> tuple[int, object]:
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    try:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lengths = [line for line in head.lower().splitlines() if "content-length" in line]
        length = int(lengths[0].split(":")[1]) if lengths else 0
        body = await reader.readexactly(length)
        return int(head.split()[1]), json.loads(body) if body else None
    finally:
        writer.close()


def _with_a_home(tx: Connection) -> set[UserId]:
    homes = select(outbox.c.recipient).where(outbox.c.kind == MessageKind.HOME)
    return {UserId(one) for one in tx.execute(homes).scalars()}


def _stored(tx: Connection) -> set[int]:
    statements = tx.execute(select(assumption.c.statement)).scalars()
    return {int(one.split()[1]) for one in statements}
