"""An assumption: a statement taken as true without proof."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId

STATEMENT_MAX = 10_000  # characters; a form holds 3,000, which is Slack's limit
WORDS_MAX, WORD_MAX = 10, 50  # tags or services of one assumption; characters of each
_FURTHEST = timedelta(days=3653)  # ten years


class Impact(StrEnum):
    """How much of the plan fails if it is wrong; critical means load-bearing."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def weight(self) -> int:
        """1 for low to 4 for critical: what is most harmful comes first."""
        return list(Impact).index(self) + 1


class Status(StrEnum):
    """What is stored. Stale is not: it is `validated` past `valid_until`, derived from time."""

    UNVALIDATED = "unvalidated"
    VALIDATED = "validated"
    REFUTED = "refuted"
    RETIRED = "retired"


class Quorum(StrEnum):
    """Whose *holds* it takes."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakeholder:
    """A person asked to validate one assumption."""

    user: UserId
    is_backup: bool = False  # asked only when another cannot be
    is_released: bool = False  # said "not mine" or "stop asking me": asked no more
    round: int = 1  # which validation they are asked for; a refresh starts the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a measurable assumption should come to: "less than 3 engineer-weeks by May 1"."""

    figure: Decimal
    unit: str  # "engineer-weeks", 1–40 characters
    check_on: date  # the owner's local day on which the actual figure is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedRisk:
    """Somebody chose to live with an open assumption until a date."""

    until: date  # the local day on which it comes back
    reason: str  # as typed, never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    workspace: WorkspaceId
    key: AssumptionKey
    statement: str  # as typed, 1–10,000 characters
    owner: UserId  # accountable
    impact: Impact
    confidence_percent: int | None = None  # the owner's probability that it is true, 0–100
    validate_by: date | None = None  # the last local day on which an answer still helps
    consequence: str = ""  # what fails if it is wrong, as typed
    quorum: Quorum = Quorum.ANY
    tags: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    permalink: str | None = None  # where it was said
    channel: ChannelId  # where it was logged
    status: Status = Status.UNVALIDATED
    valid_until: datetime | None = None  # aware UTC; set only while validated
    accepted: AcceptedRisk | None = None  # kept after its date; `is_accepted` says if it counts
    expected: Expected | None = None
    actual: Decimal | None = None  # in the unit of `expected`
    logged_by: UserId
    logged_at: datetime  # aware UTC
    version: int = 1  # grows with each write
    stakeholders: tuple[Stakeholder, ...] = ()  # in the order they were named

    def is_stale(self, now: datetime) -> bool:
        return (
            self.status is Status.VALIDATED
            and self.valid_until is not None
            and self.valid_until <= now
        )

    def is_accepted(self, today: date) -> bool:
        """Whether somebody lives with the risk `today`, so that nobody is asked."""
        return self.accepted is not None and today < self.accepted.until

    @property
    def is_open(self) -> bool:
        """Still tracked: neither retired nor refuted."""
        return self.status in {Status.UNVALIDATED, Status.VALIDATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionDraft:
    """What a person gave to log an assumption, read and checked, not yet numbered."""

    statement: str
    owner: UserId
    impact: Impact = Impact.MEDIUM
    confidence_percent: int | None = None
    validate_by: date | None = None
    consequence: str = ""
    quorum: Quorum = Quorum.ANY
    tags: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    permalink: str | None = None
    channel: ChannelId
    stakeholders: tuple[Stakeholder, ...] = ()
    expected: Expected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which assumptions a list shows; everything that is set must hold."""

    project: ProjectKey | None = None
    owner: UserId | None = None
    owner_or_stakeholder: UserId | None = None  # released stakeholders do not count
    impact: Impact | None = None
    status: Status | None = None
    is_open: bool = False  # neither retired nor refuted
    overdue: bool = False  # not validated, and its day has passed
    stale: bool = False  # validated, and the answer has expired


def words_problem(words: tuple[str, ...], name: str) -> str:
    """Say what to do about too many words, or too long ones; empty where all is right.

    `name` is what they are, in the plural: "tags".
    """
    if len(words) > WORDS_MAX:
        return f"Give at most {WORDS_MAX} {name}, not {len(words)}."
    long = next((word for word in words if len(word) > WORD_MAX), None)
    if long is not None:
        return f"Keep each of the {name} under {WORD_MAX + 1} characters: “{long[:20]}…” is longer."
    return ""


def is_too_far(day: date, today: date) -> bool:
    """Whether it is more than ten years ahead: a slip of the pen, which nobody would be asked."""
    return day - today > _FURTHEST
