"""When a person may be asked: local wall-clock hours, in their zone, on their working days.

Source: design.md, "Asking": prompts arrive only in the stakeholder's working hours, in their own
time zone, on working days, and keep their wall-clock time across DST.

A wall-clock time that a change of the clock leaves out means the first instant after the gap; one
that comes twice means its first. Moments are compared in UTC, never by wall clock.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import WorkingTime

_DAY = timedelta(days=1)
_SPREAD = timedelta(hours=1)  # prompts of one morning are spread over its first working hour
_MOMENT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


def is_working_day(day: date, wt: WorkingTime) -> bool:
    """Say whether the person works on that local date.

    A day whose hours a change of the clock swallows whole is not one.
    """
    if wt.away_until is not None and day < wt.away_until:
        return False
    return _is_on_calendar(day, wt)


def is_working(at: datetime, wt: WorkingTime) -> bool:
    """Say whether `at` (aware) lies in the person's working hours, `ends` excluded."""
    return next_working_moment(at, wt) == at


def next_working_moment(after: datetime, wt: WorkingTime) -> datetime:
    """Return the first working moment at or after `after`, in UTC; `after` itself when inside.

    Hours of no length would never come, so `wt.ends` must be later than `wt.starts`.
    """
    after = after.astimezone(UTC)
    day = after.astimezone(wt.zone).date()
    while True:
        day = _working_day_from(day, wt)
        moment = _first_moment_on(day, after, wt)
        if moment is not None:
            return moment
        day += _DAY


def _first_moment_on(day: date, after: datetime, wt: WorkingTime) -> datetime | None:
    start, end = _hours_on(day, wt)
    moment = max(start, after)
    # When the clock is set back during work, the wall clock may fall before `starts` again.
    if moment.astimezone(wt.zone).time() < wt.starts:
        moment = datetime.combine(day, wt.starts, wt.zone).replace(fold=1).astimezone(UTC)
    return moment if moment < end else None


def next_asking_moment(after: datetime, wt: WorkingTime, spread: timedelta) -> datetime:
    """Return when to ask somebody as soon as may be, in UTC.

    At once where they work; else in the first hour of their next working day, after `spread`,
    so that what had to wait for one morning does not go out in one second.
    """
    moment = next_working_moment(after, wt)
    if moment == after:
        return moment
    return max(moment, moment_on(moment.astimezone(wt.zone).date(), wt, spread=spread))


def add_working_days(day: date, n: int, wt: WorkingTime) -> date:
    """Return the `n`-th working day after `day`; for 0, `day` itself or the next one that is."""
    day = _working_day_from(day, wt) if n == 0 else day
    for _ in range(n):
        day = _working_day_from(day + _DAY, wt)
    return day


def working_days_before(day: date, n: int, wt: WorkingTime) -> date:
    """Return the `n`-th working day before `day`; for 0, `day` itself or the last one that was.

    An absence does not count here: whoever asks learns from a date before `away_until` that
    there is too little time, and there may be no working day before it at all.
    """
    if n == 0:
        while not _is_on_calendar(day, wt):
            day -= _DAY
    for _ in range(n):
        day -= _DAY
        while not _is_on_calendar(day, wt):
            day -= _DAY
    return day


def moment_on(day: date, wt: WorkingTime, *, spread: timedelta) -> datetime:
    """Return the moment in UTC at which the person is asked on `day`: start of work plus `spread`.

    Args:
        day: A local date; whether it is a working day is the caller's to know.
        wt: The person's hours.
        spread: From 0 up to one hour, by the wall clock. Where the person works for less than
            an hour a day it shrinks in proportion, so that the moment stays inside.
    """
    starts = datetime.combine(day, wt.starts)
    length = datetime.combine(day, wt.ends) - starts
    if length < _SPREAD:
        spread = spread * (length / _SPREAD)
        spread -= spread % _SECOND
    moment = _instant(starts + spread, wt.zone)
    # The spread may end in a gap that swallows the rest of the hours.
    if moment >= _instant(datetime.combine(day, wt.ends), wt.zone):
        return _instant(starts, wt.zone)
    return moment


