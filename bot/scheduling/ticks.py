"""The ticks: when to look for due work. What is due are rows; the scheduler only wakes us."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection

from bot.scheduling.channel import ChannelTick
from bot.scheduling.forgetting import ForgettingTick
from bot.scheduling.job import run_job
from bot.scheduling.notice import NoticeTick
from bot.scheduling.outbox import OutboxSender
from bot.scheduling.prompt import PromptTick
from bot.usecases import dead_letter, outbox, prompt
from bot.usecases.notice import next_notice

_LOOKS_FOR_OLD_ROWS = timedelta(minutes=10)  # a process that lives for less forgets nothing


@dataclass(frozen=True, slots=True)
class Counts:
    """What one pass over the due work did."""

    prompts: int  # handed over to the outbox
    messages: int  # that Slack has now, new or updated

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.prompts + other.prompts, self.messages + other.messages)

    def __bool__(self) -> bool:
        return bool(self.prompts or self.messages)


class Ticks:
    """Looks for due work every `tick`, in this process; any number of processes may do so."""

    def __init__(
        self,
        *,
        prompts: PromptTick,
        notices: NoticeTick,
        channels: ChannelTick,
        sender: OutboxSender,
        forgetting: ForgettingTick,
        tick: timedelta,
    ) -> None:
        self._forgetting = forgetting
        self._prompts = prompts
        self._channels = channels
        self._notices = notices
        self._sender = sender
        self._tick = tick
        self._scheduler: AsyncIOScheduler | None = None

    def start(self) -> None:
        """Begin with a look at once, for what became due while nobody ran."""
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                # APScheduler else skips a run that is a second late.
                "misfire_grace_time": None,
            },
        )
        jobs = (
            ("prompt tick", self.look, self._tick),
            ("outbox tick", self._send, self._tick),
            ("channel tick", self._refresh, self._tick),
            ("forgetting tick", self._forget, _LOOKS_FOR_OLD_ROWS),
        )
        for name, job, every in jobs:
            self._scheduler.add_job(
                run_job,
                "interval",
                args=(name, job),
                kwargs={"otherwise": None},
                seconds=every.total_seconds(),
                id=name,
            )
        self._scheduler.start()
        self._sender.kick()

    def claim_no_more(self) -> None:
        """Begin nothing; what is under way goes on."""
        if self._scheduler is not None:
            self._scheduler.remove_all_jobs()
        self._forgetting.stop()
        self._prompts.claim_no_more()
        self._sender.claim_no_more()

    async def stop(self) -> None:
        """Claim nothing more; return once the calls under way are recorded."""
        self.claim_no_more()
        await asyncio.gather(self._prompts.stop(), self._sender.stop())
        if self._scheduler is not None:
            # Last: it cancels what still runs, and a call cut off may have reached Slack.
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    async def run_due(self) -> Counts:
        """Do all work that is due now, once, without a scheduler.

        The time since the last run is no outage: whoever runs it by hand, or from a timetable of
        their own, means the pauses between.
        """
        await self._prompts.beat()
        total = Counts(0, 0)
        await self._notices.run()
        await self._sender.wake()
        while counts := Counts(await self._prompts.run(), await self._sender.run()):
            total += counts
        await self._channels.run()
        await self._forgetting.run()
        return total

    async def look(self) -> None:
        """Hand over what is due, as the scheduler does at each tick.

        While Slack is away nothing is: nobody can be asked, so nobody's silence may count. No
        beat is written either, so that once Slack is back this time counts as an outage.
        """
        if await self._sender.is_slack_away():
            return
        await self._prompts.look_back()
        handed_over = await self._prompts.run()
        given = await self._notices.run()
        if handed_over or given:
            self._sender.kick()

    async def _send(self) -> None:
        await self._sender.wake()
        self._sender.kick()

    async def _refresh(self) -> None:
        await self._channels.run()

    async def _forget(self) -> None:
        await self._forgetting.run()


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits, in every workspace; a moment is when the oldest of it is or was due."""

    prompts: datetime | None
    messages: datetime | None
    messages_wanted: datetime | None  # since when the oldest could have been sent
    parked: int


def read_queues(tx: Connection) -> Queues:
    return Queues(
        prompts=prompt.next_due(tx),
        messages=outbox.next_due(tx),
        messages_wanted=outbox.waits_since(tx),
        parked=dead_letter.parked_count(tx),
    )


def next_due(tx: Connection) -> datetime | None:
    """Return when the next work is due, in any workspace; None: nothing is planned."""
    moments = (prompt.next_due(tx), outbox.next_due(tx), next_notice(tx))
    return min((moment for moment in moments if moment is not None), default=None)
