"""The append-only history of one assumption, and what it says about any moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.assumption import Impact, Quorum, Status
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.prompt import PromptKind
from bot.domain.validation import Answer, Validation


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    status: Status
    valid_until: datetime | None  # set only while validated


def standing(events: Iterable[Event]) -> Standing:
    """Fold a history into the status that it gives now.

    One *fails* refutes at once. With quorum *any* one *holds* validates, until the last of them
    expires; with *all* everybody who is asked must hold, until the first expires. *It depends*
    changes nothing. An undone answer counts as not given, from the moment of the undo.
    """
    known = list(events)
    if any(isinstance(event.what, Retired) for event in known):
        return Standing(status=Status.RETIRED, valid_until=None)
    decided = _decided(known)
    if any(answered.answer is Answer.FAILS for answered in decided.values()):
        return Standing(status=Status.REFUTED, valid_until=None)
    expiries = {by: a.valid_until for by, a in decided.items() if a.valid_until is not None}
    asked = _asked_people(known)
    if _quorum(known) is Quorum.ALL and asked:
        expiries = {by: until for by, until in expiries.items() if by in asked}
        if set(expiries) != asked:
            return Standing(status=Status.UNVALIDATED, valid_until=None)
        return Standing(status=Status.VALIDATED, valid_until=min(expiries.values()))
    if not expiries:
        return Standing(status=Status.UNVALIDATED, valid_until=None)
    return Standing(status=Status.VALIDATED, valid_until=max(expiries.values()))


def _decided(events: Iterable[Event]) -> dict[UserId, Answered]:
    """The latest *holds* or *fails* of each person that was not taken back."""
    known = list(events)
    undone = {event.what.undoes for event in known if isinstance(event.what, AnswerUndone)}
    return {
        event.by: event.what
        for event in known
        if isinstance(event.what, Answered)
        and event.by is not None
        and event.seq not in undone
        and event.what.answer is not Answer.UNSURE
    }


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
    """Fold what had happened by `at` (aware UTC, included); nothing later can change it."""
    known = sorted((e for e in events if e.at <= at), key=lambda e: (e.at, e.seq))
    then = standing(known)
    refutations = [
        event.at
        for event in known
        if isinstance(event.what, Answered) and event.what.answer is Answer.FAILS
    ]
    return AsOf(
        status=then.status,
        is_stale=then.valid_until is not None and then.valid_until <= at,
        was_asked=any(isinstance(event.what, Asked) for event in known),
        was_unanswered=_was_unanswered(known),
        refuted_at=max(refutations) if then.status is Status.REFUTED else None,
    )


def _was_unanswered(events: Iterable[Event]) -> bool:
    known = list(events)
    undone = {event.what.undoes for event in known if isinstance(event.what, AnswerUndone)}
    ran_out = any(isinstance(event.what, WentUnanswered) for event in known)
    answered = any(isinstance(e.what, Answered) and e.seq not in undone for e in known)
    return ran_out and not answered


def validations(events: Iterable[Event], key: AssumptionKey) -> list[Validation]:
    """Return every answer of a history in the order given; the undone ones are marked."""
    known = list(events)
    undone_at = {e.what.undoes: e.at for e in known if isinstance(e.what, AnswerUndone)}
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
        )
        for event in known
        if isinstance(event.what, Answered) and event.by is not None
    ]


def current(given: Iterable[Validation]) -> list[Validation]:
    """Return the latest answer of each person that was not taken back, oldest first."""
    latest = {one.by: one for one in given if one.undone_at is None}
    return sorted(latest.values(), key=lambda one: one.seq)


def release_of(events: Iterable[Event], seq: int) -> StakeholderReleased | None:
    """Return who was released by the event of that number."""
    found = next((event.what for event in events if event.seq == seq), None)
    return found if isinstance(found, StakeholderReleased) else None
