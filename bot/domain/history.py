"""The append-only history of one assumption, and what it says about any moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.domain.assumption import AcceptedRisk, Impact, Quorum, Status
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.prompt import PromptKind
from bot.domain.validation import Answer, Validation
from bot.domain.validation import is_contested as contradict


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    statement: str
    owner: UserId
    impact: Impact
    quorum: Quorum = Quorum.ANY
    stakeholders: tuple[UserId, ...] = ()  # those asked; backups are not among them
    by_workflow: bool = False  # in the name of the event's `by`, who need not know of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """Which fields changed: `(field, before, after)` as text."""

    changes: tuple[tuple[str, str, str], ...]
    asks_anew: bool = False  # it says something else now: who confirmed it confirmed other words


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
class OwnerAsked:
    """Somebody who is asked needs a word of the owner first; `text` as typed."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerReplied:
    to: int  # seq of the OwnerAsked event
    text: str  # as typed


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAccepted:
    """Somebody lives with it until a local day; it stays open, and nobody is asked before."""

    until: date
    reason: str  # as typed


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestDecided:
    """One said that it holds and another that it fails: the owner said which counts."""

    holds: bool
    reason: str = ""  # as typed
    valid_until: datetime | None = None  # set where it holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figure that it came to, in the unit that was expected."""

    actual: str  # a decimal
    note: str = ""  # as typed


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageCounted:
    """Nobody could be asked in this time, so no answer grew older; the event stands at `since`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyChanged:
    """Somebody said that it gives way with another one, or that it does so no more."""

    on: str  # the other one's key
    depends: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff:
    """It is one half of a statement that depended on something."""

    whole: str  # key of what was split, which is retired


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
    | OwnerAsked
    | OwnerReplied
    | RiskAccepted
    | ContestDecided
    | Measured
    | OutageCounted
    | SplitOff
    | DependencyChanged
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
    refuted_at: datetime | None  # since when; kept when it was retired afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    status: Status
    valid_until: datetime | None  # set only while validated
    refuted_at: datetime | None = None  # since when; kept when it is retired afterwards


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return the events as they were stored, but an outage where it began.

    Not by their moments: a clock may be set back, and two machines' clocks differ, while what
    somebody said last is still what they mean.
    """
    found: list[Event] = []
    outages: list[Event] = []
    for event in sorted(events, key=lambda one: one.seq):
        (outages if isinstance(event.what, OutageCounted) else found).append(event)
    for outage in outages:
        before = [place for place, event in enumerate(found, start=1) if event.at <= outage.at]
        found.insert(max(before, default=0), outage)
    return found


def standing(events: Iterable[Event]) -> Standing:
    """Fold a history into the status that it gives once all of it has happened.

    One *fails* refutes at once. With quorum *any* one *holds* validates, until the last of them
    expires; with *all* everybody who is asked must hold, until the first expires (where nobody is
    asked any more, *any* counts). A person's later answer replaces their earlier one, and *it
    depends* changes nothing. An undone answer counts as not given. Where the owner decided between
    answers, those that said otherwise are overruled. Time in which nobody could be asked does not
    age an answer. Where the statement was changed into another one, no earlier *holds* counts.

    Source: design.md, "Asking": quorum, contested, undo, outages.
    """
    return _folded(in_order(events))


def _folded(known: Sequence[Event]) -> Standing:
    """Return the standing that events in order give."""
    if not any(isinstance(event.what, _TELLING) for event in known):
        return _UNDECIDED
    decided = _decided(known)
    refutations = [one.at for one, given in decided.values() if given.answer is Answer.FAILS]
    refuted_at = min(refutations, default=None)
    if any(isinstance(event.what, Retired) for event in known):
        return Standing(status=Status.RETIRED, valid_until=None, refuted_at=refuted_at)
    if refuted_at is not None:
        return Standing(status=Status.REFUTED, valid_until=None, refuted_at=refuted_at)
    expiries = {by: given.valid_until or _NEVER for by, (_, given) in decided.items()}
    required = _asked_people(known) if _quorum(known) is Quorum.ALL else set()
    if not expiries or not required <= expiries.keys():
        return _UNDECIDED
    until = min(expiries[by] for by in required) if required else max(expiries.values())
    return Standing(status=Status.VALIDATED, valid_until=None if until is _NEVER else until)


