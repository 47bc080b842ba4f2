"""A validation: one stakeholder's answer, with evidence, at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.assumption import Impact
from bot.domain.cadence import Cadence
from bot.domain.ids import AssumptionKey, UserId

UNDO_WINDOW = timedelta(
    minutes=10
)  # design.md, "Asking": undo for 10 minutes, afterwards a new answer supersedes


class Answer(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    UNSURE = "unsure"  # "it depends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    assumption: AssumptionKey
    by: UserId
    answer: Answer
    evidence: str  # how they know, what is true instead, or on what it depends; may be empty
    at: datetime  # aware UTC
    valid_until: datetime | None  # set when it holds
    is_self_validated: bool = False  # stakeholder = owner: allowed, marked
    round: int = 1
    seq: int = 0  # of its event in the assumption's history
    undone_at: datetime | None = None
    is_outdated: bool = False  # the statement was changed since, and this is about other words


def valid_until_of(at: datetime, impact: Impact, cadence: Cadence) -> datetime:
    """Return until when an answer given at `at` (aware UTC) lives."""
    return at + cadence.rhythms[impact].lifetime


def can_undo(validation: Validation, now: datetime) -> bool:
    """Whether its author may still take it back; afterwards a new answer supersedes it.

    The window includes its last moment, `UNDO_WINDOW` after the answer.
    """
    stands = validation.undone_at is None and not validation.is_outdated
    return stands and now <= validation.at + UNDO_WINDOW


def is_contested(given: Iterable[Validation]) -> bool:
    """Whether one person says that it fails while another's *holds* was alive; the owner decides.

    `given` is the latest answer of each person. Source: design.md, "Asking": contested.
    """
    answers = list(given)
    holds = [one for one in answers if one.answer is Answer.HOLDS]
    return any(
        hold.valid_until is None or hold.valid_until > one.at
        for one in answers
        if one.answer is Answer.FAILS
        for hold in holds
    )
