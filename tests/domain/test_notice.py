"""When a project's channel hears something by itself."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.notice import NoticeKind, next_moment, week_before

FIRST_DAY = date(2026, 1, 5)
LISBON = ZoneInfo("Europe/Lisbon")


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LISBON)


@pytest.mark.parametrize(
    ("kind", "after", "expected"),
    [
        (NoticeKind.DIGEST, at(3, 4, 12), at(3, 9, 9)),
        (NoticeKind.DIGEST, at(3, 9, 8, 59), at(3, 9, 9)),
        (NoticeKind.DIGEST, at(3, 9, 9), at(3, 16, 9)),
        (NoticeKind.DIGEST, at(3, 24, 9), at(3, 30, 9)),  # DST between
        (NoticeKind.CYCLE_START, at(1, 5, 8), at(1, 5, 9)),
        (NoticeKind.CYCLE_START, at(1, 5, 9), at(3, 2, 9)),
        (NoticeKind.RETROSPECTIVE, at(1, 5, 9), at(2, 16, 9)),
        (NoticeKind.RETROSPECTIVE, at(2, 20, 9), at(4, 13, 9)),
    ],
)
def test_it_comes_at_nine_where_the_lead_is(
    kind: NoticeKind, after: datetime, expected: datetime
) -> None:
    found = next_moment(kind, first_day=FIRST_DAY, after=after, zone=LISBON)

    assert found == expected


@given(
    kind=st.sampled_from(NoticeKind),
    after=st.integers(0, 90_000).map(lambda hours: at(1, 1) + timedelta(hours=hours)),
    first_day=st.dates(date(2019, 1, 1), date(2031, 1, 1)),
)
def test_it_is_always_ahead_and_within_one_turn(
    kind: NoticeKind, after: datetime, first_day: date
) -> None:
    found = next_moment(kind, first_day=first_day, after=after, zone=UTC)

    longest = timedelta(weeks=1 if kind is NoticeKind.DIGEST else 8)
    assert timedelta(0) < found - after <= longest


def test_each_digest_s_week_begins_where_the_one_before_ended() -> None:
    mondays = [at(3, 23, 9)]  # the clocks change on 29 March
    while len(mondays) < 40:  # and on 25 October
        after = mondays[-1]
        mondays.append(
            next_moment(NoticeKind.DIGEST, first_day=FIRST_DAY, after=after, zone=LISBON)
        )

    assert [week_before(one, LISBON) for one in mondays[1:]] == mondays[:-1]
