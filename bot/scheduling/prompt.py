"""Handing due prompts over to the outbox, each person checked first."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from structlog.contextvars import bind_contextvars

from bot.domain.cadence import Cadence
from bot.domain.errors import BotError, OperatorFixableError, RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.member import Member
from bot.domain.prompt import Prompt
from bot.scheduling import figures
from bot.usecases import outage, prompt
from bot.usecases.ports import Clock, Database, Directory

log = structlog.get_logger()

BATCH = 100  # prompts to a claim; what is due together for one person becomes one message
BEAT = timedelta(minutes=1)  # between two writes that say that this process ticks

Person = tuple[WorkspaceId, UserId]
_Needy = tuple[Claimed[Prompt], set[Person]]  # whom Slack has to describe first


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
    ) -> None:
        self._db = db
        self._directory = directory
        self._clock = clock
        self._cadence = cadence
        self._lease = lease
        self._one_run = asyncio.Lock()
        self._is_stopping = False
        self._looked_back_at: datetime | None = None

    async def look_back(self) -> None:
        """Count a time in which nobody ticked as an outage; once a minute, before anything else."""
        now, last = self._clock.now(), self._looked_back_at
        if last is None or not timedelta(0) <= now - last < BEAT:
            await self._db.write(outage.look_back, now=now)
            self._looked_back_at = now

    async def beat(self) -> None:
        """Note that work is done now, by hand: the time before was no outage."""
        await self._db.write(outage.beat, now=self._clock.now())

    def claim_no_more(self) -> None:
        self._is_stopping = True

    async def stop(self) -> None:
        """Claim nothing more, and return once the run under way has ended."""
        self.claim_no_more()
        async with self._one_run:
            pass

    async def run(self) -> int:
        """Hand over everything that is due; return how many prompts became part of a message."""
        handed_over = 0
        async with self._one_run:
            while not self._is_stopping:
                claimed = await self._db.write(
                    prompt.claim_prompts, now=self._clock.now(), limit=BATCH, lease=self._lease
                )
                figures.claims.labels("prompts").inc(len(claimed))
                if not claimed:
                    break
                handed_over += await self._hand_over(claimed)
        return handed_over

    async def _hand_over(self, claimed: list[Claimed[Prompt]]) -> int:
        """Hand over what was claimed, each workspace for itself: one may wait long for Slack."""
        needed = await self._recipients(claimed)
        of: defaultdict[WorkspaceId, list[_Needy]] = defaultdict(list)
        for one, who in zip(claimed, needed, strict=True):
            if who is not None:
                of[one.item.workspace].append((one, who))
        work = (self._hand_over_in(*some) for some in of.items())
        counts = await asyncio.gather(*work, return_exceptions=True)
        return sum(_count_or_raise(count) for count in counts)

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
            log.exception(
                "prompt.failed",
                workspace=one.item.workspace,
                assumption=str(one.item.key.assumption),
            )
            await self._db.write(prompt.put_off, one, now=self._clock.now())
            return [None]

    async def _hand_over_in(self, workspace: WorkspaceId, claimed: list[_Needy]) -> int:
        bind_contextvars(workspace=workspace)  # the task is the workspace's own
        users = {user for _, who in claimed for _, user in who}
        people = await self._look_up(workspace, sorted(users))
        # Whom Slack could not tell us about is not asked now: the lease ends, and the next tick
        # tries again. Silence is not counted against anybody while Slack is away.
        ready = [one for one, who in claimed if who <= people.keys()]
        handed_over = await self._db.write(
            prompt.hand_over, ready, people=people, now=self._clock.now(), cadence=self._cadence
        )
        figures.prompts_handed_over.inc(handed_over)
        return handed_over

    async def _look_up(
        self, workspace: WorkspaceId, users: Iterable[UserId]
    ) -> dict[Person, Member | None]:
        people: dict[Person, Member | None] = {}
        for user in users:
            try:
                people[workspace, user] = await self._directory.member(workspace, user)
            except (RetryableError, OperatorFixableError) as error:
                # A workspace whose token is gone must not hold up the others of this claim.
                log.warning("member.unknown", workspace=workspace, user=user, cause=str(error))
        return people


def _count_or_raise(count: int | BaseException) -> int:
    """Let what failed in one workspace be heard, once the others are done."""
    if isinstance(count, BaseException):
        raise count
    return count
