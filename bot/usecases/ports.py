"""What the use cases' callers need from outside, as protocols; `main` hands in the real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from bot.domain.ids import ChannelId, MessageTs, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import CallKind, Message
from bot.domain.webhook import WebhookEndpoint
from bot.domain.workspace import Workspace
from bot.usecases.contents import Content

P = ParamSpec("P")
R = TypeVar("R")


class Database(Protocol):
    """Runs a unit of work, a plain function over a `Connection`, inside one transaction."""

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` and commit; what it raises rolls it back, alone, and reaches the caller."""
        ...

    async def read(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` on a snapshot; it must not write."""
        ...

    async def close(self) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The product's time, aware UTC. Leases, signatures and trigger ids do not use it."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """Slack has it."""

    channel: ChannelId
    ts: MessageTs
    is_repeat: bool = False  # it carries the mark that the person may have it twice


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely not sent, and worth another try: after `retry_after`, or after a back-off."""

    cause: str
    retry_after: timedelta | None = None
    call: CallKind | None = None  # which one Slack refused; None: the message's own


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Slack may or may not have it."""

    cause: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Another try would end the same way. `cause` is Slack's error code."""

    cause: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """Not sent, as nothing of that workspace will be until the operator has mended the cause."""

    cause: str
    fix: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A fault of the bot itself, which its log describes."""

    cause: str
    was_called: bool = True  # then whether Slack has it is unknown


Outcome = Accepted | NotSent | Ambiguous | Refused | Blocked | Failed


class Messenger(Protocol):
    async def deliver(self, message: Message, content: Content) -> Outcome:
        """Post the message, or update it where `message.ts` is set. Never raises for Slack.

        One that may have been posted before is looked up first, where the workspace allows it.
        """
        ...

    async def is_reachable(self) -> bool:
        """Whether Slack answers at all; asked only after a message did not get through."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What somebody who installed the bot is told."""

    workspace: Workspace
    address: str  # opens the bot's Home in Slack
    is_org: bool  # an admin has yet to add it to workspaces of theirs
    is_back: bool  # it had been installed there before, so its data is there
    gained: tuple[str, ...]  # features that its scopes allow now, and did not before


class Installer(Protocol):
    """*Add to Slack*."""

    def address(self, state: str) -> str:
        """Where Slack asks a person whether they want the bot; they come back with `state`."""
        ...

    async def install(self, code: str) -> Installed:
        """Install the bot with the code that they came back with.

        Raises:
            UserFixableError: The code is too old, or was used.
            RetryableError: Slack or the database did not answer.
            OperatorFixableError: The app is set up in another way than the settings.
        """
        ...


class Channels(Protocol):
    async def refresh(self, workspace: WorkspaceId, channel: ChannelId, *, news: str = "") -> None:
        """Ask Slack what the channel is and who reads it, and keep that.

        Who asks while Slack is being asked gets the same answer, unless there is `news` of the
        channel: the delivery that told it, since an answer under way by then may be of before.

        Raises:
            RetryableError: Slack did not answer; what it said last stays.
            OperatorFixableError: The bot is not installed there.
        """
        ...


class Directory(Protocol):
    async def member(self, workspace: WorkspaceId, user: UserId) -> Member | None:
        """The person as Slack describes them now, from a short-lived cache.

        None: Slack knows nobody of that id.

        Raises:
            RetryableError: Slack did not answer and nothing fresh enough is remembered.
        """
        ...


class WebhookTrial(Protocol):
    """Trying a webhook by the way that its tool would take."""

    @property
    def address(self) -> str:
        """The bot's own address as others reach it, to be shown; empty where nobody said it."""
        ...

    @property
    def reached_at(self) -> str:
        """Where a trial goes: the same, else this machine."""
        ...

    def send(self, endpoint: WebhookEndpoint, secret: str) -> tuple[int, str]:
        """Send a signed sample; return HTTP's status, 0 for no answer, and what came. It blocks."""
        ...
