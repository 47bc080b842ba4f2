"""The append-only history of one assumption, and what it says about any moment."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.assumption import Impact, Quorum, Status
from bot.domain.ids import UserId
from bot.domain.prompt import PromptKind
from bot.domain.validation import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    statement: str
    owner: UserId
    impact: Impact
    quorum: Quorum = Quorum.ANY
    stakeholders: tuple[UserId, ...] = ()  # those asked; backups are not among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """Which fields changed: `(field, before, after)` as text."""

    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Slack accepted a prompt to `stakeholder`."""

    stakeholder: UserId
    kind: PromptKind
    round: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A validation; its author is the event's `by`."""

    answer: Answer
    evidence: str
    valid_until: datetime | None
    round: int
    is_self_validated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerUndone:
    undoes: int  # seq of the Answered event


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderAdded:
    stakeholder: UserId
    is_backup: bool = False
    reason: str = ""  # "asked by Bo to answer instead"; empty where the owner named them


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderReleased:
    """Asked no more: "not mine", "stop asking me", or not reachable; `reason` says which."""

    stakeholder: UserId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WentUnanswered:
    """Silence, counted: the last reminder of a round passed without an answer."""

    stakeholder: UserId
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    reason: str = ""


Happening = (
    Logged
    | Edited
    | Asked
    | Answered
    | AnswerUndone
    | StakeholderAdded
    | StakeholderReleased
    | WentUnanswered
    | Retired
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to one assumption. Events are never changed or removed."""

    seq: int  # from 1, per assumption, in the order they were stored
    at: datetime  # when it happened, aware UTC
    by: UserId | None  # None: the bot itself
    what: Happening


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """What was known about an assumption at a moment."""

    status: Status
    is_stale: bool
    was_asked: bool  # somebody had been asked by then
    was_unanswered: bool  # somebody had been asked, the ladder ran out, and nobody had answered
    refuted_at: datetime | None
