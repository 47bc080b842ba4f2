"""What must be said to Slack.

A message is one row for ever, rendered from the state at the moment of sending: wanting it
again is an update of the same message, never a second one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import ChannelId, MessageTs, WorkspaceId


class MessageKind(StrEnum):
    CARD = "card"  # about an assumption, in its project's channel
    ASK = "ask"  # questions to one person; `occasion` is the batch of its prompts
    REFUTED = (
        "refuted"  # about an assumption; to its owner, its project's channel, who had validated it
    )
    STALE = "stale"  # about an assumption; to its owner
    UNANSWERED = "unanswered"  # about an assumption; to its owner, then the lead, then the channel
    SETBACK = "setback"  # about a setback, in its channel, with candidates
    HANDED_BACK = "handed back"  # about an assumption; to its owner: a stakeholder said "not mine"
    DEPENDS = "depends"  # about an assumption; to its owner: a stakeholder said "it depends"
    OWNER_ASKED = "owner asked"  # about an assumption; to its owner: somebody asked needs a word
    OWNER_REPLIED = "owner replied"  # about an assumption; to whoever asked its owner
    MEASURE = "measure"  # about a measurable assumption; to its owner, on its check date
    SHAKEN = "shaken"  # about an assumption that gave way; to who relies on it
    DIGEST = "digest"  # about a project's week; to its channel, as are the next two
    CYCLE_START = "cycle start"  # what is load-bearing and not confirmed
    RETROSPECTIVE = "retrospective"  # of a cycle, when its work is over
    PAUSED = "paused"  # about a person who does not answer; to the owners of what they are asked
    SHARED = "shared"  # about a project whose channel another company reads now; to its lead
    STEP = "step"  # the end of a run in a workflow, whose id is `about`; `occasion` is what it made
    HOME = "home"  # one person's Home tab: `channel` and `ts` are its view's id and hash


class CallKind(StrEnum):
    """By which call a message reaches Slack; each kind has a limit of its own."""

    POST = "post"
    UPDATE = "update"
    HOME = "home"
    STEP = "step"
    LOOK_UP = "look_up"  # of what may be posted already


LOOKED_UP = (CallKind.LOOK_UP, CallKind.UPDATE, CallKind.POST)  # where it stands, or anew


class MessageState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = (
        "unknown"  # Slack may or may not have it: looked up or repeated with a mark, never blindly
    )
    DEAD = "dead"  # parked; `error` says why


NOTHING_TO_SAY = "nothing to say any more"
DROPPED = "given up by the operator"
OUR_FAULT = "a fault of the bot itself; its log says which"
ENDS_PROCESSES = "each process that tried it ended before it was done"
QUIET_ENDS = (NOTHING_TO_SAY, DROPPED)  # reasons for which nobody has to do anything


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKey:
    """What is said, about what, to whom, which time: said once, however often it is decided."""

    kind: MessageKind
    about: str  # an assumption's key, a setback's number or a person's id; empty for an ask
    to: str  # a user's or a channel's id
    occasion: str = ""  # tells repeated ones apart: a batch, a round, a history seq


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    workspace: WorkspaceId
    key: MessageKey
    revision: int  # grows when the content may have changed
    state: MessageState
    wanted_at: datetime  # since when it could have been sent; a failed try does not move it
    due_at: datetime
    attempts: int
    channel: ChannelId | None  # where Slack put it; None until the first time
    ts: MessageTs | None
    is_repeat: bool  # an earlier send ended ambiguously, so the text says that this may be a repeat
    error: str
    replaces_ts: MessageTs | None = None  # the one that somebody deleted, where this came after it

    @property
    def call(self) -> CallKind:
        match self.key.kind:
            case MessageKind.HOME:
                return CallKind.HOME
            case MessageKind.STEP:
                return CallKind.STEP
            case _:
                return CallKind.POST if self.ts is None else CallKind.UPDATE

    @property
    def calls(self) -> tuple[CallKind, ...]:
        """Every kind of call that it may take: what may be posted already is looked up first."""
        is_looked_up = self.state is MessageState.UNKNOWN and self.call is CallKind.POST
        return LOOKED_UP if is_looked_up else (self.call,)
