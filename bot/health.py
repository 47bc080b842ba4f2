"""What a process says of itself: whether each part does what it should, and its figures."""

from dataclasses import dataclass
from datetime import timedelta

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

_oldest_due = Gauge("stilltrue_oldest_due_seconds", "How late the oldest due work is.", ["queue"])
_parked = Gauge("stilltrue_parked_messages", "Messages that wait for `stilltrue outbox`.")
_silent = Gauge("stilltrue_socket_silent_seconds", "Since Slack was heard by socket; -1: not yet.")

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
        waiting = await self.db.read(read_queues)
        now = self.clock.now()
        for queue, due_at in (("prompts", waiting.prompts), ("messages", waiting.messages)):
            late = max(0.0, (now - due_at).total_seconds()) if due_at is not None else 0.0
            _oldest_due.labels(queue).set(late)
        _parked.set(waiting.parked)
        if self.socket is not None:
            silent_for = self.socket.silent_for
            _silent.set(-1 if silent_for is None else silent_for)

    async def _database_check(self, *, works: bool) -> Check:
        try:
            await self.db.write(schema.check_writable)
            due_at = await self.db.read(next_due)
        except (BotError, SQLAlchemyError, OSError) as error:
            return Check(name="database", is_well=False, detail=first_line(error))
        late = self.clock.now() - due_at if due_at is not None else timedelta(0)
        if not works or late < _OVERDUE:
            return Check(name="database", is_well=True)
        waited = f"work that is due has waited for {late.total_seconds():.0f} s"
        return Check(name="database", is_well=False, detail=waited)

    async def _blocked_check(self) -> list[Check]:
        """Say that some workspaces' messages wait; the others' go out, so that it is no failure."""
        try:
            blocked = await self.db.read(held_back, FIXES.keys())
        except (BotError, SQLAlchemyError, OSError):
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
    silent_for = socket.silent_for
    heard = "" if silent_for is None else f"Slack was heard {silent_for:.0f} s ago"
    if socket.is_alive:
        return Check(name="socket", is_well=True, detail=heard)
    detail = "; ".join(filter(None, ("Socket Mode is not connected", heard)))
    return Check(name="socket", is_well=False, detail=detail)


def first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
