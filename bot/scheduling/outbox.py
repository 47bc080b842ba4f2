"""Sending the outbox: claim what is due, and let each place have its messages one by one."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from structlog.contextvars import bind_contextvars

from bot.domain.cadence import Cadence
from bot.domain.errors import RetryableError
from bot.domain.ids import WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.outbox import Message, MessageKey
from bot.scheduling import figures
from bot.scheduling.delivery import Delivery, Held
from bot.scheduling.job import run_job
from bot.scheduling.pace import Pace, Place
from bot.usecases import outbox
from bot.usecases.ports import Clock, Database, Messenger

BATCH = 50  # messages to a claim
LINES_MAX = 3000  # places that are sent to, or wait for their turn, at once
# Of those in one workspace: its pace lets no more go at once, and where its calls hang the others
# find room.
WORKSPACE_LINES_MAX = 20
_LET_THE_ACK_OUT = 0.02  # seconds; what is decided together is also claimed together
_LET_THE_LINES_GO_ON = 0.5  # seconds; where more is due than can go out, looking again helps nobody


@dataclass(slots=True)
class _Line:
    """Messages to one place, sent one after the other."""

    waiting: deque[Held] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    full_until: float = 0.0  # monotonic; what did not fit was given back until then
    is_full: bool = False  # more is due than fits; not looked at again until half has gone out


class OutboxSender:
    """Sends until nothing is due. A place that must wait holds up no other.

    Any number of processes may send: the claims keep them apart. The pace is each one's own.
    """

    def __init__(
        self,
        *,
        db: Database,
        messenger: Messenger,
        clock: Clock,
        cadence: Cadence,
        lease: timedelta,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        speed: float = 1.0,
    ) -> None:
        """`speed` is how many times as fast as Slack the other side may be called."""
        self._db = db
        self._clock = clock
        self._lease = lease
        # Half a lease is for the last call and for writing down how it ended.
        self._patience = lease / 2
        self._pace = Pace(monotonic=monotonic, speed=speed)
        self._line_max = max(1, int(self._patience.total_seconds() / self._pace.post_gap))
        self._delivery = Delivery(
            db=db,
            messenger=messenger,
            clock=clock,
            cadence=cadence,
            lease=lease,
            pace=self._pace,
            sleep=sleep,
            monotonic=monotonic,
        )
        self._sleep = sleep
        self._monotonic = monotonic
        self._lines: dict[Place, _Line] = {}
        self._lines_of: Counter[WorkspaceId] = Counter()
        self._full_workspaces: set[WorkspaceId] = set()  # not claimed for until half has gone out
        self._held: dict[tuple[WorkspaceId, MessageKey], Held] = {}  # what is in the lines
        self._seeks_suspect = True
        self._look_again = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._resumed: set[WorkspaceId] = set()

    def kick(self) -> None:
        """Send soon what was just committed, without waiting for the next tick."""
        self._look_again.set()
        if not (self._is_stopping or self._is_running):
            work = run_job("outbox", self._work, otherwise=None)
            # Who woke it has nothing to do with what is sent, so no log line may name them.
            self._task = asyncio.create_task(work, context=Context())

    async def wake(self) -> None:
        """Make due what the clock would let wait for longer than it was told to: it was ahead.

        What may have ended other processes is looked for then too, and not with each claim.
        """
        self._seeks_suspect = True
        await self._db.write(outbox.wake, now=self._clock.now())

    def resume(self, workspace: WorkspaceId) -> None:
        """Send at once what waited for the workspace: the bot was installed there anew."""
        self._pace.release(workspace)
        self._resumed.add(workspace)
        self.kick()

    async def run(self) -> int:
        """Send everything that is due; return how many messages Slack took meanwhile."""
        before = self._delivery.accepted_count
        self._look_again.set()
        if not (self._is_stopping or self._is_running):
            self._task = asyncio.create_task(self._work())
        if self._task is not None:
            await asyncio.shield(self._task)
        return self._delivery.accepted_count - before

    async def is_slack_away(self) -> bool:
        """Whether messages do not get through and Slack does not answer a plain question either."""
        return await self._delivery.is_slack_away()

    def claim_no_more(self) -> None:
        self._stopping.set()
        self._look_again.set()

    async def stop(self) -> None:
        """Claim nothing more, finish the calls under way, free what was not begun."""
        self.claim_no_more()
        # First what may be claiming still: it lines up what it got.
        await asyncio.gather(*filter(None, [self._task]), return_exceptions=True)
        lines = [line.task for line in self._lines.values() if line.task is not None]
        await asyncio.gather(*lines, return_exceptions=True)
        with suppress(RetryableError):
            await self._delivery.catch_up()

    @property
    def _is_stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def _is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _work(self) -> None:
        rest = _LET_THE_ACK_OUT
        while not self._is_stopping:
            await self._sleep(rest)
            self._look_again.clear()
            more_may_be_due = bool(self._full_workspaces)  # when these have gone out
            claimed = await self._claim()
            is_all = len(claimed) < BATCH
            if is_all:
                claimed += await self._claim_suspect()
            too_many = [one for one in claimed if not self._line_up(one)]
            if too_many:
                await self._put_off(too_many)
            rest = _LET_THE_LINES_GO_ON if too_many or self._full_places() else _LET_THE_ACK_OUT
            is_woken = self._look_again.is_set()  # by what was committed after the claim looked
            if not (claimed or self._lines or more_may_be_due or is_woken):
                return
            if is_all or len(self._lines) >= LINES_MAX:
                await self._look_again.wait()

    async def _claim(self) -> list[Claimed[Message]]:
        if len(self._lines) >= LINES_MAX:
            return []
        while self._resumed:  # by a process that had not heard of the install, this one or another
            workspace = next(iter(self._resumed))
            await self._db.write(outbox.resume_blocked, workspace, now=self._clock.now())
            self._resumed.discard(workspace)
        await self._delivery.catch_up()
        claimed = await self._db.write(
            outbox.claim_messages,
            now=self._clock.now(),
            limit=BATCH,
            lease=self._lease,
            passing_over=self._full_places(),
            but_not_of=sorted(self._full_workspaces),
        )
        figures.claims.labels("messages").inc(len(claimed))
        return claimed

    async def _claim_suspect(self) -> list[Claimed[Message]]:
        """Take one that may be what ends the processes, where none is in hand."""
        if not self._seeks_suspect or any(held.claimed.is_suspect for held in self._held.values()):
            return []
        now = self._clock.now()
        try:
            suspect = await self._db.write(outbox.claim_suspect, now=now, lease=self._lease)
        except RetryableError:  # what was claimed before it is sent all the same
            return []
        self._seeks_suspect = False
        if suspect is None:
            return []
        figures.claims.labels("messages").inc()
        return [suspect]

    def _full_places(self) -> list[Place]:
        return [place for place, line in self._lines.items() if line.is_full]

    def _line_up(self, claimed: Claimed[Message]) -> bool:
        """Put the message behind those to the same place; False where its lease may not last.

        One that is there already outlasted its lease, as where this machine slept. If nobody else
        took it, what is known of it here still holds, and it only gets the new lease.
        """
        message, place = claimed.item, _place(claimed.item)
        held = self._held.get(_name(message))
        if held is not None and held.renew(claimed):
            return True
        line = self._lines.get(place) or self._open_line(place)
        if message.ts is None and len(line.waiting) >= self._line_max:
            line.is_full = True
            return False
        use_before = self._monotonic() + self._patience.total_seconds()
        held = Held(message, claimed.token, use_before, claimed.lapses)
        self._held[_name(message)] = held
        if claimed.is_suspect:  # it has to be begun, or a death while it waits is put on it
            line.waiting.appendleft(held)
        else:
            line.waiting.append(held)
        if line.task is None:
            line.task = asyncio.create_task(self._send_line(place, line))
        return True

    def _open_line(self, place: Place) -> _Line:
        line = self._lines[place] = _Line()
        self._lines_of[place[0]] += 1
        if self._lines_of[place[0]] >= WORKSPACE_LINES_MAX:
            self._full_workspaces.add(place[0])
        return line

    def _close_line(self, place: Place) -> None:
        del self._lines[place]
        self._lines_of[place[0]] -= 1
        if self._lines_of[place[0]] <= WORKSPACE_LINES_MAX // 2:
            self._full_workspaces.discard(place[0])
        self._look_again.set()

    async def _put_off(self, many: Iterable[Claimed[Message]]) -> None:
        """Give messages back, in one transaction, each due when its place will have time for it."""
        monotonic, gap = self._monotonic(), self._pace.post_gap
        given_back = []
        for claimed in many:
            line = self._lines[_place(claimed.item)]
            line.full_until = max(line.full_until, monotonic + gap * len(line.waiting)) + gap
            given_back.append((claimed, timedelta(seconds=line.full_until - monotonic)))
        now = self._clock.now()
        await self._delivery.write_surely(
            partial(self._db.write, _give_back_all, given_back, now=now)
        )

    async def _send_line(self, place: Place, line: _Line) -> None:
        bind_contextvars(workspace=place[0], to=place[1])  # the task is the line's own
        while line.waiting:
            held = line.waiting.popleft()
            line.is_full = line.is_full and len(line.waiting) > self._line_max // 2
            await run_job("message", partial(self._send_in_turn, held), otherwise=None)
            if self._held.get(_name(held.message)) is held:
                del self._held[_name(held.message)]
            self._seeks_suspect |= held.claimed.is_suspect  # the next, now that it is done with
        self._close_line(place)

    async def _send_in_turn(self, held: Held) -> None:
        """Wait for the message's turn and send it; give it back where its lease may not last."""
        message = held.message
        wait = self._pace.wait(message)
        if self._is_stopping or self._monotonic() + wait.total_seconds() > held.use_before:
            await self._give_back(held)
            return
        self._pace.book(message)
        if wait:
            await self._wait_unless_stopped(wait)
            if self._is_stopping or self._pace.is_held(message):
                await self._give_back(held)
                return
        if not await self._delivery.deliver(held):
            await self._give_back(held)

    async def _give_back(self, held: Held) -> None:
        """Free it: at the end for whoever comes next, else for when there will be time for it."""
        wait = timedelta(0) if self._is_stopping else self._pace.put_off(held.message)
        await self._delivery.give_back(held, wait=wait)

    async def _wait_unless_stopped(self, wait: timedelta) -> None:
        turn = asyncio.ensure_future(self._sleep(wait.total_seconds()))
        stopped = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({turn, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for one in (turn, stopped):
            one.cancel()


def _place(message: Message) -> Place:
    return message.workspace, message.key.to


def _name(message: Message) -> tuple[WorkspaceId, MessageKey]:
    return message.workspace, message.key


def _give_back_all(
    tx: Connection, many: Iterable[tuple[Claimed[Message], timedelta]], *, now: datetime
) -> None:
    for claimed, wait in many:
        outbox.give_back(tx, claimed, now=now, wait=wait)
