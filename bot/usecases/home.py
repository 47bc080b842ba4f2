"""Home: what one person is asked, relies on, leads, and has to trace; drawn anew as it changes."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption, Filter, Impact, Quorum, Status
from bot.domain.cadence import Cadence
from bot.domain.harm import expected_harm
from bot.domain.home import FOLLOWED_FOR, Counts, Health, HomePlace, worst_first
from bot.domain.ids import ProjectKey, UserId, WorkspaceId
from bot.domain.outbox import Message
from bot.domain.permission import Sight, may_see_project, may_see_setback
from bot.domain.project import Project
from bot.domain.setback import Setback
from bot.domain.validation import UNDO_WINDOW, Answer, Validation, can_undo
from bot.store import assumption as assumptions
from bot.store import history, home, standing
from bot.store import project as projects
from bot.store import setback as setbacks
from bot.usecases.cadence import cadence_for
from bot.usecases.channel import reader_for, sight_of
from bot.usecases.contents import HomeContent, HomeQuestion
from bot.usecases.follow import refresh_homes
from bot.usecases.working_time import calendar_of, hours_of

log = structlog.get_logger()

_LOOKED_JUST_NOW = timedelta(hours=1)  # so exactly is it known when a Home was last opened
_OWNED_READ = 500
_BEARING_NAMED = 2  # of each project
_SETBACKS_READ = 200


def open_home(tx: Connection, workspace: WorkspaceId, user: UserId, *, now: datetime) -> None:
    """Remember that the person looks at their Home, and let it be published at once.

    One that is about to be is not held up for more: whoever looks again writes nothing.
    """
    seen = home.get(tx, workspace, user, now=now)
    if seen is not None and seen.is_on_its_way and seen.opened_at > now - _LOOKED_JUST_NOW:
        return
    place = seen.place if seen is not None else HomePlace()
    turn_home(tx, workspace, user, place, now=now)


def turn_home(
    tx: Connection, workspace: WorkspaceId, user: UserId, place: HomePlace, *, now: datetime
) -> None:
    """Let the person's Home show another page, or others of their own, at once."""
    home.put(tx, workspace, user, place, at=now)
    refresh_homes(tx, workspace, [user], now=now, by=user)


def read_home(
    tx: Connection, message: Message, now: datetime, cadence: Cadence
) -> HomeContent | None:
    """Return what the person's Home says at `now`; None where nobody has looked at it of late."""
    workspace, user = message.workspace, UserId(message.key.to)
    opened = home.get(tx, workspace, user, now=now)
    if opened is None or opened.opened_at <= now - FOLLOWED_FOR:
        return None
    sight = sight_of(tx, workspace, reader_for(tx, workspace, user))
    place = opened.place
    owned = _owned(tx, workspace, user, sight=sight, now=now)
    mine = standing.projects_of(tx, workspace, user)
    return HomeContent(
        user=user,
        place=place,
        asked=tuple(_asked(tx, workspace, user, now=now, cadence=cadence)),
        answered=_answered(tx, workspace, user, now=now),
        owned=_harmful_first((one for one in owned if _passes(one, place.filter, now)), now),
        counts=_counts(owned, now),
        projects=_healths(tx, workspace, mine, sight=sight, now=now),
        setbacks=_untraced(tx, workspace, user, mine, sight=sight),
        hours=calendar_of(tx, workspace, user, now=now),
        own_hours=hours_of(tx, workspace, user),
        now=now,
    )


def _owned(
    tx: Connection, workspace: WorkspaceId, user: UserId, *, sight: Sight, now: datetime
) -> list[Assumption]:
    """Return what the person owns and has not retired."""
    return [
        one
        for wanted in (
            Filter(owner=user, is_open=True),
            Filter(owner=user, status=Status.REFUTED),
        )
        for one in assumptions.page(
            tx,
            workspace,
            filter=wanted,
            sight=sight,
            now=now,
            limit=_OWNED_READ,
            after=None,
        )
    ]


def _asked(
    tx: Connection, workspace: WorkspaceId, user: UserId, *, now: datetime, cadence: Cadence
) -> list[HomeQuestion]:
    """Return what waits for the person's answer, the most harmful first."""
    found = assumptions.asked_of(tx, workspace, user)
    out = standing.asked_and_silent(tx, workspace, user)
    events = history.read_many(tx, workspace, [one.key for one in found])
    waiting = [
        one
        for one in found
        if _waits_for(
            one,
            user,
            rules.current(rules.validations(events[one.key], one.key)),
            asked=out.get(one.key),
            now=now,
        )
    ]
    return [
        HomeQuestion(
            assumption=one,
            round=next(person.round for person in one.stakeholders if person.user == user),
            requires_evidence=cadence_for(tx, workspace, one.key.project, cadence)
            .rhythms[one.impact]
            .requires_evidence,
        )
        for one in _harmful_first(waiting, now)
    ]


