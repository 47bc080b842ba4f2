"""A validation: one stakeholder's answer, with evidence, at a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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