def expiries(events: Iterable[Event]) -> dict[UserId, datetime]:
    """Return until when each *holds* that counts lives, by whose it is; also if that has passed."""
    return {
        by: given.valid_until
        for by, (_, given) in _decided(in_order(events)).items()
        if given.answer is Answer.HOLDS and given.valid_until is not None
    }


_UNDECIDED = Standing(status=Status.UNVALIDATED, valid_until=None)
_TELLING = (Answered, Retired)  # without one of them nothing was ever decided
_NEVER = datetime.max.replace(tzinfo=UTC)


def _decided(events: Iterable[Event]) -> dict[UserId, tuple[Event, Answered]]:
    """The latest *holds* or *fails* of each person that was not taken back, as it counts now."""
    known = list(events)
    undone = {event.what.undoes for event in known if isinstance(event.what, AnswerUndone)}
    decided: dict[UserId, tuple[Event, Answered]] = {}
    lost_until: list[datetime] = []  # the ends of the outages that had begun
    for event in known:
        match event.what:
            case Answered(answer=Answer.HOLDS | Answer.FAILS) as given:
                if event.by is not None and event.seq not in undone:
                    for end in lost_until:  # given while nobody could be asked
                        given = _longer(given, event.at, max(event.at, end))
                    decided[event.by] = (event, given)
            case ContestDecided(holds=True, valid_until=until):
                decided = {
                    by: (one, _overruled(given, until)) for by, (one, given) in decided.items()
                }
            case ContestDecided(holds=False) | Edited(asks_anew=True):
                decided = {
                    by: pair for by, pair in decided.items() if pair[1].answer is Answer.FAILS
                }
            case OutageCounted(since=since, until=until):
                lost_until.append(until)
                decided = {
                    by: (one, _longer(given, since, until)) for by, (one, given) in decided.items()
                }
            case _:
                pass
    return decided


def _overruled(given: Answered, valid_until: datetime | None) -> Answered:
    if given.answer is Answer.HOLDS:
        return given
    return replace(given, answer=Answer.HOLDS, valid_until=valid_until)


def _longer(given: Answered, since: datetime, until: datetime) -> Answered:
    if given.valid_until is None or given.valid_until <= since:
        return given
    return replace(given, valid_until=given.valid_until + (until - since))


def _asked_people(events: Iterable[Event]) -> set[UserId]:
    asked: set[UserId] = set()
    for event in events:
        match event.what:
            case Logged(stakeholders=people):
                asked.update(people)
            case StakeholderAdded(stakeholder=person, is_backup=False):
                asked.add(person)
            case StakeholderReleased(stakeholder=person):
                asked.discard(person)
            case _:
                pass
    return asked


def _quorum(events: Iterable[Event]) -> Quorum:
    quorum = Quorum.ANY
    for event in events:
        match event.what:
            case Logged(quorum=first):
                quorum = first
            case Edited(changes=changes):
                after = {field: new for field, _, new in changes}
                quorum = Quorum(after.get("quorum", quorum))
            case _:
                pass
    return quorum


def as_of(events: Iterable[Event], at: datetime) -> AsOf:
    """Fold what had happened by `at` (aware UTC, included); nothing later can change it.

    An undo takes effect from its own moment: before it the answer stood. What was not logged by
    then reads as unvalidated and never asked.
    """
    known = [event for event in events if event.at <= at]
    return as_of_turn(known, at, standing(known))


def as_of_turn(known: Sequence[Event], at: datetime, then: Standing) -> AsOf:
    """Return what `as_of` does, for whoever has the standing of that moment from `turns`."""
    undone = {event.what.undoes for event in known if isinstance(event.what, AnswerUndone)}
    was_answered = any(isinstance(e.what, Answered) and e.seq not in undone for e in known)
    ran_out = any(isinstance(event.what, WentUnanswered) for event in known)
    return AsOf(
        status=then.status,
        is_stale=then.valid_until is not None and then.valid_until <= at,
        was_asked=any(isinstance(event.what, Asked) for event in known),
        was_unanswered=ran_out and not was_answered,
        refuted_at=then.refuted_at,
    )


