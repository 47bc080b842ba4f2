"""The kill matrix: a process dies at a named point, another one goes on, the checker looks."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import aiohttp
from sqlalchemy import Connection, func, select

from bot.store import schema
from bot.store.tables import assumption as assumption_table
from tests.chaos.judge import judge
from tests.chaos.lane import ANA, CHANNEL, Lane
from tests.chaos.poll import PATIENCE
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.chaos.steps import MAY_REPEAT, SENDING, Step
from tests.chaos.workers import LONG_LEASE
from tests.figures.load import signed_command

LEASE_SECONDS, TICK_SECONDS = 1.0, 1.0
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What became of the deaths at one step."""

    step: Step
    times: int
    lost: int
    doubled: int
    repeated: int
    slowest: float  # seconds from a death until all was well again
    later: float  # seconds, at most, by which that was later than for one that nobody killed

    @property
    def is_right(self) -> bool:
        may_repeat = self.times if self.step in MAY_REPEAT else 0
        return self.lost == 0 and self.doubled == 0 and self.repeated <= may_repeat

    @property
    def is_soon(self) -> bool:
        return self.later <= LEASE_SECONDS + TICK_SECONDS


def together(parts: Sequence[Killed]) -> Killed:
    """Add up what several lanes saw at one step."""
    return Killed(
        step=parts[0].step,
        times=sum(part.times for part in parts),
        lost=sum(part.lost for part in parts),
        doubled=sum(part.doubled for part in parts),
        repeated=sum(part.repeated for part in parts),
        slowest=max(part.slowest for part in parts),
        later=max(part.later for part in parts),
    )


async def kill_while_sending(
    lane: Lane, step: Step, *, times: int, places: Iterator[str]
) -> Killed:
    """Let a worker die at `step`, again and again; another worker follows each time.

    Beside what the dead one had in its hands the next one gets a message that nobody touched:
    how long that takes is the machine's share.
    """
    assert step in SENDING
    before, already = len(lane.slack.posts), set(lane.wanted)
    # Where it dies without a lease it must not lose one before, were the machine ever so slow.
    lease = LONG_LEASE if step is Step.AFTER_COMMIT else int(LEASE_SECONDS)
    slowest = later = 0.0
    for _ in range(times):
        keys = await lane.want([next(places)])
        victim = await lane.spawn("worker", step=step, lease=lease)
        await victim.ended(within=PATIENCE)
        died = time.monotonic()
        unkilled = await lane.want([next(places)])
        rescuer = await lane.spawn("worker", lease=LONG_LEASE)
        well, beside = await asyncio.gather(
            lane.until_sent(keys, within=PATIENCE), lane.until_sent(unkilled, within=PATIENCE)
        )
        slowest, later = max(slowest, well - died), max(later, well - beside)
        await rescuer.stop()
    wanted = lane.wanted - already
    rows = {key: row for key, row in (await lane.outbox()).items() if key in wanted}
    verdict = judge(wanted, lane.slack.posts[before:], rows)
    return Killed(
        step=step,
        times=times,
        lost=len(verdict.lost | verdict.forged),
        doubled=len(verdict.doubled | verdict.unwanted),
        repeated=len(verdict.repeated),
        slowest=slowest,
        later=later,
    )


async def kill_while_taking(
    lane: Lane, step: Step, *, times: int, numbers: Iterator[int]
) -> Killed:
    """Let the front process die with a command in its hands; the sender tries the same again.

    Another command comes after it: how long that takes is the machine's share.
    """
    slowest = later = 0.0
    lost, before = 0, await lane.db.read(_count_assumptions)
    for _ in range(times):
        number = next(numbers)
        victim = await lane.spawn("web", step=step)
        await victim.answers("/readyz")
        request = _command(number, victim.port)
        answers = await _ask_until_it_dies(victim.port, request)
        assert len(answers) < _TRIES, (answers, lane.herd.said)
        await victim.ended(within=PATIENCE)
        died = time.monotonic()
        follower = await lane.spawn("web")
        await follower.answers("/readyz")
        ready = time.monotonic()
        lost += await status_of(follower.port, request) != 200
        well = time.monotonic()
        lost += await status_of(follower.port, _command(next(numbers), follower.port)) != 200
        beside = time.monotonic() - well
        slowest, later = max(slowest, well - died), max(later, well - ready - beside)
        await follower.stop()
    stored, sent = await lane.db.read(_count_assumptions) - before, 2 * times
    return Killed(
        step=step,
        times=times,
        lost=lost + max(0, sent - stored),
        doubled=max(0, stored - sent),
        repeated=0,
        slowest=slowest,
        later=later,
    )


async def _ask_until_it_dies(port: int, request: bytes) -> list[int]:
    """Ask again where a machine that is too busy made it give up in time; return its answers."""
    answers: list[int] = []
    while len(answers) < _TRIES and (status := await status_of(port, request)) is not None:
        answers.append(status)
    return answers


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
        async with asyncio.timeout(PATIENCE):
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
        await victim.ended(within=PATIENCE)
        died = time.monotonic()
        if await lane.db.read(schema.revision) == schema.head():
            break  # it has no such statement, and is through
        killed += 1
        follower = await lane.spawn("worker")
        try:
            await follower.ended(within=PATIENCE)  # half a schema, or none, stops a start
        except TimeoutError:
            lost += 1
            await follower.stop()
        slowest = max(slowest, time.monotonic() - died)
    last = await lane.spawn("upgrade")
    await last.ended(within=PATIENCE)
    worker = await lane.spawn("worker")
    try:
        await worker.answers("/readyz")
    except (TimeoutError, aiohttp.ClientError):
        lost += 1
    await worker.stop()
    return Killed(
        step=Step.MIGRATION,
        times=killed,
        lost=lost,
        doubled=0,
        repeated=0,
        slowest=slowest,
        later=0.0,  # nobody waits for a lease here
    )


def place_names(prefix: str) -> Iterator[str]:
    """Conversations, each told once: no pace holds a recovery up, and Slack is asked of none."""
    return (f"D{prefix}{number:06}" for number in count(1))
