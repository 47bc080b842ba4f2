"""The time that a report is about, from people's words.

    this cycle, last cycle, cycle 3          a project's cycles; both ends of one
    90 days, 6 weeks, 3 months, 1 year, 90d  up to now; "last" before it changes nothing
    week, month, quarter, year               the same, of 7, 30, 91 and 365 days
    this week, last month, last quarter, …   as the calendar has them
    2026, march 2026, q1 2026                likewise
    march 1 to march 31, since march 1       days, both included

Days begin at midnight where the reader is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain.cycle import Cycle, cycle_at, cycle_before, cycle_numbered
from bot.domain.errors import UserFixableError
from bot.domain.text import month_name, month_number

DAYS_MAX = 3660
DEFAULT = "quarter"

ReadDay = Callable[[str], date | None]

_DAYS_OF = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_SHORT = {"d": "day", "w": "week", "m": "month", "y": "year"}
_COUNTED = re.compile(r"(?:(?:the )?(?:last|past) )?(\d{1,4}) ?(day|week|month|year|[dwmy])s?")
_LONE = re.compile(r"(?:the |a )?(week|month|quarter|year)")
_CALENDAR = re.compile(r"(this|last) (week|month|quarter|year)")
_CYCLE = re.compile(r"(?:(this|current|last|previous) cycle|cycle (\d{1,4}))")
_BETWEEN = re.compile(r"(?:from )?(.+?)(?: to | until | till | ?\.\.\.? ?| ?– ?)(.+)")
_SINCE = re.compile(r"(?:since|from) (.+)")
_YEAR = re.compile(r"(20\d\d)")
_QUARTER = re.compile(r"q([1-4]) (20\d\d)")
_MONTH = re.compile(r"([a-z]+) (20\d\d)")
_MONTHS_OF_YEAR = 12
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    since: datetime  # aware UTC
    until: datetime  # aware UTC, excluded, later than `since`
    words: str  # "the last 90 days", "cycle 3 (2 March to 26 April 2026)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What the words are relative to."""

    now: datetime  # aware
    zone: tzinfo  # the reader's
    first_day: date | None  # of the project's first cycle; None where no project is meant
    read_day: ReadDay  # a day in words, the past one where the words leave it open

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def read_period(text: str, calendar: Calendar) -> Period | None:
    """Return the time that the words name; None where they name none.

    Raises:
        UserFixableError: A cycle without a project, or an end before its beginning.
    """
    words = " ".join(text.casefold().split())
    for read in (_up_to_now, _cycle, _calendar_unit, _named, _between, _since):
        found = read(words, calendar)
        if found is not None:
            return found
    return None


def _up_to_now(words: str, calendar: Calendar) -> Period | None:
    counted, lone = _COUNTED.fullmatch(words), _LONE.fullmatch(words)
    if counted is not None:
        unit = _SHORT.get(counted[2], counted[2])
        days = int(counted[1]) * _DAYS_OF[unit]
    elif lone is not None:
        days = _DAYS_OF[lone[1]]
    else:
        return None
    if not 1 <= days <= DAYS_MAX:
        return None
    now = calendar.now.astimezone(UTC)
    said = "the last day" if days == 1 else f"the last {days} days"
    return Period(since=now - timedelta(days=days), until=now, words=said)


def _cycle(words: str, calendar: Calendar) -> Period | None:
    found = _CYCLE.fullmatch(words)
    if found is None:
        return None
    if calendar.first_day is None:
        raise UserFixableError(
            "Each project has cycles of its own. Name one: report APOLLO this cycle."
        )
    if found[2] is not None:
        cycle = cycle_numbered(calendar.first_day, int(found[2]))
    elif found[1] in {"this", "current"}:
        cycle = cycle_at(calendar.first_day, calendar.today)
    else:
        cycle = cycle_before(calendar.first_day, calendar.today)
    return of_cycle(cycle, calendar.zone)


def of_cycle(cycle: Cycle, zone: tzinfo) -> Period:
    """Return the whole cycle, its cooldown included."""
    return _days(cycle.starts, cycle.ends - _ONE_DAY, zone, f"cycle {cycle.number}")


def _calendar_unit(words: str, calendar: Calendar) -> Period | None:
    found = _CALENDAR.fullmatch(words)
    if found is None:
        return None
    first = _first_of(found[2], calendar.today)
    if found[1] == "last":
        first = _first_of(found[2], first - _ONE_DAY)
    return _days(first, _last_of(found[2], first), calendar.zone, words)


def _named(words: str, calendar: Calendar) -> Period | None:
    year, quarter, month = (one.fullmatch(words) for one in (_YEAR, _QUARTER, _MONTH))
    if year is not None:
        first, unit = date(int(year[1]), 1, 1), "year"
    elif quarter is not None:
        first, unit = date(int(quarter[2]), 3 * int(quarter[1]) - 2, 1), "quarter"
    elif month is not None and (number := month_number(month[1])) is not None:
        first, unit = date(int(month[2]), number, 1), "month"
    else:
        return None
    return _days(first, _last_of(unit, first), calendar.zone, "")


def _between(words: str, calendar: Calendar) -> Period | None:
    found = _BETWEEN.fullmatch(words)
    days = [calendar.read_day(found[1]), calendar.read_day(found[2])] if found is not None else []
    match days:
        case [date() as first, date() as last]:
            return _days(first, last, calendar.zone, "")
        case _:
            return None


def _since(words: str, calendar: Calendar) -> Period | None:
    found = _SINCE.fullmatch(words)
    first = calendar.read_day(found[1]) if found is not None else None
    return None if first is None else _days(first, calendar.today, calendar.zone, "")


def _days(first: date, last: date, zone: tzinfo, name: str) -> Period:
    """Return all of these days, the last one included."""
    if last < first:
        raise UserFixableError("That ends before it begins. Write the earlier day first.")
    span = f"{_said(first)} to {_said(last)}" if first != last else _said(first)
    return Period(
        since=_midnight(first, zone),
        until=_midnight(last + _ONE_DAY, zone),
        words=f"{name} ({span})" if name else span,
    )


def _said(day: date) -> str:
    return f"{day.day} {month_name(day)[:3]} {day.year}"


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _first_of(unit: str, day: date) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case _:
            return day.replace(day=1, month=1)


def _last_of(unit: str, first: date) -> date:
    if unit == "week":
        return first + timedelta(days=6)
    months = first.month - 1 + {"month": 1, "quarter": 3, "year": _MONTHS_OF_YEAR}[unit]
    after = date(first.year + months // _MONTHS_OF_YEAR, months % _MONTHS_OF_YEAR + 1, 1)
    return after - _ONE_DAY