_TURNING = (
    Logged,
    Edited,
    Answered,
    AnswerUndone,
    StakeholderAdded,
    StakeholderReleased,
    ContestDecided,
    OutageCounted,
    Retired,
)


def turns(events: Iterable[Event]) -> list[tuple[datetime, Standing]]:
    """Return each moment at which the standing may have changed, and the standing from then on.

    For many moments of one history this is cheaper than `as_of` for each. Of several events of
    one moment only the last turn counts; staleness is the reader's to see from `valid_until`.
    """
    by_moment = sorted(events, key=lambda event: (event.at, event.seq))
    found: list[tuple[datetime, Standing]] = []
    is_told = False
    for number, event in enumerate(by_moment, start=1):
        if isinstance(event.what, _TURNING):
            is_told = is_told or isinstance(event.what, _TELLING)
            found.append((event.at, standing(by_moment[:number]) if is_told else _UNDECIDED))
    return found


def validations(events: Iterable[Event], key: AssumptionKey) -> list[Validation]:
    """Return every answer of a history, oldest first; those taken back are marked."""
    known = in_order(events)
    undone_at = {e.what.undoes: e.at for e in known if isinstance(e.what, AnswerUndone)}
    reworded = max((e.seq for e in known if _asks_anew(e)), default=0)
    return [
        Validation(
            assumption=key,
            by=event.by,
            answer=event.what.answer,
            evidence=event.what.evidence,
            at=event.at,
            valid_until=event.what.valid_until,
            is_self_validated=event.what.is_self_validated,
            round=event.what.round,
            seq=event.seq,
            undone_at=undone_at.get(event.seq),
            is_outdated=event.seq < reworded and event.what.answer is not Answer.FAILS,
        )
        for event in known
        if isinstance(event.what, Answered) and event.by is not None
    ]


def _asks_anew(event: Event) -> bool:
    return isinstance(event.what, Edited) and event.what.asks_anew


def current(given: Iterable[Validation]) -> list[Validation]:
    """Return the latest answer of each person that counts, oldest first.

    One that was taken back does not, nor one that is about words of before a change.
    """
    standing_ones = [one for one in given if one.undone_at is None]
    standing_ones.sort(key=lambda one: one.seq)
    latest = {one.by: one for one in standing_ones}.values()
    return sorted((one for one in latest if not one.is_outdated), key=lambda one: one.seq)


def was_logged_by_workflow(events: Iterable[Event]) -> bool:
    return any(isinstance(event.what, Logged) and event.what.by_workflow for event in events)


def decision(events: Iterable[Event]) -> Event | None:
    """Return the owner's latest decision between answers; None where there was none."""
    made = [event for event in in_order(events) if isinstance(event.what, ContestDecided)]
    return made[-1] if made else None


def is_contested(events: Iterable[Event], key: AssumptionKey) -> bool:
    """Whether answers that count contradict each other, and the owner has not decided yet."""
    known = list(events)
    latest = current(validations(known, key))
    made = decision(known)
    if made is None or not isinstance(made.what, ContestDecided):
        return contradict(latest)
    lost = Answer.FAILS if made.what.holds else Answer.HOLDS
    return contradict(one for one in latest if one.answer is not lost or one.seq > made.seq)


def accepted_risk(events: Iterable[Event]) -> AcceptedRisk | None:
    """Return the risk that somebody lives with; an answer that stands has ended it."""
    known = in_order(events)
    undone = {event.what.undoes for event in known if isinstance(event.what, AnswerUndone)}
    accepted: AcceptedRisk | None = None
    for event in known:
        match event.what:
            case RiskAccepted(until=until, reason=reason):
                accepted = AcceptedRisk(until=until, reason=reason)
            case Answered(answer=Answer.HOLDS | Answer.FAILS) if event.seq not in undone:
                accepted = None
            case _:
                pass
    return accepted


def release_of(events: Iterable[Event], seq: int) -> StakeholderReleased | None:
    """Return who was released by the event of that number."""
    found = next((event.what for event in events if event.seq == seq), None)
    return found if isinstance(found, StakeholderReleased) else None
