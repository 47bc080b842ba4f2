"""The kill matrix: a process dies at a named point, another one goes on, the checker looks."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import aiohttp

from bot.domain.outbox import MessageKey
from bot.store import schema
from tests.chaos.herd import Child
from tests.chaos.judge import judge, outdated
from tests.chaos.lane import Lane
from tests.chaos.poll import PATIENCE
from tests.chaos.steps import MAY_REPEAT, SENDING, UPDATING, Step
from tests.chaos.workers import LONG_LEASE

LEASE_SECONDS, TICK_SECONDS = 1.0, 1.0
_EACH_IN_A_CHANNEL = 5  # one place in so many
_REFUSED = "left 1"  # what an end says that the schema is the reason of


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What became of the deaths at one step."""

    step: Step
    of: str = ""  # what was delivered, where one step has several kinds
    times: int  # deaths that were meant
    injected: int  # processes that reached the step, and died there
    lost: int
    doubled: int
    repeated: int
    slowest: float  # seconds from a death until all was well again
    start_up: float  # seconds, at most, that those killed themselves took from start to step

    @property
    def name(self) -> str:
        return f"{self.step.value}: {self.of}" if self.of else self.step.value

    @property
    def is_right(self) -> bool:
        """Whether each death came about, and did what it may do and nothing else."""
        repeats = self.injected if self.step in MAY_REPEAT else 0
        return (
            self.injected == self.times > 0
            and self.lost == 0
            and self.doubled == 0
            and self.repeated == repeats
        )


def later(slowest: float, start_up: float) -> float:
    """The seconds of a recovery beyond two starts of a process up to its death.

    A machine that is slow starts those that it kills as slowly as those that follow, which send
    for the first time, too: that was measured as six tenths of a start.
    """
    return slowest - 2 * start_up


def is_soon(slowest: float, start_up: float) -> bool:
    """Whether the slowest recovery took no longer than that, a lease and a tick."""
    return later(slowest, start_up) <= LEASE_SECONDS + TICK_SECONDS


def together(parts: Sequence[Killed]) -> Killed:
    """Add up what several lanes saw at one step."""
    return Killed(
        step=parts[0].step,
        of=parts[0].of,
        times=sum(part.times for part in parts),
        injected=sum(part.injected for part in parts),
        lost=sum(part.lost for part in parts),
        doubled=sum(part.doubled for part in parts),
        repeated=sum(part.repeated for part in parts),
        slowest=max(part.slowest for part in parts),
        start_up=max(part.start_up for part in parts),
    )


class Deaths:
    """Counts the processes that died as they should, and times them and what followed."""

    def __init__(self) -> None:
        self.injected = 0
        self.slowest = self.start_up = 0.0

    async def death(self, victim: Child, step: Step, *, born: float) -> float:
        """Wait for it; return the moment (time.monotonic). `born` is when it was started."""
        await victim.ended(within=PATIENCE)
        died = time.monotonic()
        self.injected += victim.said_at_its_end == step.value
        self.start_up = max(self.start_up, died - born)
        return died

    def well_again(self, after: float) -> None:
        self.slowest = max(self.slowest, after)


async def kill_while_sending(
    lane: Lane, step: Step, *, times: int, places: Iterator[str]
) -> Killed:
    """Let a worker die at `step`, again and again; another worker follows each time.

    Beside what the dead one had in its hands the next one gets a message that nobody touched.
    What is said in a channel is drawn anew once Slack has described it; that is waited for.
    """
    assert step in SENDING
    before, already = len(lane.slack.posts), set(lane.wanted)
    # Where it dies without a lease it must not lose one before, were the machine ever so slow.
    lease = LONG_LEASE if step is Step.AFTER_COMMIT else int(LEASE_SECONDS)
    deaths = Deaths()
    for _ in range(times):
        keys = await lane.want([next(places)])
        born = time.monotonic()
        victim = await lane.spawn("worker", step=step, lease=lease)
        died = await deaths.death(victim, step, born=born)
        unkilled = await lane.want([next(places)])
        rescuer = await lane.spawn("worker", lease=LONG_LEASE)
        deaths.well_again(await lane.until_sent(keys, within=PATIENCE) - died)
        await lane.until_sent(unkilled, within=PATIENCE)
        await _until_retold(lane, [*keys, *unkilled])
        await rescuer.stop()
    await lane.settle()
    wanted = lane.wanted - already
    rows = {key: row for key, row in (await lane.outbox()).items() if key in wanted}
    verdict = judge(wanted, lane.slack.posts[before:], rows)
    return Killed(
        step=step,
        times=times,
        injected=deaths.injected,
        lost=len(verdict.lost | verdict.forged),
        doubled=len(verdict.doubled | verdict.unwanted),
        repeated=len(verdict.repeated),
        slowest=deaths.slowest,
        start_up=deaths.start_up,
    )


