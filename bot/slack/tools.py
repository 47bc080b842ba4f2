"""What every listener works with."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import structlog

from bot.domain.cadence import Cadence
from bot.domain.errors import RetryableError, StaleWriteError, UnclearWriteError
from bot.domain.ids import UserId, WorkspaceId
from bot.slack.api import SlackApi
from bot.slack.installation import Installations
from bot.slack.interaction import Interaction
from bot.slack.names import CommandNames
from bot.slack.projects import Projects
from bot.usecases.delivery import heard, once
from bot.usecases.ports import Channels, Clock, Database, Directory, WebhookTrial

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger()

Reply = dict[str, Any] | None  # the body of the ack
_ATTEMPTS = 3


class RefreshableDirectory(Directory, Protocol):
    async def forget(self, workspace: WorkspaceId, user: UserId) -> None:
        """Ask Slack again the next time."""
        ...


# Runs the work and tells the person of what goes wrong.
Guard = Callable[[Interaction, Coroutine[Any, Any, Reply]], Coroutine[Any, Any, Reply]]


class Tasks:
    """Work that goes on after the ack; every task is known until it has ended."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Reply]] = set()

    def start(self, work: Coroutine[Any, Any, Reply]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def drain(self, timeout: float = 10) -> int:  # noqa: ASYNC109 - one bound for all
        """Wait for what is running and what that begins, `timeout` seconds at most.

        Returns:
            How many were cut off.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._running:
                    await asyncio.wait(self._running)
        late = set(self._running)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
            log.warning("slack.tasks_cut_off", count=len(late))
        return len(late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    db: Database
    clock: Clock
    cadence: Cadence
    directory: RefreshableDirectory
    channels: Channels
    api: SlackApi
    installations: Installations
    projects: Projects
    names: CommandNames
    webhook_trial: WebhookTrial
    guard: Guard
    tasks: Tasks = field(default_factory=Tasks)

    def after_ack(self, interaction: Interaction, work: Coroutine[Any, Any, object]) -> None:
        """Do `work` once Slack has its answer; a failure is told to the person."""
        self.tasks.start(self._late(interaction, work))

    async def _late(self, interaction: Interaction, work: Coroutine[Any, Any, object]) -> Reply:
        """What the guard would have said in the ack goes to the response URL instead."""
        reply = await self.guard(interaction, _without_reply(work))
        if reply is not None and interaction.response_url is not None:
            try:
                await self.api.respond(interaction.response_url, reply)
            except RetryableError:
                log.warning("interaction.reply_lost")
        return None

    async def write(
        self, unit: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` in a transaction, again where somebody else changed the row meanwhile."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self.db.write(unit, *args, **kwargs)
            except StaleWriteError:
                continue
        return await self.db.write(unit, *args, **kwargs)

    async def write_once(
        self,
        interaction: Interaction,
        unit: Callable[Concatenate[Any, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run `unit` as `write` does, for the first copy of the delivery alone.

        Raises:
            SecondCopyError: The delivery was handled before.
        """
        guarded = once(interaction.delivery, interaction.workspace, self.clock.now(), unit)
        return await self.write(guarded, *args, **kwargs)

    async def note(self, interaction: Interaction) -> None:
        """Note the delivery of an act that stores nothing, so that a second copy does nothing.

        Where nobody can say whether it was noted the act goes on: it shows something twice at most.

        Raises:
            SecondCopyError: The delivery was handled before.
        """
        try:
            await self.write_once(interaction, heard)
        except UnclearWriteError:
            log.warning("interaction.unclear")


async def _without_reply(work: Coroutine[Any, Any, object]) -> Reply:
    await work
    return None
