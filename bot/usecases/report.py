"""The account of a period: what went wrong, and which assumptions were underneath it."""

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain import report as rules
from bot.domain.cycle import cycle_at
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import PROJECT_KEY, ProjectKey, UserId, WorkspaceId
from bot.domain.period import DEFAULT, Calendar, Period, read_period
from bot.domain.permission import ALL, Reader, Sight, may_see, may_see_setback
from bot.domain.project import Project
from bot.domain.report import Account, Report
from bot.domain.trace import Trace
from bot.store import assumption as assumptions
from bot.store import history
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.usecases.channel import sight_of
from bot.usecases.dates import Prefer, read_moment
from bot.usecases.member import zone_of
from bot.usecases.project import get_project, projects_of

_ALL = "all"


def account_for(
    tx: Connection,
    workspace: WorkspaceId,
    text: str,
    *,
    here: ProjectKey | None,
    zone: ZoneInfo,
    now: datetime,
    reader: Reader,
) -> Account:
    """Read `[project|all] [period]`, in either order, and make that report.

    Args:
        tx: The transaction; only read.
        workspace: Whose.
        text: What a person typed; without a period the last quarter.
        here: The project that is meant where none is named; None takes all.
        zone: Where the reader's days begin.
        now: Aware UTC.
        reader: Who reads it; what they may not see is counted nowhere.

    Raises:
        UserFixableError: The words are no period, or a cycle of no project.
        NotFoundError: There is no such project in this workspace, or the reader may not see it.
    """
    seen = projects_of(tx, workspace, reader=reader)
    project, words = _split(text, here, {one.key for one in seen})
    period = period_of(words, seen=seen, project=project, zone=zone, now=now)
    report = report_on(
        tx,
        workspace,
        project=project,
        since=period.since,
        until=period.until,
        now=now,
        zone=zone,
        reader=reader,
    )
    return Account(project=project, period=period, report=report)


def period_of(
    words: str,
    *,
    seen: Sequence[Project],
    project: ProjectKey | None,
    zone: ZoneInfo,
    now: datetime,
) -> Period:
    """Read a time in words; no words are the last quarter.

    Args:
        words: As `read_period` takes them.
        seen: The projects that the reader may see.
        project: Whose cycles are meant; None: of all projects, if they run in step.
        zone: Where the reader's days begin.
        now: Aware UTC.

    Raises:
        UserFixableError: The words are no period, or a cycle of no project.
        NotFoundError: The project is not among `seen`.
    """
    period = read_period(
        words or DEFAULT,
        Calendar(
            now=now,
            zone=zone,
            first_day=_first_day(seen, project, now.astimezone(zone).date()),
            read_day=lambda day: _past_day(day, now=now, zone=zone),
        ),
    )
    if period is None:
        raise _unread(words)
    return period


def account_for_reader(
    tx: Connection,
    workspace: WorkspaceId,
    text: str,
    *,
    asked_by: UserId,
    reader: Reader,
    here: ProjectKey | None,
    now: datetime,
) -> Account:
    """Return what `account_for` does, with days that begin where `asked_by` is."""
    zone = zone_of(tx, workspace, asked_by)
    return account_for(tx, workspace, text, here=here, zone=zone, now=now, reader=reader)


def _split(
    text: str, here: ProjectKey | None, known: Collection[ProjectKey]
) -> tuple[ProjectKey | None, str]:
    """Take the project's key, or "all", off either end; a month looks like a key too."""
    words = text.split()
    for at in (0, -1) if words else ():
        word = words[at]
        rest = " ".join(words[1:] if at == 0 else words[:-1])
        if word.casefold() == _ALL:
            return None, rest
        if word.upper() in known:
            return ProjectKey(word.upper()), rest
    if words and PROJECT_KEY.fullmatch(words[0]) and words[0].upper() == words[0]:
        raise NotFoundError(f"I know no project {words[0]} here.")
    return here, " ".join(words)


def _past_day(words: str, *, now: datetime, zone: ZoneInfo) -> date | None:
    found = read_moment(words, now=now, zone=zone, prefer=Prefer.PAST)
    return None if found is None else found.astimezone(zone).date()


def _first_day(seen: Iterable[Project], project: ProjectKey | None, today: date) -> date | None:
    """Return where cycles are counted from: for all projects only if they run in step."""
    first_days = [one.cycle_start for one in seen if project in {None, one.key}]
    if project is not None and not first_days:
        raise NotFoundError(f"I know no project {project} here.")
    in_step = len({cycle_at(first, today).starts for first in first_days}) == 1
    return min(first_days) if in_step else None


def _unread(text: str) -> UserFixableError:
    return UserFixableError(
        f"I cannot read “{text[:40]}”. Write a project's key, or all, and a time: this cycle, "
        "last cycle, 90 days, last month, or march 1 to march 31."
    )


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Have nobody look for garbage meanwhile.

    A report builds a hundred thousand objects that all stay until its end, and each look walks
    them again: a quarter of the time of a large one. Of two at once each ends with it on.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_collecting_later()
def report_on(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    project: ProjectKey | None,
    since: datetime,
    until: datetime,
    now: datetime,
    reader: Reader,
    zone: tzinfo = UTC,
) -> Report:
    """Account for the setbacks that began in [since, until) and the assumptions open in it.

    `project` None takes all of the workspace. What the reader may not see counts nowhere; a trace
    counts where they see both of its ends.

    Raises:
        NotFoundError: There is no such project in this workspace, or the reader may not see it.
    """
    if project is not None:
        get_project(tx, workspace, project, reader=reader)
    sight = sight_of(tx, workspace, reader)
    events = history.of_workspace(tx, workspace, project)
    known = assumptions.get_many(tx, workspace, list(events))
    seen = [one for one in known.values() if may_see(sight, one)]
    began = setbacks.recent(tx, workspace, project=None, since=since, until=until)
    told = [one for one in began if may_see_setback(sight, one)]
    # What had hurt before the period, or another project, is no save: those traces count too.
    found = traces.before(tx, workspace, until=until, project=project)
    return rules.build(
        setbacks=[one for one in told if project in {None, one.project}],
        traces=_in_sight(tx, workspace, found, sight),
        assumptions=seen,
        histories={one.key: events[one.key] for one in seen},
        elsewhere={one.number for one in told if project not in {None, one.project}},
        since=since,
        until=until,
        now=now,
        zone=zone,
    )


def _in_sight(
    tx: Connection, workspace: WorkspaceId, found: Sequence[Trace], sight: Sight
) -> list[Trace]:
    """Return the traces of which both ends are seen."""
    if sight == ALL:
        return list(found)
    keys = {one.assumption for one in found}
    seen = {
        one.key for one in assumptions.get_many(tx, workspace, keys).values() if may_see(sight, one)
    }
    recorded = setbacks.get_many(tx, workspace, {one.setback for one in found})
    told = {number for number, one in recorded.items() if may_see_setback(sight, one)}
    return [one for one in found if one.setback in told and one.assumption in seen]