def spread_of(workspace: WorkspaceId, user: UserId) -> timedelta:
    """Return the person's own delay inside the first working hour: 0–3,599 whole seconds.

    It depends on nothing but the two ids, so it is the same every day and in every process.
    """
    digest = hashlib.sha256(f"{workspace}/{user}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8], "big") % int(_SPREAD.total_seconds()))


def next_working_morning(after: datetime, wt: WorkingTime, spread: timedelta) -> datetime:
    """Return the first `moment_on` a working day that is later than `after`, in UTC."""
    day = _working_day_from(after.astimezone(wt.zone).date(), wt)
    while (moment := moment_on(day, wt, spread=spread)) <= after:
        day = _working_day_from(day + _DAY, wt)
    return moment


def mornings_between(since: datetime, until: datetime, wt: WorkingTime, spread: timedelta) -> int:
    """Return on how many working mornings in (since, until] the person could have been asked."""
    count = 0
    while (since := next_working_morning(since, wt, spread)) <= until:
        count += 1
    return count


def moved(
    due_at: datetime,
    *,
    before: WorkingTime,
    after: WorkingTime,
    spread: timedelta,
    now: datetime,
) -> datetime:
    """Return when what was due at `due_at` is due once the person's zone or hours have changed.

    What was due on the morning of a day stays on the morning of that day, or moves to that of the
    next day on which they work now; what was due at another moment keeps it, where they work then.
    """
    day = due_at.astimezone(before.zone).date()
    if due_at == moment_on(day, before, spread=spread):
        moment = moment_on(add_working_days(day, 0, after), after, spread=spread)
    else:
        moment = next_asking_moment(due_at, after, spread)
    return moment if moment > now else next_asking_moment(now, after, spread)


def last_working_morning(until: datetime, wt: WorkingTime, spread: timedelta) -> datetime:
    """Return the last `moment_on` a working day at or before `until`, in UTC.

    An absence does not count, as in `working_days_before`.
    """
    day = working_days_before(until.astimezone(wt.zone).date(), 0, wt)
    while (moment := moment_on(day, wt, spread=spread)) > until:
        day = working_days_before(day, 1, wt)
    return moment


def _working_day_from(day: date, wt: WorkingTime) -> date:
    if wt.away_until is not None:
        day = max(day, wt.away_until)
    while not _is_on_calendar(day, wt):
        day += _DAY
    return day


def _is_on_calendar(day: date, wt: WorkingTime) -> bool:
    if day.weekday() not in wt.weekdays or day in wt.holidays:
        return False
    # A gap swallows the whole day only where these two readings differ; to compare the hours
    # themselves is several times as slow, and no question is asked more often than this one.
    starts = datetime.combine(day, wt.starts, wt.zone).replace(fold=1)
    last = datetime.combine(day, wt.ends, wt.zone) - _MOMENT
    if starts.utcoffset() == last.utcoffset():
        return True
    start, end = _hours_on(day, wt)
    return start < end


def _hours_on(day: date, wt: WorkingTime) -> tuple[datetime, datetime]:
    return (
        _instant(datetime.combine(day, wt.starts), wt.zone),
        _instant(datetime.combine(day, wt.ends), wt.zone),
    )


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC at which `wall` (naive) is first reached in `zone`."""
    first = wall.replace(tzinfo=zone)
    second = first.replace(fold=1)
    instant = first.astimezone(UTC)
    # In a gap the second reading lies before the change and the first one at or after it.
    if first.utcoffset() != second.utcoffset() and second.astimezone(UTC) < instant:
        return _change_between(second.astimezone(UTC), instant, zone)
    return instant


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the first second after `before`, up to `after`, at which the zone has a new offset."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0) if middle.replace(microsecond=0) > before else middle
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
