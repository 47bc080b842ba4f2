"""A prompt: one scheduled ask to one person about one assumption."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, UserId, WorkspaceId


class PromptKind(StrEnum):
    ASK = "ask"
    REMIND = "remind"
    REFRESH = "refresh"  # the first ask of a later round, before the answer goes stale
    ESCALATE = "escalate"  # nobody answered: owner (attempt 1), lead (2), channel (3)
    STALE = "stale"  # the answer expired unanswered: its owner hears once
    MEASURE = "measure"  # the day has come on which its owner says what the figure came to


QUESTIONS = frozenset({PromptKind.ASK, PromptKind.REMIND, PromptKind.REFRESH})


class PromptState(StrEnum):
    """Planned, attempted, accepted by Slack and answered are four different moments."""

    PLANNED = "planned"
    ATTEMPTED = "attempted"  # handed to the outbox
    SENT = "sent"  # accepted by Slack
    ANSWERED = "answered"
    CANCELLED = "cancelled"  # no longer needed; `reason` of the row stays as it was
    SKIPPED = "skipped"  # could not be sent; `outcome` says why


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PromptKey:
    """What makes a prompt unique, so that planning twice plans once."""

    assumption: AssumptionKey
    stakeholder: UserId  # whose answer it is about; an escalation goes to somebody else
    round: int
    kind: PromptKind
    attempt: int  # from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    workspace: WorkspaceId
    key: PromptKey
    due_at: datetime  # aware UTC
    first_due_at: datetime  # aware UTC; earlier than `due_at` where it had to wait
    reason: str  # why it is asked, in words that the person can read
    waited: str = ""  # why it is due later than first planned, in words; empty: it is not
    state: PromptState = PromptState.PLANNED
    batch: str | None = None  # the outbox message that carried it; one digest carries several
    attempted_at: datetime | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    channel: ChannelId | None = None  # where Slack put it
    ts: MessageTs | None = None
    outcome: str = ""  # why it was cancelled or skipped

    @property
    def is_planned(self) -> bool:
        return self.state is PromptState.PLANNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A decision of the rules: this prompt, at that moment, for that reason."""

    key: PromptKey
    due_at: datetime
    reason: str
