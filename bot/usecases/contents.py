"""What each message says, read from the store at the moment of sending; `slack/views` draws it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.assumption import Assumption
from bot.domain.breaker import BreakerState
from bot.domain.cycle import Cycle
from bot.domain.history import ContestDecided
from bot.domain.home import Counts, Health, HomePlace
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, UserId
from bot.domain.member import OwnHours, WorkingTime
from bot.domain.project import Project
from bot.domain.prompt import Prompt
from bot.domain.report import Account
from bot.domain.service import Service
from bot.domain.setback import Setback
from bot.domain.trace import Trace
from bot.domain.validation import Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContent:
    """The one card of an assumption, in its project's channel."""

    assumption: Assumption
    project: Project
    validations: tuple[Validation, ...]  # the latest of each stakeholder, newest first
    traces: tuple[tuple[Trace, Setback], ...]  # confirmed ones
    now: datetime
    names: Mapping[UserId, str] = field(default_factory=dict)  # of its people, as far as known
    by_workflow: bool = False  # a workflow logged it in somebody's name
    is_contested: bool = False  # answers that count contradict each other: the owner decides
    gone: frozenset[UserId] = frozenset()  # of those who answered, who has left since
    is_shared: bool = False  # another company reads the channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One statement inside an ask."""

    assumption: Assumption
    prompt: Prompt
    answer: Validation | None  # this person's, in this round
    answered_by_others: tuple[Validation, ...]  # in this round, newest first
    passed_on_by: tuple[UserId, ...] = ()  # first to last; empty where the owner named the person
    closed: str  # why it needs no answer any more, one sentence; empty while it does
    is_asked_below: bool = False  # a later message asks the same, so this copy needs no buttons
    requires_evidence: bool
    undo_until: datetime | None  # aware UTC; None once it is too late, or nothing was answered
    released_by: int | None = None  # seq of their own "not mine", while they may take it back


@dataclass(frozen=True, slots=True, kw_only=True)
class AskContent:
    to: UserId
    questions: tuple[Question, ...]  # 1–8, the most harmful first
    waiting: int = 0  # questions that found no room in this message and come another day
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefutedContent:
    assumption: Assumption
    validation: Validation
    had_validated: bool  # the reader had said that it holds
    is_owner: bool
    is_contested: bool = False  # somebody's *holds* was alive: the owner decides
    decision: ContestDecided | None = None  # what the owner decided since
    corrected: Validation | None = None  # what its author says instead by now
    names: Mapping[UserId, str] = field(default_factory=dict)  # who is named and not mentioned


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleContent:
    assumption: Assumption
    owner_left: bool = False  # the reader stands in for the owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """One question that somebody left open after all its reminders."""

    assumption: Assumption
    stakeholder: UserId
    asked_times: int
    is_owner: bool = False  # the reader is the owner, who may lead the project too
    owner_left: bool = False  # the reader stands in for the owner


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredContent:
    """Nobody answered after the reminders: who hears it next, of all that is due together."""

    step: int  # 1 the owner, 2 the project's lead, 3 the channel
    questions: tuple[Unanswered, ...]  # 1 or more
    names: Mapping[UserId, str] = field(default_factory=dict)  # who is named and not mentioned


@dataclass(frozen=True, slots=True, kw_only=True)
class SetbackContent:
    setback: Setback
    traces: tuple[tuple[Trace, Assumption], ...]  # by rank; rejected ones too
    now: datetime
    services: tuple[Service, ...] = ()  # those of the setback's that are known here
    parts: tuple[Setback, ...] = ()  # what was merged into it
    names: Mapping[UserId, str] = field(default_factory=dict)  # who is named and not mentioned


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBackContent:
    assumption: Assumption
    stakeholder: UserId
    reason: str
    is_taken_back: bool = False  # they are asked again


@dataclass(frozen=True, slots=True, kw_only=True)
class DependsContent:
    assumption: Assumption
    validation: Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAskedContent:
    """Somebody who is asked would like to know something of the owner first."""

    assumption: Assumption
    asker: UserId
    text: str
    seq: int  # of the question in the history, for the reply
    replies: tuple[str, ...] = ()  # what the owner has replied so far, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRepliedContent:
    assumption: Assumption
    owner: UserId  # who replied
    question: str
    text: str
    is_open: bool  # the reader's own answer is still waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureContent:
    """The check date of a measurable assumption has come: what did it come to?"""

    assumption: Assumption  # `expected` is set; `actual` once somebody said it
    owner_left: bool = False  # the reader stands in for the owner


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedContent:
    """Somebody left several questions unanswered, so that no new one goes to them for a while."""

    person: UserId
    state: BreakerState  # open: paused; half-open: the week is over; closed: they answer again
    until: datetime  # aware UTC; when the pause ends or ended
    assumptions: tuple[Assumption, ...]  # the reader's open ones that the person is asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class ShakenContent:
    """What the reader's assumptions depend on was refuted, or its answer expired."""

    on: Assumption
    validation: Validation | None  # what refuted it; None: its answer expired
    dependants: tuple[Assumption, ...]  # open ones, the reader's own or of the reader's project
    stands_again: bool
    names: Mapping[UserId, str] = field(default_factory=dict)  # who is named and not mentioned


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContent:
    account: Account  # of a week in which something happened


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleStartContent:
    project: Project
    cycle: Cycle
    bearing: int  # open assumptions of critical impact
    unconfirmed: tuple[Assumption, ...]  # those of them that nobody has confirmed, soonest first
    now: datetime
    names: Mapping[UserId, str] = field(default_factory=dict)  # who is named and not mentioned


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrospectiveContent:
    account: Account  # of the whole cycle
    cycle: Cycle


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedContent:
    """Another company reads the project's channel from now on, with what was posted before."""

    project: Project
    cards: int  # that are in the channel
    setbacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnContent:
    """What a message in a channel was about is private now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContent:
    """How a run in a workflow ended: an assumption or a setback was made, or there is a problem."""

    key: AssumptionKey | None = None
    number: int | None = None  # a setback's
    channel: ChannelId | None = None  # where its message is; None where it is not posted yet
    ts: MessageTs | None = None
    problem: str = ""  # a sentence that says what to change; then nothing was made


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeQuestion:
    """A statement that waits for the reader's answer, with what its buttons carry."""

    assumption: Assumption
    round: int
    requires_evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContent:
    """One person's Home tab; each list is whole, and `place` says which page of it is shown."""

    user: UserId
    place: HomePlace
    asked: tuple[HomeQuestion, ...]  # the most harmful first
    answered: tuple[tuple[Assumption, Validation], ...] = ()  # what can be taken back, newest first
    owned: tuple[Assumption, ...]  # those that the place's filter lets pass, as above
    counts: Counts  # of all that the person owns
    projects: tuple[Health, ...]  # the worst first
    setbacks: tuple[Setback, ...]  # about which nobody has decided, the latest first
    hours: WorkingTime
    own_hours: OwnHours
    now: datetime


Content = (
    CardContent
    | AskContent
    | RefutedContent
    | StaleContent
    | UnansweredContent
    | SetbackContent
    | HandedBackContent
    | DependsContent
    | OwnerAskedContent
    | OwnerRepliedContent
    | MeasureContent
    | ShakenContent
    | DigestContent
    | CycleStartContent
    | RetrospectiveContent
    | PausedContent
    | SharedContent
    | WithdrawnContent
    | StepContent
    | HomeContent
)
