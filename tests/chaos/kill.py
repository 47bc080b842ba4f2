"""The kill matrix: a process dies at a named point, another one goes on, the checker looks."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import aiohttp
from sqlalchemy import Connection, func, select

from bot.store import schema
from bot.store.tables import assumption as assumption_table
from tests.chaos.judge import Verdict, judge
from tests.chaos.lane import ANA, CHANNEL, Lane
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.chaos.steps import MAY_REPEAT, SENDING, Step
from tests.figures.load import signed_command

LEASE_SECONDS, TICK_SECONDS = 1.0, 1.0
_START_SECONDS = 5.0  # a busy machine's share of a recovery: a process starts, opens, identifies


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What became of the deaths at one step."""

    step: Step
    times: int
    lost: int
    doubled: int
    repeated: int
    slowest: float  # seconds from a death until all was well again

    @property
    def holds(self) -> bool:
        may_repeat = self.times if self.step in MAY_REPEAT else 0
        return (
            self.lost == 0
            and self.doubled == 0
            and self.repeated <= may_repeat
            and self.slowest <= LEASE_SECONDS + TICK_SECONDS + _START_SECONDS
        )


async def kill_while_sending(
    lane: Lane, step: Step, *, times: int, places: Iterator[str]
) -> Killed:
    """Let a worker die at `step`, again and again; another worker follows each time."""
    assert step in SENDING
    before, already = len(lane.slack.posts), set(lane.wanted)
    slowest = 0.0
    for _ in range(times):
        keys = await lane.want([next(places)])
        victim = await lane.spawn("worker", step=step)
        await victim.ended(within=20)
        died = time.monotonic()
        rescuer = await lane.spawn("worker")
        slowest = max(slowest, await lane.until_sent(keys, within=30) - died)
        await rescuer.stop()
    wanted = lane.wanted - already
    rows = {key: row for key, row in (await lane.outbox()).items() if key in wanted}
    return _killed(step, times, judge(wanted, lane.slack.posts[before:], rows), slowest)


def _killed(step: Step, times: int, verdict: Verdict, slowest: float) -> Killed:
    return Killed(
        step=step,
        times=times,
        lost=len(verdict.lost | verdict.forged),
        doubled=len(verdict.doubled | verdict.unwanted),
        repeated=len(verdict.repeated),
        slowest=slowest,
    )


async def kill_while_taking(
    lane: Lane, step: Step, *, times: int, numbers: Iterator[int]
) -> Killed:
    """Let the front process die with a command in its hands; the sender tries the same again."""
    slowest, before = 0.0, await lane.db.read(_count_assumptions)
    lost = 0
    for _ in range(times):
        number = next(numbers)
        victim = await lane.spawn("web", step=step)
        await victim.answers("/readyz")
        request = _command(number, victim.port)
        assert await status_of(victim.port, request) is None
        await victim.ended(within=20)
        died = time.monotonic()
        follower = await lane.spawn("web")
        await follower.answers("/readyz")
        lost += await status_of(follower.port, request) != 200
        slowest = max(slowest, time.monotonic() - died)
        await follower.stop()
    stored = await lane.db.read(_count_assumptions) - before
    return Killed(
        step=step,
        times=times,
        lost=lost + max(0, times - stored),
        doubled=max(0, stored - times),
        repeated=0,
        slowest=slowest,
    )


def _count_assumptions(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(assumption_table)).scalar_one()


def _command(number: int, port: int) -> bytes:
    return signed_command(
        {
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "channel_name": "apollo",
            "user_id": ANA,
            "command": "/assume",
            "text": f"Part {number} is never late | ask <@U0BO> impact:low",
            "is_enterprise_install": "false",
            "trigger_id": f"{number}.chaos",
        },
        secret=SIGNING_SECRET,
        port=port,
    )


async def status_of(port: int, request: bytes) -> int | None:
    """Send a whole request; None where the connection ends without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            line = await reader.readline()
    except ConnectionError:
        return None
    finally:
        writer.close()
    return int(line.split()[1]) if line else None


async def kill_while_migrating(lane: Lane, *, times: int) -> Killed:
    """Let the upgrade of an empty database die at one statement after the other.

    It ends sooner than after `times` where the upgrade has fewer statements: that many died.
    """
    slowest, lost, killed = 0.0, 0, 0
    for nth in range(1, times + 1):
        victim = await lane.spawn("upgrade", step=Step.MIGRATION, nth=nth)
        await victim.ended(within=20)
        died = time.monotonic()
        if await lane.db.read(schema.revision) == schema.head():
            break  # it has no such statement, and is through
        killed += 1
        follower = await lane.spawn("worker")
        try:
            await follower.ended(within=20)  # half a schema, or none, stops a start
        except TimeoutError:
            lost += 1
            await follower.stop()
        slowest = max(slowest, time.monotonic() - died)
    last = await lane.spawn("upgrade")
    await last.ended(within=20)
    worker = await lane.spawn("worker")
    try:
        await worker.answers("/readyz")
    except (TimeoutError, aiohttp.ClientError):
        lost += 1
    await worker.stop()
    return Killed(
        step=Step.MIGRATION, times=killed, lost=lost, doubled=0, repeated=0, slowest=slowest
    )


def place_names(prefix: str) -> Iterator[str]:
    """People, each asked once, so that no channel's pace holds a recovery up."""
    return (f"U{prefix}{number:06}" for number in count(1))
