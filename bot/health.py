"""What a process says of itself: whether each part does what it should, and its figures."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import nan
from typing import Any, TypeVar

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import BotError
from bot.scheduling.ticks import next_due, read_queues
from bot.slack.errors import FIXES
from bot.slack.keeper import InstallationKeeper
from bot.slack.socket_mode import SocketMode
from bot.store import schema
from bot.store.database import Database
from bot.usecases.dead_letter import held_back
from bot.usecases.ports import Clock
from bot.web.health import Check

R = TypeVar("R")
log = structlog.get_logger()

_oldest_due = Gauge("stilltrue_oldest_due_seconds", "How late the oldest due work is.", ["queue"])
_oldest_wanted = Gauge(
    "stilltrue_oldest_message_seconds", "Since the oldest waiting message could have been sent."
)
_parked = Gauge("stilltrue_parked_messages", "Messages that wait for `stilltrue outbox`.")
_answers = Gauge("stilltrue_database_answers", "1: it does; 0: what is read from it is NaN.")
_ping_age = Gauge("stilltrue_socket_ping_age_seconds", "Since Slack answered a ping; -1: not yet.")
_envelope_age = Gauge(
    "stilltrue_socket_envelope_age_seconds", "Since Slack delivered something; -1: not yet."
)
_silent = Gauge("stilltrue_socket_silent_seconds", "Since Slack was heard by socket; -1: not yet.")

_AWAY = (BotError, SQLAlchemyError, OSError)
_SOON = 2.0  # seconds
_OVERDUE = timedelta(minutes=5)  # work that waits longer means that nobody does it


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    db: Database
    clock: Clock
    keeper: InstallationKeeper
    socket: SocketMode | None  # None: events come by HTTP

    async def readiness(self, *, takes_events: bool, works: bool) -> list[Check]:
        """Say of each part whether it does what it should; `/readyz` shows it."""
        checks = [await self._database_check(works=works)]
        problem = self.keeper.problem
        checks.append(Check(name="slack", is_well=not problem, detail=problem))
        if self.keeper.unreadable:
            checks.append(_tokens_check(self.keeper.unreadable))
        checks += await self._blocked_check()
        if self.socket is not None and takes_events:
            checks.append(_socket_check(self.socket))
        return checks

    async def measure(self) -> None:
        """Bring the figures up to date that are read when somebody asks for them."""
        if self.socket is not None:
            _silent.set(_or_never(self.socket.silent_for))
            _ping_age.set(_or_never(self.socket.ping_age))
            _envelope_age.set(_or_never(self.socket.envelope_age))
        try:
            waiting = await _soon(self.db.read(read_queues))
        except _AWAY as error:
            # Those that count in memory are still true, and wanted more than ever.
            log.warning("figures.incomplete", cause=first_line(error))
            _answers.set(0)
            for queue in ("prompts", "messages"):
                _oldest_due.labels(queue).set(nan)
            _oldest_wanted.set(nan)
            _parked.set(nan)
            return
        _answers.set(1)
        now = self.clock.now()
        for queue, due_at in (("prompts", waiting.prompts), ("messages", waiting.messages)):
            _oldest_due.labels(queue).set(_seconds_since(due_at, now))
        _oldest_wanted.set(_seconds_since(waiting.messages_wanted, now))
        _parked.set(waiting.parked)

    async def _database_check(self, *, works: bool) -> Check:
        try:
            await _soon(self.db.write(schema.check_writable))
            due_at = await _soon(self.db.read(next_due))
        except _AWAY as error:
            return Check(name="database", is_well=False, detail=first_line(error))
        late = self.clock.now() - due_at if due_at is not None else timedelta(0)
        if not works or late < _OVERDUE:
            return Check(name="database", is_well=True)
        waited = f"work that is due has waited for {late.total_seconds():.0f} s"
        return Check(name="database", is_well=False, detail=waited)

    async def _blocked_check(self) -> list[Check]:
        """Say that some workspaces' messages wait; the others' go out, so that it is no failure."""
        try:
            blocked = await _soon(self.db.read(held_back, FIXES.keys()))
        except _AWAY:
            return []  # the database's own check says so
        if not blocked:
            return []
        count, causes = len({one.workspace for one in blocked}), {one.cause for one in blocked}
        told = (
            f"Slack takes nothing for {count} ({', '.join(sorted(causes))}): "
            "`stilltrue doctor` says what mends it"
        )
        return [Check(name="workspaces", is_well=True, detail=told)]


def _tokens_check(unreadable: int) -> Check:
    """Say that some workspaces wait; the others are served, so that it is no failure."""
    told = f"{unreadable} cannot be opened: `stilltrue doctor` says which to install again"
    return Check(name="tokens", is_well=True, detail=told)


def _socket_check(socket: SocketMode) -> Check:
    ages = (("answered a ping", socket.ping_age), ("delivered something", socket.envelope_age))
    heard = [f"Slack {what} {age:.0f} s ago" for what, age in ages if age is not None]
    if socket.is_alive:
        return Check(name="socket", is_well=True, detail="; ".join(heard))
    why = socket.refusal or "Socket Mode is not connected"
    detail = "; ".join([why, *heard])
    return Check(name="socket", is_well=False, detail=detail)


async def _soon(work: Coroutine[Any, Any, R]) -> R:
    """Return what `work` returns; whoever looks after the process gives up before a worker does.

    Raises:
        TimeoutError: It takes longer. It goes on: a database that says nothing cannot be stopped.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    done, _ = await asyncio.wait({task}, timeout=_SOON)
    if not done:
        raise TimeoutError("The database does not answer.")
    return task.result()


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _or_never(age: float | None) -> float:
    return -1 if age is None else age


def first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
