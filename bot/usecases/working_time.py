"""When a person works: their zone from Slack, what they set, public holidays by their country."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from bot.domain.errors import UserFixableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member, OwnHours, WorkingTime
from bot.domain.prompt import QUESTIONS, Prompt
from bot.domain.working_time import moved, spread_of
from bot.store import member as members
from bot.store import prompt
from bot.usecases.follow import refresh_homes

log = structlog.get_logger()

AWAY = "you were away"  # why a question waited
_AWAY_MAX = timedelta(days=366)


def working_time_of(member: Member, *, around: date) -> WorkingTime:
    """Return when `member` may be asked, with the public holidays of the years about `around`.

    What they set goes before what their zone says.
    """
    return _merged(member.zone, member.hours, around=around)


def calendar_of(
    tx: Connection, workspace: WorkspaceId, user: UserId, *, now: datetime
) -> WorkingTime:
    """Return when a person works; in UTC for someone whom the directory never saw."""
    member = members.get(tx, workspace, user)
    if member is not None:
        return working_time_of(member, around=now.date())
    own = members.hours_of(tx, workspace, [user]).get(user, OwnHours())
    return _merged(ZoneInfo("UTC"), own, around=now.date())


def _merged(zone: ZoneInfo, own: OwnHours, *, around: date) -> WorkingTime:
    usual = WorkingTime(zone=zone)
    country = own.country if own.country is not None else _country_of_zone().get(zone.key)
    return WorkingTime(
        zone=zone,
        starts=own.starts or usual.starts,
        ends=own.ends or usual.ends,
        weekdays=own.weekdays or usual.weekdays,
        holidays=_holidays(country, around.year) if country else frozenset(),
        away_until=own.away_until,
    )


def hours_of(tx: Connection, workspace: WorkspaceId, user: UserId) -> OwnHours:
    """Return what the person set; nothing of somebody who set nothing."""
    return members.hours_of(tx, workspace, [user]).get(user, OwnHours())


def set_hours(
    tx: Connection, workspace: WorkspaceId, user: UserId, own: OwnHours, *, now: datetime
) -> WorkingTime:
    """Keep when a person works, and move what is planned for them; return what holds now.

    Raises:
        UserFixableError: The day would end before it begins, no day is left, nobody knows the
            country, or the absence is over or longer than a year.
    """
    before = calendar_of(tx, workspace, user, now=now)
    _check(own, before.zone, now)
    members.put_hours(tx, workspace, user, own)
    after = calendar_of(tx, workspace, user, now=now)
    move_prompts(tx, workspace, user, before=before, after=after, now=now)
    refresh_homes(tx, workspace, [user], now=now, by=user)
    log.info("hours.set", user=user)
    return after


def _check(own: OwnHours, zone: ZoneInfo, now: datetime) -> None:
    usual = WorkingTime(zone=zone)
    if (own.ends or usual.ends) <= (own.starts or usual.starts):
        raise UserFixableError("Your day must end after it begins, for example 9:00 to 17:00.")
    if own.weekdays is not None and not (own.weekdays and own.weekdays <= set(range(7))):
        raise UserFixableError("Choose at least one day on which you work.")
    if own.country and not _knows_country(own.country):
        raise UserFixableError(
            f"I know no holidays of {own.country[:20]}. Use a country's two letters, like PT."
        )
    if own.away_until is None:
        return
    today = now.astimezone(zone).date()
    if not today < own.away_until <= today + _AWAY_MAX:
        raise UserFixableError(
            "Choose the day on which you are back: from tomorrow, within a year."
        )


def move_prompts(
    tx: Connection,
    workspace: WorkspaceId,
    user: UserId,
    *,
    before: WorkingTime,
    after: WorkingTime,
    now: datetime,
) -> int:
    """Let what will be asked of the person follow their new hours; return how many moved."""
    if before == after:
        return 0
    spread, count = spread_of(workspace, user), 0
    for one in prompt.planned_for(tx, workspace, user):
        if one.key.kind not in QUESTIONS:
            continue
        first_at = _due_before_absence(one, before, after)
        due_at = moved(first_at, before=before, after=after, spread=spread, now=now)
        if due_at == one.due_at:
            continue
        if _is_in_absence(first_at, after):
            count += prompt.wait(tx, one, due_at=due_at, waited=AWAY)
        elif one.waited == AWAY:
            count += prompt.wait(tx, one, due_at=due_at, waited="")
        else:
            count += prompt.move(tx, one, due_at=due_at)
    log.info("prompts.moved", user=user, count=count)
    return count


def _due_before_absence(one: Prompt, before: WorkingTime, after: WorkingTime) -> datetime:
    """Return when it was due before they were away, where they are back earlier than they said."""
    is_shorter = before.away_until is not None and (
        after.away_until is None or after.away_until < before.away_until
    )
    return one.first_due_at if is_shorter and one.waited == AWAY else one.due_at


def _is_in_absence(due_at: datetime, wt: WorkingTime) -> bool:
    return wt.away_until is not None and due_at.astimezone(wt.zone).date() < wt.away_until


@cache
def _country_of_zone() -> dict[str, str]:
    """Map each IANA zone that lies in one country to its ISO 3166 code, from the pinned tzdata.

    The zone is a better witness than the locale: Slack says en-US of most people anywhere.
    """
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of `year` and those beside it; empty for a country not known.

    The one before is for whoever counts back, from a day in January.

    The library is imported here since it costs a start 40 ms that most commands do not need.
    """
    from holidays import country_holidays  # noqa: PLC0415

    try:
        found = country_holidays(country, years=(year - 1, year, year + 1))
    except NotImplementedError:
        return frozenset()
    return frozenset(found)


def _knows_country(code: str) -> bool:
    from holidays import list_supported_countries  # noqa: PLC0415

    return code in list_supported_countries(include_aliases=False)


def working_time_now(tx: Connection, member: Member, now: datetime) -> WorkingTime:
    """Return when they work; the directory's cache may not know yet what they set just now."""
    hours = members.hours_of(tx, member.workspace, [member.user]).get(member.user, member.hours)
    return working_time_of(replace(member, hours=hours), around=now.date())