def _answered(
    tx: Connection, workspace: WorkspaceId, user: UserId, *, now: datetime
) -> tuple[tuple[Assumption, Validation], ...]:
    """Return what the person has just said and may take back, the newest first."""
    recent = history.answered_by(tx, workspace, user, since=now - UNDO_WINDOW)
    known = assumptions.get_many(tx, workspace, recent)
    events = history.read_many(tx, workspace, list(known))
    found = [
        (one, given)
        for one in known.values()
        for given in rules.current(rules.validations(events[one.key], one.key))
        if given.by == user and can_undo(given, now) and one.status is not Status.RETIRED
    ]
    return tuple(sorted(found, key=lambda pair: pair[1].at, reverse=True))


def _waits_for(
    assumption: Assumption,
    user: UserId,
    given: list[Validation],
    *,
    asked: tuple[int, datetime] | None,
    now: datetime,
) -> bool:
    """Whether the person's answer is wanted: as the question's own message would say.

    Args:
        assumption: An open one that the person is asked about.
        user: Who.
        given: The latest answer of each person.
        asked: The round of the question that is out to them, and since when.
        now: Decides what has expired.
    """
    round_ = next(person.round for person in assumption.stakeholders if person.user == user)
    if any(one.by == user and one.round >= round_ for one in given):
        return False
    if assumption.is_accepted(now.date()):
        return False
    if assumption.status is Status.UNVALIDATED or assumption.is_stale(now):
        return True
    if asked is None or asked[0] != round_:
        return False
    others = [one for one in given if one.answer is Answer.HOLDS and one.at >= asked[1]]
    return assumption.quorum is Quorum.ALL or not others


def _harmful_first(found: Iterable[Assumption], now: datetime) -> tuple[Assumption, ...]:
    return tuple(sorted(found, key=lambda one: (-expected_harm(one, now).points, one.key)))


def _passes(one: Assumption, word: str, now: datetime) -> bool:
    match word:
        case "unvalidated":
            return one.status is Status.UNVALIDATED
        case "overdue":
            return _is_overdue(one, now)
        case "stale":
            return one.is_stale(now)
        case "refuted":
            return one.status is Status.REFUTED
        case _:
            return one.is_open


def _is_overdue(one: Assumption, now: datetime) -> bool:
    is_late = one.validate_by is not None and one.validate_by < now.date()
    return is_late and one.status is Status.UNVALIDATED


def _counts(owned: list[Assumption], now: datetime) -> Counts:
    def count(word: str) -> int:
        return sum(1 for one in owned if _passes(one, word, now))

    return Counts(
        open=count("open"),
        unvalidated=count("unvalidated"),
        overdue=count("overdue"),
        stale=count("stale"),
        refuted=count("refuted"),
    )


def _healths(
    tx: Connection,
    workspace: WorkspaceId,
    mine: Collection[ProjectKey],
    *,
    sight: Sight,
    now: datetime,
) -> tuple[Health, ...]:
    """Return the person's projects that they may see, the worst first."""
    counted = standing.counts(tx, workspace, mine, sight=sight, now=now)
    found = []
    for project in projects.all_of(tx, workspace):
        key = project.key
        if key not in mine or not may_see_project(sight, project):
            continue
        counts = counted.get(key, Counts())
        bearing = _bearing(tx, project, sight=sight, now=now) if counts.bearing else ()
        found.append(Health(project=project, counts=counts, bearing=bearing))
    return tuple(sorted(found, key=worst_first))


def _bearing(
    tx: Connection, project: Project, *, sight: Sight, now: datetime
) -> tuple[Assumption, ...]:
    """Return the newest that are load-bearing and that nobody has confirmed."""
    wanted = Filter(project=project.key, status=Status.UNVALIDATED, impact=Impact.CRITICAL)
    found = assumptions.page(
        tx,
        project.workspace,
        filter=wanted,
        sight=sight,
        now=now,
        limit=_BEARING_NAMED,
        after=None,
    )
    return tuple(found)


def _untraced(
    tx: Connection,
    workspace: WorkspaceId,
    user: UserId,
    mine: Collection[ProjectKey],
    *,
    sight: Sight,
) -> tuple[Setback, ...]:
    """Return the person's setbacks about which nobody has decided, the latest first."""
    numbers = standing.untraced(
        tx,
        workspace,
        recorded_by=user,
        projects=mine,
        sight=sight,
        limit=_SETBACKS_READ,
    )
    found = setbacks.get_many(tx, workspace, numbers)
    return tuple(found[number] for number in numbers if may_see_setback(sight, found[number]))
