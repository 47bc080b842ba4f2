"""Days and moments in people's words, as they are where the person is."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.member import WorkingTime
from bot.domain.working_time import add_working_days


class Prefer(StrEnum):
    """Which one is meant where the words leave it open: "monday", "14:05"."""

    PAST = "past"
    FUTURE = "future"


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_SHORT_WEEKDAYS = {
    **{name: number for number, name in enumerate(_WEEKDAYS)},
    **{name[:3]: number for number, name in enumerate(_WEEKDAYS)},
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
_SHORT_MONTHS = {
    **{name: number for number, name in enumerate(_MONTHS, start=1)},
    **{name[:3]: number for number, name in enumerate(_MONTHS, start=1)},
    "sept": 9,
}
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
} | {"a": 1, "an": 1}

_DAYS_AHEAD = {
    **dict.fromkeys(("today", "tonight", "eod", "cob", "end of day", "now"), 0),
    **dict.fromkeys(("tomorrow", "tmrw"), 1),
    "day after tomorrow": 2,
}

_FILLERS = re.compile(r"^(?:(?:by|on|until|till|before|the|eod|cob|end of day|end of the day)\s+)+")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH_DAY = re.compile(r"([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?([a-z]+)\.?(?:,?\s+(\d{4}))?")
_IN_SOME = re.compile(
    r"(?:in|within)\s+(\d{1,3}|[a-z]+)\s+(working day|business day|day|week|month)s?"
)
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?")
_END_OF = re.compile(r"(?:the\s+)?end of (?:the |this )?(week|month|quarter|year)|eo([wmqy])")
_END_OF_NEXT = re.compile(r"(?:the\s+)?end of next (week|month|quarter|year)")
_UNITS = {"w": "week", "m": "month", "q": "quarter", "y": "year"}
_FRIDAY = 4
_WORDS_MAX = 80  # characters; longer text is no date


def read_date(text: str, *, now: datetime, zone: ZoneInfo, wt: WorkingTime) -> date | None:
    """Read a day that an answer is needed by; None where the words are no day.

    A weekday or a day without a year is the next one, today included. A date that has passed is
    returned as it is: the caller says so.

    Args:
        text: "friday", "march 3", "end of month", "in 3 working days", "2027-03-03", …
        now: Aware UTC.
        zone: Where the person is: it decides which day is today.
        wt: Their working time, for working days.
    """
    words = _tidy(text)
    today = now.astimezone(zone).date()
    if not words or len(words) > _WORDS_MAX:
        return None
    found = _near(words, today) or _counted(words, today, wt) or _end_of(words, today)
    if found is not None:
        return found
    if _is_plain_number(words):
        return None
    found = _calendar_day(words, today, Prefer.FUTURE)
    if found is not None:
        return found
    moment = _by_library(words, now=now, zone=zone, prefer=Prefer.FUTURE)
    return moment.astimezone(zone).date() if moment is not None else None


def read_moment(text: str, *, now: datetime, zone: ZoneInfo, prefer: Prefer) -> datetime | None:
    """Read a moment, aware UTC; None where the words are none.

    A day without a time is its beginning; a time without a day is today's, or yesterday's where
    the past is preferred and it lies ahead.
    """
    words = _tidy(text.casefold().removeprefix("since "))
    local = now.astimezone(zone)
    if not words or len(words) > _WORDS_MAX or _is_plain_number(words):
        return None
    if words in {"now", "just now", "right now"}:
        return now
    at = _clock_time(words)
    if at is not None:
        return _nearest_day(local, at, prefer).astimezone(UTC)
    day_words, _, time_words = words.replace(" at ", " ").rpartition(" ")
    day_at = _clock_time(time_words) if ":" in time_words or time_words[-2:] in _HALVES else None
    for words_of_day, clock in ((words, time(0)), (day_words, day_at)):
        day = _past_or_near(words_of_day, local.date(), prefer)
        if day is not None and clock is not None:
            return datetime.combine(day, clock, zone).astimezone(UTC)
    found = _by_library(words, now=now, zone=zone, prefer=prefer)
    return found.astimezone(UTC) if found is not None else None


_HALVES = frozenset({"am", "pm"})


def _tidy(text: str) -> str:
    words = " ".join(text.casefold().replace(",", " ").split()).strip(" .!")
    return _FILLERS.sub("", words)


def _is_plain_number(words: str) -> bool:
    """The library makes a date of "3"; a person may have meant anything."""
    return words.replace(".", "").replace("-", "").isdecimal() and not _ISO.fullmatch(words)


def _near(words: str, today: date) -> date | None:
    """Today, tomorrow, and weekdays: this one, or the one of next week."""
    if words in _DAYS_AHEAD:
        return today + timedelta(days=_DAYS_AHEAD[words])
    if words == "next week":
        return _monday(today) + timedelta(days=7)
    prefix, _, name = words.rpartition(" ")
    number = _SHORT_WEEKDAYS.get(name)
    if number is None or prefix not in {"", "this", "next", "coming", "this coming"}:
        return None
    if prefix == "next":  # the one of next week: on a Monday, "next friday" is not this week's
        return _monday(today) + timedelta(days=7 + number)
    return today + timedelta(days=(number - today.weekday()) % 7)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _counted(words: str, today: date, wt: WorkingTime) -> date | None:
    """In 3 days, in two weeks, in 3 working days."""
    found = _IN_SOME.fullmatch(words)
    if found is None:
        return None
    count = int(found[1]) if found[1].isdecimal() else _NUMBERS.get(found[1])
    if count is None:
        return None
    match found[2]:
        case "day":
            return today + timedelta(days=count)
        case "week":
            return today + timedelta(weeks=count)
        case "month":
            return _plus_months(today, count)
        case _:
            return add_working_days(today, count, wt)


def _plus_months(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _end_of(words: str, today: date) -> date | None:
    """The last day of this or the next week, month, quarter or year; a week ends on its Friday."""
    ahead = _END_OF_NEXT.fullmatch(words)
    if ahead is not None:
        return _last_day(ahead[1], today, periods=1)
    found = _END_OF.fullmatch(words)
    if found is None:
        month = _SHORT_MONTHS.get(words.removeprefix("end of ")) if "end of " in words else None
        return _last_day("month", _in_month(month, today), periods=0) if month else None
    return _last_day(found[1] or _UNITS[found[2]], today, periods=0)


def _in_month(month: int, today: date) -> date:
    """The first of the next month of that number, this one included."""
    return date(today.year + (month < today.month), month, 1)


def _last_day(unit: str, day: date, *, periods: int) -> date:
    match unit:
        case "week":
            friday = _monday(day) + timedelta(days=_FRIDAY + 7 * periods)
            return friday if friday >= day else friday + timedelta(days=7)
        case "month":
            in_it = _plus_months(day.replace(day=1), periods)
        case "quarter":
            first = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
            in_it = _plus_months(first, 3 * periods + 2)
        case _:
            in_it = date(day.year + periods, 12, 1)
    return in_it.replace(day=monthrange(in_it.year, in_it.month)[1])


def _calendar_day(words: str, today: date, prefer: Prefer) -> date | None:
    """2027-03-03, march 3, 3 march 2027."""
    iso = _ISO.fullmatch(words)
    if iso is not None:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    named = _MONTH_DAY.fullmatch(words)
    if named is not None and named[1] in _SHORT_MONTHS:
        return _in_year(_SHORT_MONTHS[named[1]], int(named[2]), named[3], today, prefer)
    turned = _DAY_MONTH.fullmatch(words)
    if turned is not None and turned[2] in _SHORT_MONTHS:
        return _in_year(_SHORT_MONTHS[turned[2]], int(turned[1]), turned[3], today, prefer)
    return None


def _in_year(month: int, day: int, year: str | None, today: date, prefer: Prefer) -> date | None:
    """The day in the year that was named, else in the nearest one on the preferred side."""
    if year is not None:
        return _day(int(year), month, day)
    step = 1 if prefer is Prefer.FUTURE else -1
    years = (today.year + step * n for n in range(9))  # 29 February may be eight years away
    days = (found for number in years if (found := _day(number, month, day)) is not None)
    wanted = (found for found in days if (found - today).days * step >= 0)
    return next(wanted, None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _past_or_near(words: str, today: date, prefer: Prefer) -> date | None:
    if words == "yesterday":
        return today - timedelta(days=1)
    name = words.removeprefix("last ")
    if prefer is Prefer.PAST and name in _SHORT_WEEKDAYS:
        back = (today.weekday() - _SHORT_WEEKDAYS[name]) % 7
        is_a_week_ago = back == 0 and name != words
        return today - timedelta(days=7 if is_a_week_ago else back)
    if words == "today" or prefer is Prefer.FUTURE:
        found = _near(words, today)
        if found is not None:
            return found
    return _calendar_day(words, today, prefer)


def _clock_time(words: str) -> time | None:
    """14:05, 2pm, 2:05 pm; a lone number is no time."""
    named = {"noon": time(12), "midday": time(12), "midnight": time(0)}.get(words)
    if named is not None:
        return named
    found = _TIME.fullmatch(words)
    if found is None or (found[2] is None and found[3] is None):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] is not None:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the hours of a clock
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _nearest_day(local: datetime, at: time, prefer: Prefer) -> datetime:
    moment = datetime.combine(local.date(), at, local.tzinfo)
    if prefer is Prefer.PAST and moment > local:
        return datetime.combine(local.date() - timedelta(days=1), at, local.tzinfo)
    if prefer is Prefer.FUTURE and moment < local:
        return datetime.combine(local.date() + timedelta(days=1), at, local.tzinfo)
    return moment


def _by_library(words: str, *, now: datetime, zone: ZoneInfo, prefer: Prefer) -> datetime | None:
    """Read what is left by dateparser; imported here, since a start need not pay 14 MB for it."""
    import dateparser  # type: ignore[import-untyped]  # noqa: PLC0415

    local = now.astimezone(zone)
    found: datetime | None = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "PREFER_DATES_FROM": prefer.value,
            "RELATIVE_BASE": local.replace(tzinfo=None),
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    if found is None:
        return None
    return found.replace(tzinfo=zone) if found.tzinfo is None else found
