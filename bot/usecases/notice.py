"""What a project's channel hears by itself: the week, the start of a cycle, its retrospective."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Impact, Status
from bot.domain.cadence import Cadence
from bot.domain.cycle import cycle_at
from bot.domain.errors import NotFoundError
from bot.domain.ids import ProjectKey
from bot.domain.notice import NoticeKind, week_before
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.domain.period import Period, of_cycle
from bot.domain.permission import Reader
from bot.domain.project import Project
from bot.domain.report import Account
from bot.domain.text import day_in_words
from bot.store import notice as notices
from bot.store import outbox
from bot.store import project as projects
from bot.store.alone import alone
from bot.usecases.audience import names_in, readers_of
from bot.usecases.contents import CycleStartContent, DigestContent, RetrospectiveContent
from bot.usecases.cycle import plan_notice
from bot.usecases.gate import open_ones
from bot.usecases.member import zone_of
from bot.usecases.project import get_project
from bot.usecases.report import report_on

log = structlog.get_logger()

_FAULT_WAIT = timedelta(hours=1)  # until what failed by a fault of ours is tried again

_MESSAGES = {
    NoticeKind.DIGEST: MessageKind.DIGEST,
    NoticeKind.CYCLE_START: MessageKind.CYCLE_START,
    NoticeKind.RETROSPECTIVE: MessageKind.RETROSPECTIVE,
}


def give_notice(tx: Connection, *, now: datetime, limit: int) -> int:
    """Say what is due, plan the next ones, and return how many were due.

    After a pause of the bot the first of each kind that was missed is said, once. One that fails
    holds up no other; it is tried again later.
    """
    due = notices.due(tx, now=now, limit=limit)
    for one in due:
        error = alone(tx, _give, one, now=now)
        if error is not None:
            log.error(
                "notice.failed",
                workspace=one.workspace,
                project=one.project,
                kind=one.kind.value,
                again_at=(now + _FAULT_WAIT).isoformat(),
                exc_info=error,
            )
            notices.put(tx, replace(one, due_at=now + _FAULT_WAIT))
    return len(due)


def _give(tx: Connection, one: notices.PlannedNotice, *, now: datetime) -> None:
    project = projects.get(tx, one.workspace, one.project)
    if project is None:
        raise LookupError(f"a notice of {one.project}, which is not there")
    zone = zone_of(tx, project.workspace, project.lead)
    plan_notice(tx, project, one.kind, after=now, zone=zone)
    if one.kind is NoticeKind.DIGEST and not notices.has_news(
        tx, one.workspace, one.project, since=week_before(one.due_at, zone), until=one.due_at
    ):
        return
    key = MessageKey(
        kind=_MESSAGES[one.kind],
        about=one.project,
        to=project.channel,
        occasion=one.due_at.isoformat(),
    )
    outbox.want(tx, one.workspace, key, now=now)
    log.info("notice.given", workspace=one.workspace, project=one.project, kind=one.kind.value)


def next_notice(tx: Connection) -> datetime | None:
    return notices.next_due(tx)


def read_digest(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> DigestContent | None:
    """Read the week before the message's occasion."""
    project, at, zone = _context(tx, message)
    if project is None:
        return None
    since = week_before(at, zone)
    is_last = week_before(now, zone) < at  # the bot may have paused
    words = "last week" if is_last else f"the week of {day_in_words(since.astimezone(zone).date())}"
    period = Period(since=since, until=at, words=words)
    reader = readers_of(tx, message)
    account = _account(tx, project, period, reader=reader, now=at, zone=zone)
    return DigestContent(account=account)


def read_cycle_start(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> CycleStartContent | None:
    """Read what is load-bearing and not confirmed now."""
    project, at, zone = _context(tx, message)
    if project is None:
        return None
    bearing = [
        one
        for one in open_ones(
            tx,
            project.workspace,
            project.key,
            reader=readers_of(tx, message),
            now=now,
        )
        if one.impact is Impact.CRITICAL
    ]
    unconfirmed = tuple(_soonest_first(one for one in bearing if _is_unconfirmed(one, now)))
    return CycleStartContent(
        project=project,
        cycle=cycle_at(project.cycle_start, at.astimezone(zone).date()),
        bearing=len(bearing),
        unconfirmed=unconfirmed,
        now=now,
        names=names_in(tx, message, (one.owner for one in unconfirmed)),
    )


def read_retrospective(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> RetrospectiveContent | None:
    """Read the cycle whose work is over, up to the message's occasion: its cooldown lies ahead."""
    project, at, zone = _context(tx, message)
    if project is None:
        return None
    cycle = cycle_at(project.cycle_start, at.astimezone(zone).date())
    so_far = replace(of_cycle(cycle, zone), until=at)
    reader = readers_of(tx, message)
    account = _account(tx, project, so_far, reader=reader, now=at, zone=zone)
    return RetrospectiveContent(account=account, cycle=cycle)


def _context(tx: Connection, message: Message) -> tuple[Project | None, datetime, ZoneInfo]:
    """Return the project, or None where the message's reader may not see it just now."""
    project = None
    with suppress(NotFoundError):
        key, reader = ProjectKey(message.key.about), readers_of(tx, message)
        project = get_project(tx, message.workspace, key, reader=reader)
    at = datetime.fromisoformat(message.key.occasion).astimezone(UTC)
    lead = zone_of(tx, message.workspace, project.lead) if project else ZoneInfo("UTC")
    return project, at, lead


def _account(
    tx: Connection,
    project: Project,
    period: Period,
    *,
    reader: Reader,
    now: datetime,
    zone: ZoneInfo,
) -> Account:
    report = report_on(
        tx,
        project.workspace,
        project=project.key,
        since=period.since,
        until=period.until,
        now=now,
        zone=zone,
        reader=reader,
    )
    return Account(project=project.key, period=period, report=report)


def _is_unconfirmed(one: Assumption, now: datetime) -> bool:
    return one.status is Status.UNVALIDATED or one.is_stale(now)


def _soonest_first(found: Iterable[Assumption]) -> list[Assumption]:
    return sorted(found, key=lambda one: (one.validate_by or date.max, one.key))
