"""Delivering one message that was claimed: read what it says now, call Slack, write it down."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog

from bot.domain.cadence import Cadence
from bot.domain.errors import RetryableError
from bot.domain.lease import Claimed
from bot.domain.outbox import ENDS_PROCESSES, OUR_FAULT, Message, MessageState
from bot.scheduling import figures
from bot.scheduling.job import run_job
from bot.scheduling.pace import Pace
from bot.usecases import outbox
from bot.usecases.contents import Content
from bot.usecases.ports import (
    Accepted,
    Ambiguous,
    Blocked,
    Clock,
    Database,
    Failed,
    Messenger,
    NotSent,
    Outcome,
)

R = TypeVar("R")
log = structlog.get_logger()

_OUR_FAULT: Outcome = Failed(OUR_FAULT)
_UNREADABLE: Outcome = Failed(OUR_FAULT, was_called=False)
_GIVEN_UP: Outcome = Failed(ENDS_PROCESSES, was_called=False)
_AGAIN = 0.25  # seconds until a database that was away is asked again
_POSTPONED = timedelta(seconds=5)  # where it stayed away for longer


@dataclass(slots=True)
class Held:
    """A message that this process has taken and not done with."""

    message: Message
    token: str  # of the newest lease
    use_before: float  # monotonic
    lapses: int
    claims: int = 1  # of this process, one after the other

    def renew(self, claimed: Claimed[Message]) -> bool:
        """Take the new lease; False where somebody else had the message, or it is due anew."""
        its = claimed.item
        is_ours = its.attempts == self.message.attempts + self.claims
        if not (is_ours and its.state is MessageState.UNKNOWN):
            return False
        self.token, self.claims = claimed.token, self.claims + 1
        return True

    @property
    def claimed(self) -> Claimed[Message]:
        return Claimed(self.message, self.token, self.lapses)


class Delivery:
    """Delivers what one process has claimed, each message with the newest of its leases."""

    def __init__(
        self,
        *,
        db: Database,
        messenger: Messenger,
        clock: Clock,
        cadence: Cadence,
        lease: timedelta,
        pace: Pace,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`pace` hears what Slack refuses; `sleep` and `monotonic` are in seconds."""
        self._db = db
        self._messenger = messenger
        self._clock = clock
        self._cadence = cadence
        self._lease = lease
        self._pace = pace
        self._sleep = sleep
        self._monotonic = monotonic
        self._is_failing = False  # the last call got no answer that counts
        self._owed: deque[Callable[[], Awaitable[object]]] = deque()
        self.accepted_count = 0  # messages that Slack took

    async def is_slack_away(self) -> bool:
        """Whether messages do not get through and Slack does not answer a plain question either."""
        return self._is_failing and not await self._messenger.is_reachable()

    async def give_back(self, held: Held, *, wait: timedelta) -> None:
        """Free a message that was not begun, for whoever looks once `wait` is over."""
        now = self._clock.now()
        await self.write_surely(partial(self._write, held, outbox.give_back, now=now, wait=wait))

    async def write_surely(
        self, write: Callable[[], Awaitable[object]], *, patience: timedelta = timedelta(0)
    ) -> None:
        """Write what a claim came to; where the database is away for longer, let it be owed.

        Raises:
            RetryableError: It is owed: `catch_up`.
        """
        try:
            await self._patiently(write, patience)
        except RetryableError:
            self._owed.append(write)
            raise

    async def catch_up(self) -> None:
        """Write what is owed, before anything is claimed.

        Else that claim would take what this process holds for what a dead one left: as perhaps
        posted, and after a few times as what ends processes. Where another worker was quicker,
        nothing is written.

        Raises:
            RetryableError: The database is still away.
        """
        while self._owed:
            write = self._owed.popleft()
            try:
                await write()
            except RetryableError:
                self._owed.appendleft(write)
                raise

    async def deliver(self, held: Held) -> bool:
        """Deliver it and write down how that ended; False: it was not begun, and is held still."""
        message = held.message
        if held.claimed.is_given_up:
            kind = message.key.kind.value
            log.error("message.given_up", kind=kind, check="stilltrue outbox list")
            await self._record(held, _GIVEN_UP)
            return True
        try:
            put_off = partial(self._is_put_off, held)
            if await self._patiently(put_off, self._lease / 8):
                return True
            read = partial(self._read, held)
            content, may_be_sent = await self._patiently(read, self._lease / 8)
        except RetryableError as error:  # no call was made: it is as it was
            log.warning("message.postponed", kind=message.key.kind.value, cause=str(error))
            await self.give_back(held, wait=_POSTPONED)
            return True
        except Exception as error:
            if not outbox.is_of_one_message(error):
                raise
            # Of this message alone: parked in the end, where one can see it.
            log.exception("message.unreadable", kind=message.key.kind.value)
            await self._record(held, _UNREADABLE)
            return True
        if content is None:
            await self.write_surely(partial(self._write, held, outbox.nothing_to_say))
        elif not may_be_sent or self._pace.is_held(message):  # it may be so since it was read
            return False
        else:
            await self._call(held, content)
        return True

    async def _is_put_off(self, held: Held) -> bool:
        now = self._clock.now()
        if not outbox.may_be_too_late(held.message, now=now):
            return False
        return await self._db.write(outbox.put_off, held.claimed, now=now)

    async def _call(self, held: Held, content: Content) -> None:
        message = held.message
        outcome: Outcome = await run_job(
            "deliver", partial(self._messenger.deliver, message, content), otherwise=_OUR_FAULT
        )
        figures.messages.labels(type(outcome).__name__).inc()
        if not isinstance(outcome, Accepted):
            figures.failures.labels(outcome.cause).inc()
        self._heed(message, outcome)
        await self._record(held, outcome)

    def _heed(self, message: Message, outcome: Outcome) -> None:
        """Spare Slack the calls that it would refuse, and note whether it answers."""
        self._is_failing = isinstance(outcome, Ambiguous) or (
            isinstance(outcome, NotSent) and outcome.retry_after is None
        )
        match outcome:
            case NotSent(retry_after=timedelta() as wait, call=refused):
                figures.asked_to_wait.inc()
                self._pace.slack_asks(message.workspace, refused or message.call, wait)
            case Blocked(cause=cause, fix=fix):
                if not self._pace.is_held(message):
                    log.error(
                        "workspace.blocked",
                        workspace=message.workspace,
                        cause=cause,
                        fix=fix,
                        check="stilltrue doctor",
                    )
                self._pace.hold(message.workspace, outbox.BLOCKED_WAIT)
            case Accepted():
                figures.dwell.observe((self._clock.now() - message.wanted_at).total_seconds())
            case _:
                pass

    async def _record(self, held: Held, outcome: Outcome) -> None:
        """Write down how the call ended; a database that is away is asked again for a while.

        What is not written down counts as unknown once another worker claims it.
        """
        write = partial(self._write_down, held, outcome)
        await self.write_surely(write, patience=self._lease / 2)

    async def _patiently(self, work: Callable[[], Awaitable[R]], patience: timedelta) -> R:
        """Do `work`, again for a while where the database does not answer."""
        until = self._monotonic() + patience.total_seconds()
        while True:
            try:
                return await work()
            except RetryableError:
                if self._monotonic() > until:
                    raise
                await self._sleep(_AGAIN)

    async def _read(self, held: Held) -> tuple[Content | None, bool]:
        return await self._db.read(
            outbox.read_to_send,
            held.claimed,
            now=self._clock.now(),
            cadence=self._cadence,
            left=self._lease / 4,
        )

    async def _write_down(self, held: Held, outcome: Outcome) -> None:
        now = self._clock.now()
        try:
            if isinstance(outcome, Accepted):
                is_recorded = await self._write(
                    held, outbox.accepted, outcome, now=now, cadence=self._cadence
                )
                self.accepted_count += is_recorded
            else:
                await self._write(held, outbox.not_accepted, outcome, now=now)
        except Exception as error:
            if not outbox.is_of_one_message(error):
                raise
            # A bug in what follows must not have it said again and again.
            log.exception("message.half_recorded", kind=held.message.key.kind.value)
            await self._write(held, outbox.half_recorded, outcome, now=now)

    async def _write(self, held: Held, unit: Callable[..., bool], *args: Any, **given: Any) -> bool:
        """Write with the newest lease; False where another process has the message."""
        while True:
            token = held.token
            if await self._db.write(unit, held.claimed, *args, **given):
                return True
            if held.token == token:  # else it got a new lease meanwhile
                return False
