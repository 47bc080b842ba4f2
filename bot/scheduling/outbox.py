"""Sending the outbox: claim what is due, read what it says now, hand it to Slack, record it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial

from bot.domain.cadence import Cadence
from bot.domain.lease import Claimed
from bot.domain.outbox import Message
from bot.scheduling import figures
from bot.scheduling.job import run_job
from bot.scheduling.pace import Pace
from bot.usecases import outbox
from bot.usecases.ports import Accepted, Ambiguous, Clock, Database, Messenger, NotSent, Outcome

BATCH = 20  # messages to a claim
_OUR_FAULT: Outcome = Ambiguous("a fault of the bot itself; its log says which")
_LET_THE_ACK_OUT = 0.02  # seconds; what is decided together is also claimed together


class OutboxSender:
    """Sends until nothing is due. One run at a time in a process; any number of processes."""

    def __init__(
        self,
        *,
        db: Database,
        messenger: Messenger,
        clock: Clock,
        cadence: Cadence,
        lease: timedelta,
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._messenger = messenger
        self._clock = clock
        self._cadence = cadence
        self._lease = lease
        self._pace = pace or Pace(monotonic=monotonic)
        self._sleep = sleep
        self._monotonic = monotonic
        self._one_run = asyncio.Lock()
        self._is_wanted = False
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    def kick(self) -> None:
        """Send soon what was just committed, without waiting for the next tick."""
        if self._is_stopping:
            return
        self._is_wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._is_wanted and not self._is_stopping:
            await self._sleep(_LET_THE_ACK_OUT)
            self._is_wanted = False
            await run_job("outbox", self.run, otherwise=0)

    async def run(self) -> int:
        """Send everything that is due; return how many messages Slack has now."""
        sent = 0
        async with self._one_run:
            while not self._is_stopping:
                claimed = await self._db.write(
                    outbox.claim_messages, now=self._clock.now(), limit=BATCH, lease=self._lease
                )
                if not claimed:
                    break
                sent += await self._send_all(claimed)
        return sent

    async def stop(self) -> None:
        """Claim nothing more, finish the calls under way, free what was not begun."""
        self._is_stopping = True
        async with self._one_run:
            pass
        if self._task is not None:
            await self._task

    async def _send_all(self, claimed: Iterable[Claimed[Message]]) -> int:
        """Send to different places at once, and to one place in order."""
        use_before = self._monotonic() + self._lease.total_seconds() / 2
        lines: defaultdict[tuple[str, str], list[Claimed[Message]]] = defaultdict(list)
        for one in claimed:
            lines[one.item.workspace, one.item.key.to].append(one)
        counts = await asyncio.gather(
            *(self._send_line(line, use_before=use_before) for line in lines.values())
        )
        return sum(counts)

    async def _send_line(self, line: Iterable[Claimed[Message]], *, use_before: float) -> int:
        sent = 0
        for one in line:
            send = partial(self._send_in_turn, one, use_before)
            sent += await run_job("message", send, otherwise=False)
        return sent

    async def _send_in_turn(self, claimed: Claimed[Message], use_before: float) -> bool:
        """Wait for the message's turn and send it; give it back where its lease may not last."""
        wait = self._pace.wait(claimed.item)
        if self._is_stopping or self._monotonic() + wait.total_seconds() > use_before:
            await self._db.write(outbox.give_back, claimed, due_at=self._clock.now() + wait)
            return False
        self._pace.called(claimed.item)
        if wait:
            await self._sleep(wait.total_seconds())
        return await self._send(claimed)

    async def _send(self, claimed: Claimed[Message]) -> bool:
        message = claimed.item
        content = await self._db.read(
            outbox.read_message, message, now=self._clock.now(), cadence=self._cadence
        )
        if content is None:
            await self._db.write(outbox.nothing_to_say, claimed)
            return False
        outcome: Outcome = await run_job(
            "deliver", partial(self._messenger.deliver, message, content), otherwise=_OUR_FAULT
        )
        return await self._record(claimed, outcome)

    async def _record(self, claimed: Claimed[Message], outcome: Outcome) -> bool:
        now = self._clock.now()
        figures.messages.labels(type(outcome).__name__).inc()
        if isinstance(outcome, Accepted):
            figures.dwell.observe((now - claimed.item.due_at).total_seconds())
            return await self._db.write(
                outbox.accepted, claimed, outcome, now=now, cadence=self._cadence
            )
        if isinstance(outcome, NotSent) and outcome.retry_after is not None:
            self._pace.slack_asks(claimed.item, outcome.retry_after)
        await self._db.write(outbox.not_accepted, claimed, outcome, now=now)
        return False
