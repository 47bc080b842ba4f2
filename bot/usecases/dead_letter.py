"""Messages in trouble, for the operator: parked ones, and those that wait after a failed try."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import structlog
from sqlalchemy import Connection

from bot.domain.ids import WorkspaceId
from bot.domain.outbox import DROPPED, Message, MessageState
from bot.store import outbox
from bot.usecases.given_up import ask_anew

log = structlog.get_logger()

_ID_LENGTH = 8
_GIVEN_UP = "the message with it was given up"


def id_of(message: Message) -> str:
    """A short name of the message within its workspace, the same each time."""
    key = message.key
    text = "\0".join((key.kind.value, key.about, key.to, key.occasion))
    return sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def troubled(tx: Connection, workspace: WorkspaceId) -> list[Message]:
    """Return what is parked or has failed at least once, oldest first."""
    return outbox.troubled(tx, workspace)


def parked_count(tx: Connection) -> int:
    """Return how many messages wait for the operator, in every workspace."""
    return sum(one.count for one in troubles(tx) if one.is_parked)


@dataclass(frozen=True, slots=True)
class Trouble:
    """How many messages are kept back by one reason."""

    error: str  # Slack's code, or what the bot itself says
    count: int
    is_parked: bool  # else they are tried again


def troubles(tx: Connection) -> list[Trouble]:
    """Return why messages did not go out, in every workspace, the most frequent reason first."""
    return [
        Trouble(error, count, is_parked=state is MessageState.DEAD)
        for state, error, count in outbox.troubles(tx)
    ]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A workspace whose messages wait until somebody has mended the cause."""

    workspace: WorkspaceId
    cause: str  # Slack's code
    count: int


def held_back(tx: Connection, causes: Collection[str]) -> list[HeldBack]:
    """Return which workspaces wait for one of `causes` to be mended."""
    return [HeldBack(*one) for one in outbox.held_back(tx, causes)]


def retry(
    tx: Connection, workspace: WorkspaceId, ids: Iterable[str] | None, *, now: datetime
) -> list[Message]:
    """Let messages be sent as soon as possible; None means every one that is in trouble.

    One that may have been posted before is looked up or marked, as after any unknown outcome.
    """
    chosen = _chosen(tx, workspace, ids)
    return [one for one in chosen if outbox.revive(tx, one, now=now)]


def drop(
    tx: Connection, workspace: WorkspaceId, ids: Iterable[str], *, now: datetime
) -> list[Message]:
    """Give messages up: they are not sent, nor listed any more, until they are wanted anew.

    What one would have asked is asked on its reader's next working morning instead.
    """
    chosen = _chosen(tx, workspace, ids)
    dropped = [one for one in chosen if outbox.park(tx, one, error=DROPPED)]
    for one in dropped:
        asked_anew = ask_anew(tx, one, waited=_GIVEN_UP, now=now)
        log.info(
            "message.dropped",
            kind=one.key.kind.value,
            about=one.key.about,
            questions_asked_anew=asked_anew,
        )
    return dropped


def is_parked(message: Message) -> bool:
    return message.state is MessageState.DEAD


def _chosen(tx: Connection, workspace: WorkspaceId, ids: Iterable[str] | None) -> list[Message]:
    known = outbox.troubled(tx, workspace)
    if ids is None:
        return known
    wanted = set(ids)
    return [one for one in known if id_of(one) in wanted]
