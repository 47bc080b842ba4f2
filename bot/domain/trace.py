"""A trace: a link between a setback and an assumption, with its status when the setback began."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.history import AsOf
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId


class TraceState(StrEnum):
    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Role(StrEnum):
    CAUSED = "caused"
    CONTRIBUTED = "contributed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    workspace: WorkspaceId
    setback: int
    assumption: AssumptionKey
    state: TraceState
    role: Role | None = None  # set once confirmed
    as_of: AsOf  # at the setback's start; nothing that happened later changes it
    is_unlogged: bool = False  # first written down after the setback began
    rank: int  # 1 is the most likely; 0 for one that a person named
    reasons: tuple[str, ...]  # in words, never empty for a candidate
    decided_by: UserId | None = None
    decided_at: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        return self.state is TraceState.CONFIRMED
