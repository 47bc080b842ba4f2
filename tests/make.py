"""Valid things to begin with; a test names only the fields that it is about."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.assumption import Assumption, AssumptionDraft, Impact, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.history import Answered, AsOf, Event, Happening, Logged
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member, WorkingTime
from bot.domain.project import Project
from bot.domain.setback import Cost, Money, Setback, SetbackKind
from bot.domain.trace import Role, Trace, TraceState
from bot.domain.validation import Answer, Validation

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # a Tuesday

WORKSPACE = WorkspaceId("T1")
APOLLO = ProjectKey("APOLLO")
HOME = ChannelId("C1")
ANA, BO, CY, DI = UserId("U1ANA"), UserId("U2BO"), UserId("U3CY"), UserId("U4DI")

# design.md, "Asking"
CADENCE_TABLE: dict[str, Any] = {
    impact: {
        "first_ask_working_days": first_ask,
        "remind_after_working_days": remind_after,
        "reminders": reminders,
        "lifetime_days": lifetime,
        "requires_evidence": evidence,
    }
    for impact, first_ask, remind_after, reminders, lifetime, evidence in (
        ("critical", 0, 1, 3, 14, True),
        ("high", 1, 2, 3, 30, True),
        ("medium", 2, 3, 2, 60, False),
        ("low", 5, 5, 1, 120, False),
    )
}
CADENCE = Cadence.from_table(CADENCE_TABLE)


def key(number: int = 1, project: str = APOLLO) -> AssumptionKey:
    return AssumptionKey(ProjectKey(project), number)


def make_member(user: UserId = BO, zone: str = "UTC", **fields: Any) -> Member:
    given: dict[str, Any] = {
        "workspace": WORKSPACE,
        "name": str(user).title(),
        "seen_at": NOON,
    } | fields
    return Member(user=user, zone=ZoneInfo(zone), **given)


def make_working_time(zone: str = "UTC", **fields: Any) -> WorkingTime:
    """Make office hours, Monday to Friday, nine to five."""
    return WorkingTime(zone=ZoneInfo(zone), **fields)


def make_project(**fields: Any) -> Project:
    given: dict[str, Any] = {
        "workspace": WORKSPACE,
        "key": APOLLO,
        "name": "Apollo",
        "channel": HOME,
        "lead": ANA,
        "created_at": NOON,
        "cycle_start": NOON.date(),
    } | fields
    return Project(**given)


def make_assumption(number: int = 1, **fields: Any) -> Assumption:
    """Make one that Ana owns, Bo is asked about, and nobody has answered."""
    given: dict[str, Any] = {
        "workspace": WORKSPACE,
        "key": key(number),
        "statement": "The payments API is live by March",
        "owner": ANA,
        "impact": Impact.MEDIUM,
        "channel": HOME,
        "status": Status.UNVALIDATED,
        "logged_by": ANA,
        "logged_at": NOON,
        "stakeholders": (Stakeholder(user=BO),),
    } | fields
    return Assumption(**given)


def make_draft(**fields: Any) -> AssumptionDraft:
    given: dict[str, Any] = {
        "statement": "The payments API is live by March",
        "owner": ANA,
        "channel": HOME,
        "stakeholders": (Stakeholder(user=BO),),
    } | fields
    return AssumptionDraft(**given)


def make_validation(by: UserId = BO, answer: Answer = Answer.HOLDS, **fields: Any) -> Validation:
    at = fields.pop("at", NOON)
    given: dict[str, Any] = {
        "assumption": key(),
        "evidence": "",
        "valid_until": at + 30 * DAY if answer is Answer.HOLDS else None,
    } | fields
    return Validation(by=by, answer=answer, at=at, **given)


def make_setback(number: int = 1, **fields: Any) -> Setback:
    given: dict[str, Any] = {
        "workspace": WORKSPACE,
        "kind": SetbackKind.DELAY,
        "text": "waiting for the payments API",
        "started_at": NOON,
        "ended_at": None,
        "cost": Cost(),
        "severity": None,
        "services": (),
        "project": APOLLO,
        "channel": HOME,
        "permalink": None,
        "source": "slack",
        "recorded_by": ANA,
        "recorded_at": NOON,
    } | fields
    return Setback(number=number, **given)


def make_cost(*, minutes: int | None = None, days: str | None = None, euro: str = "") -> Cost:
    return Cost(
        minutes_down=minutes,
        working_days_slipped=None if days is None else Decimal(days),
        money=Money(amount=Decimal(euro), currency="EUR") if euro else None,
    )


def make_as_of(status: Status = Status.UNVALIDATED, **fields: Any) -> AsOf:
    given: dict[str, Any] = {
        "is_stale": False,
        "was_asked": False,
        "was_unanswered": False,
        "refuted_at": None,
    } | fields
    return AsOf(status=status, **given)


def make_trace(setback: int = 1, assumption: int = 1, **fields: Any) -> Trace:
    """Make a confirmed trace to an assumption that nobody had been asked about."""
    given: dict[str, Any] = {
        "workspace": WORKSPACE,
        "state": TraceState.CONFIRMED,
        "role": Role.CAUSED,
        "as_of": make_as_of(),
        "rank": 1,
        "reasons": ("not validated when this began",),
    } | fields
    return Trace(setback=setback, assumption=key(assumption), **given)


def logged(**fields: Any) -> Logged:
    given: dict[str, Any] = {
        "statement": "The payments API is live by March",
        "owner": ANA,
        "impact": Impact.MEDIUM,
        "stakeholders": (BO,),
    } | fields
    return Logged(**given)


def answered(answer: Answer = Answer.HOLDS, until: datetime | None = None) -> Answered:
    return Answered(answer=answer, evidence="", valid_until=until, round=1)


def make_history(*happenings: tuple[datetime, UserId | None, Happening]) -> list[Event]:
    """Number what happened, `(when, by whom, what)`, in the order in which it was stored."""
    return [
        Event(seq=seq, at=at, by=by, what=what)
        for seq, (at, by, what) in enumerate(happenings, start=1)
    ]