async def _until_retold(lane: Lane, keys: Iterable[MessageKey]) -> None:
    """Wait until what was said in channels has been drawn anew, as far as it has to be."""
    places = [key.to for key in keys if key.to.startswith("C")]
    for place in places:
        await lane.until_described(place)
    if places:
        await lane.until_all_sent(within=PATIENCE)


async def kill_while_updating(
    lane: Lane, step: Step, *, times: int, places: Iterator[str]
) -> Killed:
    """Let a worker die at `step`, while it draws anew what was shown before.

    Every second time the words change once more after the death. At the end what Slack was last
    told of each message has to be what was last wanted.
    """
    assert step in UPDATING
    keys = await lane.want(next(places) for _ in range(times))
    await lane.settle()
    posts, updates = len(lane.slack.posts), len(lane.slack.updates)
    deaths, reworded = Deaths(), {}
    for number, key in enumerate(keys):
        reworded[key] = await lane.reword(key, f"still waiting, look {number}.")
        born = time.monotonic()
        victim = await lane.spawn("worker", step=step, lease=int(LEASE_SECONDS))
        died = await deaths.death(victim, step, born=born)
        if number % 2:
            reworded[key] = await lane.reword(key, f"still waiting, look {number} again.")
        rescuer = await lane.spawn("worker", lease=LONG_LEASE)
        deaths.well_again(await lane.until_sent([key], within=PATIENCE) - died)
        await rescuer.stop()
    await lane.settle()
    lost = outdated(reworded, lane.slack.posts, lane.slack.updates[updates:])
    return Killed(
        step=step,
        times=times,
        injected=deaths.injected,
        lost=len(lost),
        doubled=len(lane.slack.posts) - posts,  # nothing new was wanted
        repeated=0,
        slowest=deaths.slowest,
        start_up=deaths.start_up,
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
    deaths, lost, killed = Deaths(), 0, 0
    for nth in range(1, times + 1):
        born = time.monotonic()
        victim = await lane.spawn("upgrade", step=Step.MIGRATION, nth=nth)
        died = await deaths.death(victim, Step.MIGRATION, born=born)
        if await lane.db.read(schema.revision) == schema.head():
            break  # it has no such statement, and is through
        killed += 1
        follower = await lane.spawn("worker")
        try:
            await follower.ended(within=PATIENCE)  # half a schema, or none, stops a start
        except TimeoutError:
            lost += 1
            await follower.stop()
        lost += follower.said_at_its_end != _REFUSED
        deaths.well_again(time.monotonic() - died)
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
        injected=deaths.injected,
        lost=lost,
        doubled=0,
        repeated=0,
        slowest=deaths.slowest,
        start_up=deaths.start_up,
    )


def place_names(prefix: str) -> Iterator[str]:
    """Conversations, each told once: no pace holds a recovery up, and Slack is asked of none."""
    return (f"D{prefix}{number:06}" for number in count(1))


def places_and_channels(prefix: str) -> Iterator[str]:
    """Conversations, and a channel now and then, which Slack is asked of."""
    for number in count(1):
        kind = "D" if number % _EACH_IN_A_CHANNEL else "C"
        yield f"{kind}{prefix}{number:06}"
