"""The time of a report, from people's words."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cycle import cycle_at, cycle_before, cycle_numbered
from bot.domain.errors import UserFixableError
from bot.domain.period import Calendar, read_period

NOW = datetime(2026, 5, 13, 15, 30, tzinfo=UTC)  # a Wednesday
LISBON = ZoneInfo("Europe/Lisbon")
FIRST_DAY = date(2026, 1, 5)  # a Monday
DAYS = {"march 1": date(2026, 3, 1), "march 31": date(2026, 3, 31), "2026-04-05": date(2026, 4, 5)}


def calendar(zone: ZoneInfo = LISBON, first_day: date | None = FIRST_DAY) -> Calendar:
    return Calendar(now=NOW, zone=zone, first_day=first_day, read_day=DAYS.get)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("90 days", 90),
        ("last 90 days", 90),
        ("the past 6 weeks", 42),
        ("30d", 30),
        ("2w", 14),
        ("week", 7),
        ("quarter", 91),
        ("a year", 365),
        ("1 day", 1),
    ],
)
def test_a_number_of_days_ends_now(words: str, days: int) -> None:
    found = read_period(words, calendar())

    assert found is not None
    assert (found.since, found.until) == (NOW - timedelta(days=days), NOW)


@pytest.mark.parametrize(
    ("words", "first", "after"),
    [
        ("this week", date(2026, 5, 11), date(2026, 5, 18)),
        ("last week", date(2026, 5, 4), date(2026, 5, 11)),
        ("last month", date(2026, 4, 1), date(2026, 5, 1)),
        ("this quarter", date(2026, 4, 1), date(2026, 7, 1)),
        ("last quarter", date(2026, 1, 1), date(2026, 4, 1)),
        ("last year", date(2025, 1, 1), date(2026, 1, 1)),
        ("2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("q4 2025", date(2025, 10, 1), date(2026, 1, 1)),
        ("Dec 2025", date(2025, 12, 1), date(2026, 1, 1)),
        ("this cycle", date(2026, 4, 27), date(2026, 6, 22)),
        ("last cycle", date(2026, 3, 2), date(2026, 4, 27)),
        ("cycle 1", date(2026, 1, 5), date(2026, 3, 2)),
        ("march 1 to march 31", date(2026, 3, 1), date(2026, 4, 1)),
        ("march 1 until 2026-04-05", date(2026, 3, 1), date(2026, 4, 6)),
        ("since march 1", date(2026, 3, 1), date(2026, 5, 14)),
    ],
)
def test_whole_days_begin_at_the_readers_midnight(words: str, first: date, after: date) -> None:
    found = read_period(words, calendar())

    assert found is not None
    assert found.since == datetime(first.year, first.month, first.day, tzinfo=LISBON)
    assert found.until == datetime(after.year, after.month, after.day, tzinfo=LISBON)


@pytest.mark.parametrize(
    "words", ["", "soon", "0 days", "99999 days", "q5 2026", "mayhem 2026", "blah to march 1"]
)
def test_other_words_name_no_time(words: str) -> None:
    assert read_period(words, calendar()) is None


def test_a_cycle_needs_a_project() -> None:
    with pytest.raises(UserFixableError, match="Name one"):
        read_period("this cycle", calendar(first_day=None))


def test_an_end_before_the_beginning_is_said() -> None:
    with pytest.raises(UserFixableError, match="ends before it begins"):
        read_period("march 31 to march 1", calendar())


@given(
    first_day=st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    day=st.dates(date(2000, 1, 1), date(2050, 1, 1)),
)
def test_every_day_lies_in_one_cycle_of_eight_weeks(first_day: date, day: date) -> None:
    cycle = cycle_at(first_day, day)

    assert cycle.starts <= day < cycle.ends
    assert cycle.cooldown - cycle.starts == timedelta(weeks=6)
    assert cycle.ends - cycle.cooldown == timedelta(weeks=2)
    assert cycle_before(first_day, day).ends == cycle.starts
    assert cycle_numbered(first_day, cycle.number) == cycle
    assert (cycle.starts - first_day).days == 56 * (cycle.number - 1)
