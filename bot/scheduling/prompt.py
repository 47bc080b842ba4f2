"""Handing due prompts over to the outbox, each person checked first."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from structlog.contextvars import bind_contextvars

from bot.domain.cadence import Cadence
from bot.domain.errors import BotError, OperatorFixableError, RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.member import Member
from bot.domain.prompt import Prompt
from bot.scheduling import figures
from bot.scheduling.job import run_job
from bot.usecases import outage, prompt
from bot.usecases.ports import Clock, Database, Directory

log = structlog.get_logger()

BATCH = 100  # prompts to a claim; what is due together for one person becomes one message
WORKSPACES_MAX = 100  # that prompts are handed over in at once
_LOOK_AGAIN = 1.0  # seconds
_RUN_SECONDS = 60.0  # after which the next tick goes on
BEAT = timedelta(minutes=1)  # between two writes that say that this process ticks

Person = tuple[WorkspaceId, UserId]


class PromptTick:
    """Hands over until nothing is due. One run at a time in a process; any number of processes."""

    def __init__(
        self,
        *,
        db: Database,
        directory: Directory,
        clock: Clock,
        cadence: Cadence,
        lease: timedelta,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`sleep` and `monotonic` are in seconds."""
        self._db = db
        self._directory = directory
        self._clock = clock
        self._cadence = cadence
        self._lease = lease
        self._sleep = sleep
        self._monotonic = monotonic
        self._one_run = asyncio.Lock()
        self._is_stopping = False
        self._looked_back_at: datetime | None = None
        self._seeks_suspect = True
        self._owed: list[Claimed[Prompt]] = []  # neither handed over nor left

    async def look_back(self) -> None:
        """Count a time in which nobody ticked as an outage; once a minute, before anything else."""
        now, last = self._clock.now(), self._looked_back_at
        if last is None or not timedelta(0) <= now - last < BEAT:
            await self._db.write(outage.look_back, now=now)
            self._looked_back_at = now
            self._seeks_suspect = True

    async def beat(self) -> None:
        """Note that work is done now, by hand: the time before was no outage."""
        self._seeks_suspect = True
        await self._db.write(outage.beat, now=self._clock.now())

    def claim_no_more(self) -> None:
        self._is_stopping = True

    async def stop(self) -> None:
        """Claim nothing more, and return once the run under way has ended."""
        self.claim_no_more()
        async with self._one_run:
            with suppress(RetryableError):
                await self._leave_what_is_owed()

    async def run(self) -> int:
        """Hand over what is due; return how many prompts became part of a message.

        Each workspace for itself: one may have much that is due, wait long for Slack or fail, and
        the others are claimed for meanwhile. It claims for a minute at most, since there is more
        to a tick than this.
        """
        under_way: dict[WorkspaceId, asyncio.Task[int]] = {}
        handed_over, until = 0, self._monotonic() + _RUN_SECONDS
        async with self._one_run:
            try:
                while not self._is_stopping and self._monotonic() < until:
                    claimed: list[Claimed[Prompt]] = []
                    if len(under_way) < WORKSPACES_MAX:
                        claimed = await self._claim(but_not_of=under_way)
                    if not (claimed or under_way):
                        claimed = await self._claim_suspects()
                    for workspace, some in _by_workspace(claimed).items():
                        work = partial(self._hand_over, workspace, some)
                        job = run_job("hand over", work, otherwise=0)
                        under_way[workspace] = asyncio.create_task(job)
                    if not under_way:
                        break
                    if len(claimed) < BATCH:
                        await self._until_one_has_ended(under_way.values())
                    handed_over += sum(under_way.pop(key).result() for key in _done(under_way))
            finally:
                handed_over += sum(await asyncio.gather(*under_way.values()))
        return handed_over

    async def _until_one_has_ended(self, tasks: Iterable[asyncio.Task[int]]) -> None:
        """Return then, or when it is time to look what became due to others meanwhile."""
        waiting = asyncio.ensure_future(self._sleep(_LOOK_AGAIN))
        await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def _claim(self, *, but_not_of: Collection[WorkspaceId]) -> list[Claimed[Prompt]]:
        await self._leave_what_is_owed()
        claimed = await self._db.write(
            prompt.claim_prompts,
            now=self._clock.now(),
            limit=BATCH,
            lease=self._lease,
            but_not_of=sorted(but_not_of),
        )
        figures.claims.labels("prompts").inc(len(claimed))
        return claimed

    async def _leave_what_is_owed(self) -> None:
        """Leave it until its leases are over: else it would count as what a dead process left."""
        while self._owed:
            await self._db.write(prompt.let_wait, self._owed[:BATCH])
            del self._owed[:BATCH]

    async def _claim_suspects(self) -> list[Claimed[Prompt]]:
        """Take what of one person's may end the processes; put off what did so too often."""
        while self._seeks_suspect:
            now = self._clock.now()
            suspects = await self._db.write(prompt.claim_suspects, now=now, lease=self._lease)
            self._seeks_suspect = bool(suspects)
            for one in suspects:
                if one.is_given_up:
                    log.error("prompt.given_up", **_names(one))
                    await self._db.write(prompt.put_off, one, now=now)
            tried = [one for one in suspects if not one.is_given_up]
            if tried:
                figures.claims.labels("prompts").inc(len(tried))
                return tried
        return []

    async def _hand_over(self, workspace: WorkspaceId, claimed: list[Claimed[Prompt]]) -> int:
        """Hand over what was claimed in one workspace; return how many it was.

        Raises:
            RetryableError: The database is away; they are left once it is back.
        """
        bind_contextvars(workspace=workspace)  # the task is the workspace's own
        try:
            return await self._check_and_hand_over(workspace, claimed)
        except RetryableError:
            self._owed += claimed
            raise
        except BotError:
            raise
        except Exception:  # a bug, or a row that nobody expected
            if len(claimed) > 1:
                return sum([await self._hand_over(workspace, some) for some in _apart(claimed)])
            [one] = claimed
            log.exception("prompt.failed", **_names(one))
            await self._db.write(prompt.put_off, one, now=self._clock.now())
            return 0

    async def _check_and_hand_over(
        self, workspace: WorkspaceId, claimed: list[Claimed[Prompt]]
    ) -> int:
        needed = await self._recipients(claimed)
        asked = [(one, who) for one, who in zip(claimed, needed, strict=True) if who is not None]
        users = {user for _, who in asked for _, user in who}
        people = await self._look_up(workspace, sorted(users))
        # Whom Slack could not tell us about is not asked now: the lease ends, and the next tick
        # tries again. Silence is not counted against anybody while Slack is away.
        ready = [one for one, who in asked if who <= people.keys()]
        if len(ready) < len(asked):
            waiting = [one for one, who in asked if not who <= people.keys()]
            await self._db.write(prompt.let_wait, waiting)
        handed_over = await self._db.write(
            prompt.hand_over, ready, people=people, now=self._clock.now(), cadence=self._cadence
        )
        figures.prompts_handed_over.inc(handed_over)
        return handed_over

    async def _recipients(self, claimed: list[Claimed[Prompt]]) -> list[set[Person] | None]:
        """Say for each whom it may go to; None for one that fails, which is put off alone."""
        try:
            return [*await self._db.read(prompt.recipients, claimed)]
        except BotError:
            raise
        except Exception:  # a bug, or a row that nobody expected
            if len(claimed) > 1:
                return [who for one in claimed for who in await self._recipients([one])]
            [one] = claimed
            log.exception("prompt.failed", **_names(one))
            await self._db.write(prompt.put_off, one, now=self._clock.now())
            return [None]

    async def _look_up(
        self, workspace: WorkspaceId, users: Iterable[UserId]
    ) -> dict[Person, Member | None]:
        people: dict[Person, Member | None] = {}
        until = self._monotonic() + self._lease.total_seconds() / 2
        for user in users:
            # Whoever is not looked up is not asked now: there is a stop, or the lease, to think of.
            if self._is_stopping or self._monotonic() > until:
                break
            try:
                people[workspace, user] = await self._directory.member(workspace, user)
            except (RetryableError, OperatorFixableError) as error:
                # A workspace whose token is gone must not hold up the others of this claim.
                log.warning("member.unknown", workspace=workspace, user=user, cause=str(error))
        return people


def _by_workspace(
    claimed: Iterable[Claimed[Prompt]],
) -> dict[WorkspaceId, list[Claimed[Prompt]]]:
    found: defaultdict[WorkspaceId, list[Claimed[Prompt]]] = defaultdict(list)
    for one in claimed:
        found[one.item.workspace].append(one)
    return found


def _apart(claimed: Iterable[Claimed[Prompt]]) -> list[list[Claimed[Prompt]]]:
    """Return each person's, which go into one message; where it is one person's, each alone."""
    found: defaultdict[UserId, list[Claimed[Prompt]]] = defaultdict(list)
    for one in claimed:
        found[one.item.key.stakeholder].append(one)
    parts = list(found.values())
    return parts if len(parts) > 1 else [[one] for one in parts[0]]


def _names(claimed: Claimed[Prompt]) -> dict[str, str]:
    """Return what a line of the log says of it."""
    return {"workspace": claimed.item.workspace, "assumption": str(claimed.item.key.assumption)}


def _done(under_way: Mapping[WorkspaceId, asyncio.Task[int]]) -> list[WorkspaceId]:
    return [workspace for workspace, task in under_way.items() if task.done()]
