"""Working time against an oracle that knows only UTC minutes and what each zone's clock shows."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.ids import UserId
from bot.domain.member import WorkingTime
from bot.domain.working_time import (
    add_working_days,
    is_working,
    is_working_day,
    moment_on,
    mornings_between,
    moved,
    next_asking_moment,
    next_working_moment,
    next_working_morning,
    spread_of,
    working_days_before,
)
from tests.make import DAY, HOUR, MINUTE, NOON, WORKSPACE, make_working_time

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2035, 12, 31, tzinfo=UTC)


@cache
def changes_of(zone: str) -> tuple[datetime, ...]:
    """The UTC days in which the zone's clock changes, 2020–2035."""
    tz = ZoneInfo(zone)
    days = [FIRST + n * DAY for n in range((LAST - FIRST).days)]
    offsets = [day.astimezone(tz).utcoffset() for day in days]
    return tuple(
        day for day, now, then in zip(days, offsets, offsets[1:], strict=False) if now != then
    )


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """Any minute of 2020–2035, most often one near a change of the zone's clock."""
    changes = changes_of(zone)
    is_near: bool = draw(st.booleans())
    if changes and is_near:
        near: datetime = draw(st.sampled_from(changes))
        return near + draw(st.integers(-2 * 1440, 3 * 1440)) * MINUTE
    return FIRST + draw(st.integers(0, (LAST - FIRST) // MINUTE)) * MINUTE


@st.composite
def calendars(draw: st.DrawFn) -> WorkingTime:
    zone = draw(st.sampled_from(ZONES))
    # Short hours at night may lie wholly in what a change of the clock leaves out or repeats.
    is_short: bool = draw(st.booleans())
    starts: int = draw(st.integers(0, 200 if is_short else 1400))
    ends = draw(st.integers(starts + 1, starts + 90 if is_short else 1439))
    return WorkingTime(
        zone=ZoneInfo(zone),
        starts=time(starts // 60, starts % 60),
        ends=time(ends // 60, ends % 60),
        weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        holidays=draw(st.just(frozenset()) | st.frozensets(_dates, max_size=3)),
    )


_dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))
_spreads = st.integers(0, 59).map(lambda minutes: minutes * MINUTE)


def shows_working_time(at: datetime, wt: WorkingTime) -> bool:
    """Read the wall clock; a day ends for good when `ends` is reached the first time."""
    wall = at.astimezone(wt.zone)
    if wall.weekday() not in wt.weekdays or wall.date() in wt.holidays:
        return False
    if wt.away_until is not None and wall.date() < wt.away_until:
        return False
    if not wt.starts <= wall.time() < wt.ends:
        return False
    if wall.utcoffset() == (at - 3 * HOUR).astimezone(wt.zone).utcoffset():
        return True
    earlier = (at - n * MINUTE for n in range(1, 181))
    return not any(
        then.time() >= wt.ends and then.date() == wall.date()
        for then in (moment.astimezone(wt.zone) for moment in earlier)
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_next_working_moment_is_the_first_minute_that_the_wall_clock_allows(
    data: st.DataObject,
) -> None:
    wt = data.draw(calendars())
    after = data.draw(moments(wt.zone.key))

    found = next_working_moment(after, wt)

    assert found >= after
    assert shows_working_time(found, wt)
    nearest_earlier = min((found - after) // MINUTE, 3 * 1440)
    for minute in range(1, nearest_earlier + 1):
        wall = (found - minute * MINUTE).astimezone(wt.zone)
        if wt.starts <= wall.time() < wt.ends:
            assert not shows_working_time(found - minute * MINUTE, wt)
    assert is_working(after, wt) == shows_working_time(after, wt)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_moment_on_a_day_is_when_the_wall_clock_first_reaches_it(data: st.DataObject) -> None:
    wt = data.draw(calendars())
    near = data.draw(moments(wt.zone.key))
    day = near.astimezone(wt.zone).date()
    assume(is_working_day(day, wt))
    assume(time_between(wt) >= HOUR)
    spread = data.draw(_spreads)

    found = moment_on(day, wt, spread=spread)

    wanted = (datetime.combine(day, wt.starts) + spread).time()
    midnight = datetime.combine(day, time(0), UTC) - 16 * HOUR
    minutes = (midnight + n * MINUTE for n in range(48 * 60))
    walls = ((at, at.astimezone(wt.zone)) for at in minutes)
    assert found == next(at for at, w in walls if w.date() == day and w.time() >= wanted)


def time_between(wt: WorkingTime) -> timedelta:
    return datetime.combine(date.min, wt.ends) - datetime.combine(date.min, wt.starts)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_morning_lies_in_working_time_inside_the_first_hour(data: st.DataObject) -> None:
    wt = data.draw(calendars())
    after = data.draw(moments(wt.zone.key))
    spread = timedelta(seconds=data.draw(st.integers(0, 3599)))

    morning = next_working_morning(after, wt, spread)
    soon = next_asking_moment(after, wt, spread)

    assert morning > after
    assert soon >= after
    assert is_working(soon, wt)
    assert soon <= morning
    # On the day that the clock goes forward, work that began in the gap may be over at once.
    assert is_working(morning, wt)
    wall = morning.astimezone(wt.zone)
    since_start = datetime.combine(wall.date(), wall.time()) - datetime.combine(
        wall.date(), wt.starts
    )
    gap = moment_on(wall.date(), wt, spread=timedelta(0)) == morning
    assert timedelta(0) <= since_start < HOUR or gap


def test_nine_in_the_morning_stays_nine_across_the_change_of_the_clock() -> None:
    wt = make_working_time("Europe/Berlin")

    before = moment_on(date(2026, 3, 27), wt, spread=timedelta(0))
    after = moment_on(date(2026, 3, 30), wt, spread=timedelta(0))

    assert before == datetime(2026, 3, 27, 8, tzinfo=UTC)
    assert after == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_a_time_that_does_not_exist_becomes_the_first_that_does() -> None:
    wt = make_working_time("Europe/Berlin", starts=time(2, 30), weekdays=frozenset(range(7)))

    moment = moment_on(date(2026, 3, 29), wt, spread=timedelta(0))

    assert moment == datetime(2026, 3, 29, 1, tzinfo=UTC)  # three o'clock summer time


def test_a_time_that_comes_twice_means_its_first() -> None:
    wt = make_working_time("Europe/Berlin", starts=time(2, 30), weekdays=frozenset(range(7)))

    moment = moment_on(date(2026, 10, 25), wt, spread=timedelta(0))

    assert moment == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # still summer time


def test_work_pauses_while_a_clock_set_back_shows_a_time_before_its_start() -> None:
    wt = make_working_time("Europe/Berlin", starts=time(2, 30), weekdays=frozenset(range(7)))

    ten_past_two_again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert next_working_moment(ten_past_two_again, wt) == ten_past_two_again + 20 * MINUTE
    assert not is_working(ten_past_two_again, wt)


def test_a_day_whose_hours_the_clock_skips_is_no_working_day() -> None:
    wt = make_working_time(
        "Europe/Berlin", starts=time(2), ends=time(3), weekdays=frozenset(range(7))
    )

    assert not is_working_day(date(2026, 3, 29), wt)
    assert add_working_days(date(2026, 3, 28), 1, wt) == date(2026, 3, 30)


def test_a_spread_that_ends_in_a_gap_after_which_work_is_over_falls_back_to_the_start() -> None:
    wt = make_working_time(
        "America/Chicago", starts=time(1, 30), ends=time(2, 31), weekdays=frozenset(range(7))
    )

    moment = moment_on(date(2026, 3, 8), wt, spread=timedelta(minutes=40))

    assert moment == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # half past one; three comes at eight


def test_weekends_holidays_and_absences_are_passed_over() -> None:
    wt = make_working_time(holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
    away = make_working_time(away_until=date(2026, 4, 15))

    assert add_working_days(date(2026, 4, 2), 1, wt) == date(2026, 4, 7)
    assert working_days_before(date(2026, 4, 7), 1, wt) == date(2026, 4, 2)
    assert add_working_days(date(2026, 4, 1), 1, away) == date(2026, 4, 15)
    assert next_working_moment(datetime(2026, 4, 1, 12, tzinfo=UTC), away) == datetime(
        2026, 4, 15, 9, tzinfo=UTC
    )


@given(_dates, st.integers(0, 30), calendars())
def test_counting_working_days_forward_and_back_meets(day: date, n: int, wt: WorkingTime) -> None:
    start = add_working_days(day, 0, wt)

    ahead = add_working_days(start, n, wt)

    assert working_days_before(ahead, n, wt) == start
    between = [start + k * DAY for k in range(1, (ahead - start).days + 1)]
    assert sum(is_working_day(one, wt) for one in between) == n


def test_a_person_who_works_for_less_than_an_hour_is_asked_inside_it() -> None:
    wt = make_working_time(starts=time(9), ends=time(9, 30))

    moment = moment_on(date(2026, 3, 3), wt, spread=timedelta(minutes=59))

    assert is_working(moment, wt)


def test_the_spread_is_fixed_for_a_person_and_differs_between_people() -> None:
    spreads = [spread_of(WORKSPACE, UserId(f"U{n}")) for n in range(200)]

    assert spreads == [spread_of(WORKSPACE, UserId(f"U{n}")) for n in range(200)]
    assert all(timedelta(0) <= one < HOUR for one in spreads)
    assert len(set(spreads)) > 150
    assert spread_of(WORKSPACE, UserId("U1")) == timedelta(seconds=716)


@pytest.mark.parametrize("hour", [8, 17, 23])
def test_outside_of_working_hours_nobody_works(hour: int) -> None:
    assert not is_working(datetime(2026, 3, 3, hour, tzinfo=UTC), make_working_time())


def test_what_is_due_on_a_morning_stays_on_that_day_s_morning_in_another_zone() -> None:
    lisbon, tokyo = make_working_time("Europe/Lisbon"), make_working_time("Asia/Tokyo")
    day = date(2026, 3, 12)

    due_at = moved(
        moment_on(day, lisbon, spread=MINUTE), before=lisbon, after=tokyo, spread=MINUTE, now=NOON
    )

    assert due_at == moment_on(day, tokyo, spread=MINUTE)


def test_what_is_due_on_a_day_that_is_none_any_more_moves_to_the_next() -> None:
    wt = make_working_time()
    off = replace(wt, weekdays=frozenset({0, 1}))
    thursday = moment_on(date(2026, 3, 12), wt, spread=MINUTE)

    due_at = moved(thursday, before=wt, after=off, spread=MINUTE, now=NOON)

    assert due_at == moment_on(date(2026, 3, 16), off, spread=MINUTE)


def test_what_would_have_been_due_already_is_due_as_soon_as_they_work() -> None:
    new_york, tokyo = make_working_time("America/New_York"), make_working_time("Asia/Tokyo")
    today = moment_on(NOON.date(), new_york, spread=MINUTE)  # later today there, past in Tokyo

    due_at = moved(today, before=new_york, after=tokyo, spread=MINUTE, now=NOON)

    assert due_at == moment_on(date(2026, 3, 4), tokyo, spread=MINUTE)


def test_lost_mornings_are_working_mornings() -> None:
    wt = make_working_time()
    friday_noon = datetime(2026, 3, 6, 12, tzinfo=UTC)

    lost = [
        mornings_between(friday_noon, friday_noon + days * DAY, wt, MINUTE) for days in (0, 1, 3, 7)
    ]

    assert lost == [0, 0, 1, 5]
