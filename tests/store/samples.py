"""Valid rows; a test names only what it is about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.assumption import Assumption, AssumptionDraft, Stakeholder, Status
from bot.domain.history import AsOf
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.project import Project
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.trace import Trace, TraceState
from bot.store import assumption as assumptions
from bot.store import project as projects
from bot.store.assumption import FirstAsk, NewAssumption

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEASE = timedelta(seconds=30)
NO_LEASE = timedelta(0)  # a claim that has run out when it is made

HERE = WorkspaceId("T012HERE")
ELSEWHERE = WorkspaceId("T012ELSEWHERE")
APOLLO = ProjectKey("APOLLO")
HOME = ChannelId("C0HOME")
ANA, BO, CY = UserId("U0ANA"), UserId("U0BO"), UserId("U0CY")
TS = MessageTs("1700000000.000100")


def make_project(**changed: Any) -> Project:
    values: dict[str, Any] = {
        "workspace": HERE,
        "key": APOLLO,
        "name": "Apollo",
        "channel": HOME,
        "lead": ANA,
        "created_at": NOON,
        "cycle_start": date(2026, 3, 2),
    }
    return Project(**values | changed)


def make_draft(**changed: Any) -> AssumptionDraft:
    values: dict[str, Any] = {
        "statement": "The payments API is live by March 3",
        "owner": ANA,
        "channel": HOME,
        "stakeholders": (Stakeholder(user=BO),),
    }
    return AssumptionDraft(**values | changed)


def make_new(**changed: Any) -> NewAssumption:
    values: dict[str, Any] = {
        "workspace": HERE,
        "project": APOLLO,
        "home": HOME,
        "draft": make_draft(),
        "by": ANA,
        "at": NOON,
        "asks": (FirstAsk(stakeholder=BO, due_at=NOON + DAY, reason="first question"),),
    }
    return NewAssumption(**values | changed)


def make_member(**changed: Any) -> Member:
    values: dict[str, Any] = {
        "workspace": HERE,
        "user": ANA,
        "name": "Ana",
        "zone": ZoneInfo("Europe/Lisbon"),
        "seen_at": NOON,
    }
    return Member(**values | changed)


def make_setback_draft(**changed: Any) -> SetbackDraft:
    values: dict[str, Any] = {
        "kind": SetbackKind.DELAY,
        "text": "Waiting for the payments API",
        "started_at": NOON,
        "channel": HOME,
    }
    return SetbackDraft(**values | changed)


def make_trace(key: AssumptionKey, **changed: Any) -> Trace:
    values: dict[str, Any] = {
        "workspace": HERE,
        "setback": 1,
        "assumption": key,
        "state": TraceState.CANDIDATE,
        "as_of": AsOf(
            status=Status.UNVALIDATED,
            is_stale=False,
            was_asked=True,
            was_unanswered=False,
            refuted_at=None,
        ),
        "rank": 1,
        "reasons": ("not validated when this began",),
    }
    return Trace(**values | changed)


def planned(key: AssumptionKey, *, due_at: datetime = NOON, **changed: Any) -> Planned:
    values: dict[str, Any] = {
        "assumption": key,
        "stakeholder": BO,
        "round": 1,
        "kind": PromptKind.REMIND,
        "attempt": 1,
    }
    return Planned(key=PromptKey(**values | changed), due_at=due_at, reason="reminder 1 of 2")


def card_of(key: AssumptionKey) -> MessageKey:
    return MessageKey(kind=MessageKind.CARD, about=str(key), to=HOME)


def log_one(
    tx: Connection, statement: str = "The payments API is live by March 3", **changed: Any
) -> Assumption:
    """Log an assumption, in its project if that is there, and read it back."""
    new = make_new(draft=make_draft(statement=statement), **changed)
    channel = ChannelId(f"C0{new.project}")
    projects.add(tx, make_project(workspace=new.workspace, key=new.project, channel=channel))
    key = assumptions.log(tx, new)
    assert key is not None
    found = assumptions.get(tx, new.workspace, key)
    assert found is not None
    return found
