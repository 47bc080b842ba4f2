"""Dates in words; Tuesday 3 March 2026, noon in London, 21:00 in Tokyo."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.usecases.dates import Prefer, read_date, read_moment
from tests.make import NOON, make_working_time

UTC_ZONE = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = make_working_time()


def day(text: str, *, zone: ZoneInfo = UTC_ZONE, now: datetime = NOON) -> date | None:
    return read_date(text, now=now, zone=zone, wt=OFFICE)


def moment(
    text: str, *, zone: ZoneInfo = UTC_ZONE, prefer: Prefer = Prefer.PAST
) -> datetime | None:
    return read_moment(text, now=NOON, zone=zone, prefer=prefer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", date(2026, 3, 3)),
        ("tomorrow", date(2026, 3, 4)),
        ("Day after tomorrow", date(2026, 3, 5)),
        ("tuesday", date(2026, 3, 3)),
        ("friday", date(2026, 3, 6)),
        ("by Friday", date(2026, 3, 6)),
        ("eod friday", date(2026, 3, 6)),
        ("end of day friday", date(2026, 3, 6)),
        ("Mon", date(2026, 3, 9)),
        ("next monday", date(2026, 3, 9)),
        ("next friday", date(2026, 3, 13)),
        ("this thursday", date(2026, 3, 5)),
        ("next week", date(2026, 3, 9)),
        ("end of week", date(2026, 3, 6)),
        ("end of next week", date(2026, 3, 13)),
        ("end of month", date(2026, 3, 31)),
        ("the end of the month", date(2026, 3, 31)),
        ("eom", date(2026, 3, 31)),
        ("end of next month", date(2026, 4, 30)),
        ("end of quarter", date(2026, 3, 31)),
        ("end of year", date(2026, 12, 31)),
        ("end of february", date(2027, 2, 28)),
        ("in 3 days", date(2026, 3, 6)),
        ("in two weeks", date(2026, 3, 17)),
        ("in a month", date(2026, 4, 3)),
        ("in 3 working days", date(2026, 3, 6)),
        ("in 4 business days", date(2026, 3, 9)),
        ("march 20", date(2026, 3, 20)),
        ("Mar. 20th", date(2026, 3, 20)),
        ("20 march", date(2026, 3, 20)),
        ("the 20th of March", date(2026, 3, 20)),
        ("March 1", date(2027, 3, 1)),
        ("March 20, 2027", date(2027, 3, 20)),
        ("february 29", date(2028, 2, 29)),
        ("2026-03-20", date(2026, 3, 20)),
        ("2026-02-01", date(2026, 2, 1)),
    ],
)
def test_a_day_is_read_from_words(text: str, expected: date) -> None:
    assert day(text) == expected


def test_a_phrase_that_only_the_library_knows_is_read_too() -> None:
    assert day("3 weeks from now") == date(2026, 3, 24)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "when it is done", "3", "february 30", "2026-13-40", "in a while", "x" * 200],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert day(text) is None


def test_today_is_the_persons_own() -> None:
    just_after_midnight_utc = datetime(2026, 3, 4, 2, tzinfo=UTC)

    assert day("today", zone=NEW_YORK, now=just_after_midnight_utc) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOON),
        ("10:30", datetime(2026, 3, 3, 10, 30, tzinfo=UTC)),
        ("since 14:05", datetime(2026, 3, 2, 14, 5, tzinfo=UTC)),
        ("2pm", datetime(2026, 3, 2, 14, tzinfo=UTC)),
        ("12 am", datetime(2026, 3, 3, tzinfo=UTC)),
        ("today 09:15", datetime(2026, 3, 3, 9, 15, tzinfo=UTC)),
        ("yesterday", datetime(2026, 3, 2, tzinfo=UTC)),
        ("yesterday at 3pm", datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ("monday", datetime(2026, 3, 2, tzinfo=UTC)),
        ("last tuesday", datetime(2026, 2, 24, tzinfo=UTC)),
        ("friday 16:00", datetime(2026, 2, 27, 16, tzinfo=UTC)),
        ("March 20", datetime(2025, 3, 20, tzinfo=UTC)),
        ("2026-03-01 08:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_moment_in_the_past_is_read_from_words(text: str, expected: datetime) -> None:
    assert moment(text) == expected


def test_a_time_of_day_is_in_the_persons_zone() -> None:
    assert moment("06:30", zone=NEW_YORK) == datetime(2026, 3, 3, 11, 30, tzinfo=UTC)


def test_two_hours_ago_is_left_to_the_library() -> None:
    assert moment("2 hours ago") == NOON - timedelta(hours=2)


@pytest.mark.parametrize("text", ["", "7", "25:99", "13pm", "whenever"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text) is None


@given(text=st.text(max_size=60))
def test_any_text_gives_an_answer_and_never_an_error(text: str) -> None:
    found, at = day(text), moment(text)

    assert found is None or type(found) is date
    assert at is None or at.utcoffset() == timedelta(0)


@given(days=st.integers(min_value=1, max_value=400))
def test_a_day_that_is_counted_from_today_is_that_far_away(days: int) -> None:
    assert day(f"in {days} days") == NOON.date() + timedelta(days=days)
