"""The bot as it runs for a team, but that it kills itself at a named point.

The product has no hooks for this: its database and its messenger are wrapped where `bot.main`
puts a process together.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from bot import main
from bot.domain.outbox import Message
from bot.scheduling.clock import MovableClock
from bot.settings import load_settings
from bot.slack import api, source_cache
from bot.slack.messenger import SlackMessenger
from bot.store.database import Database, open_database
from bot.usecases.contents import Content
from bot.usecases.ports import Accepted, Outcome
from tests.chaos.slow_database import SlowDatabase
from tests.chaos.steps import Step
from tests.chaos.tells import TellingDatabase

_HASTE = 100.0  # times as fast as Slack; faster, and a line holds more than a lease can bear
_STORES = ("log_assumption", "answer_question", "record_setback", "receive")
# By the unit's name: the point after what it wrote, before the commit; and the one after that.
_INSIDE = dict.fromkeys(_STORES, Step.INBOX_INSERT) | {"hand_over": Step.PROMPT_IN_HAND_OVER}
_AFTER = dict.fromkeys(_STORES, Step.INBOX_COMMITTED) | {
    "claim_messages": Step.AFTER_CLAIM,
    "claim_prompts": Step.PROMPT_CLAIMED,
    "hand_over": Step.PROMPT_HANDED_OVER,
}


class FailPoint:
    """Signals this process when `step` is reached for the `nth` time; to kill it, by default.

    Just before, it writes the step to the file `mark`: a process that is gone without that died
    of something else.
    """

    def __init__(
        self,
        step: Step,
        nth: int,
        number: signal.Signals = signal.SIGKILL,
        *,
        mark: Path,
        poison: str = "",
    ) -> None:
        self._step = step
        self._left = nth
        self._number = number
        self._mark = mark
        self._poison = poison
        self._writing = asyncio.Lock()

    def reached(self, step: Step) -> None:
        if step is self._step:
            self._left -= 1
            if self._left == 0:
                self._signal(step.value)

    def touched(self, whom: Iterable[str]) -> None:
        """Signal it, each time, where the poison is among those who are written to."""
        if self._poison and self._poison in whom:
            self._signal("poison")

    def _signal(self, why: str) -> None:
        self._mark.write_text(why, encoding="utf-8")
        os.kill(os.getpid(), self._number)

    def apart_from_writes(self) -> AbstractAsyncContextManager[None]:
        """Hold while a write is under way, and while none may be.

        One that falls asleep in the middle of a write keeps SQLite's lock from everybody else.
        """
        return self._writing if self._number is signal.SIGSTOP else contextlib.nullcontext()


class DyingDatabase:
    def __init__(self, inner: Database | SlowDatabase, point: FailPoint) -> None:
        self._inner = inner
        self._point = point
        self.kind = inner.kind
        self.read = inner.read
        self.close = inner.close

    async def write(self, unit: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        name = unit.__name__
        if name == "claim_messages":
            self._point.reached(Step.BEFORE_CLAIM)
        elif name == "hand_over":
            self._point.touched(one.item.key.stakeholder for one in args[0])
        async with self._point.apart_from_writes():
            result = await self._inner.write(self._dying(unit), *args, **kwargs)
            if name == "accepted" and not _is_update(args[0].item):
                self._point.reached(Step.AFTER_COMMIT)
            elif name in _AFTER and result:  # nothing claimed, nothing handed over: nothing done
                self._point.reached(_AFTER[name])
        return result

    def _dying(self, unit: Callable[..., Any]) -> Callable[..., Any]:
        """The unit, with the points that lie inside of its transaction."""

        def run(tx: Connection, *args: Any, **kwargs: Any) -> Any:
            result = unit(tx, *args, **kwargs)
            if unit.__name__ == "accepted":
                is_update = _is_update(args[0].item)
                step = Step.WHILE_RECORDING_UPDATE if is_update else Step.WHILE_RECORDING
                self._point.reached(step)
            elif unit.__name__ in _INSIDE and result:
                self._point.reached(_INSIDE[unit.__name__])
            return result

        run.__name__ = unit.__name__
        return run


def _is_update(message: Message) -> bool:
    return message.ts is not None


def run(role: str, env: Mapping[str, str]) -> None:
    """Run one process of the bot: `web`, `worker`, `run` or `upgrade`.

    `CHAOS_STEP` and `CHAOS_NTH` say where it dies, or with `CHAOS_SIGNAL` stands still;
    `CHAOS_NOW` says when it begins to live; `CHAOS_HASTE` lets it call Slack as fast as it can;
    `CHAOS_PATIENCE` is how many seconds Slack and the database may take, where they are as busy as
    the machine;
    `CHAOS_DATABASE_SECONDS` makes each transaction take so long; `CHAOS_CLOCK` names a file that
    says by how many seconds the product's clock is off: one beside it, with the process's id at
    its end, says what it last read there and how often in a row. `CHAOS_MARK` names the file
    that says where it died; with `CHAOS_POISON` it dies of what goes to that person or channel;
    with `CHAOS_TELLS` the log says what its writes changed.
    """
    point = FailPoint(
        Step(env.get("CHAOS_STEP", Step.NEVER)),
        int(env.get("CHAOS_NTH", "1")),
        signal.Signals[env.get("CHAOS_SIGNAL", "SIGKILL")],
        mark=Path(env["CHAOS_MARK"]),
        poison=env.get("CHAOS_POISON", ""),
    )
    composed: Any = main
    seconds = float(env.get("CHAOS_DATABASE_SECONDS", "0"))

    def opened(url: str, **pool: Any) -> Any:
        inner: Any = open_database(url, **pool)
        if "CHAOS_TELLS" in env:
            inner = TellingDatabase(inner)
        return DyingDatabase(SlowDatabase(inner, seconds) if seconds else inner, point)

    composed.open_database = opened
    composed.SlackMessenger = _messenger(point)
    if patience := float(env.get("CHAOS_PATIENCE", "0")):
        calls: Any = api
        looks: Any = source_cache
        calls._TIMEOUT = calls._RESPOND_TIMEOUT = aiohttp.ClientTimeout(total=patience)
        looks._PATIENCE_SECONDS = patience
        composed._EVENT_WAIT_SECONDS = patience
    if "CHAOS_NOW" in env:
        composed.MovableClock = _clock(datetime.fromisoformat(env["CHAOS_NOW"]))
    if "CHAOS_CLOCK" in env:
        composed.MovableClock = _clock_by(Path(env["CHAOS_CLOCK"]))
    if role == "upgrade":
        event.listen(Engine, "before_cursor_execute", _at_each_statement(point))
        main.upgrade(load_settings())
        return
    works, takes_events = role in {"worker", "run"}, role in {"web", "run"}
    speed = _HASTE if "CHAOS_HASTE" in env else 1.0
    serving = main.serve(main.read_settings(), takes_events=takes_events, works=works, speed=speed)
    asyncio.run(serving)


def _messenger(point: FailPoint) -> type[SlackMessenger]:
    class DyingMessenger(SlackMessenger):
        async def deliver(self, message: Message, content: Content) -> Outcome:
            is_update = _is_update(message)
            point.touched([message.key.to])
            point.reached(Step.BEFORE_UPDATE if is_update else Step.BEFORE_POST)
            outcome = await super().deliver(message, content)
            if isinstance(outcome, Accepted):
                async with point.apart_from_writes():
                    point.reached(Step.AFTER_UPDATE if is_update else Step.AFTER_POST)
            return outcome

    return DyingMessenger


def _clock(begins_at: datetime) -> type[MovableClock]:
    class ClockElsewhere(MovableClock):
        def __init__(self) -> None:
            super().__init__()
            self.move_to(begins_at)

    return ClockElsewhere


def _clock_by(file: Path) -> type[MovableClock]:
    looks_file = file.with_name(f"{file.name}-{os.getpid()}")

    class ClockThatJumps(MovableClock):
        def __init__(self) -> None:
            super().__init__()
            self._off, self._looks = "", 0

        def now(self) -> datetime:
            off = file.read_text(encoding="ascii")
            self._looks = self._looks + 1 if off == self._off else 1
            self._off = off
            looks_file.write_text(f"{off} {self._looks}", encoding="ascii")
            return super().now() + timedelta(seconds=float(off))

    return ClockThatJumps


def _at_each_statement(point: FailPoint) -> Callable[..., None]:
    def reached(*_: Any) -> None:
        point.reached(Step.MIGRATION)

    return reached
