"""What people fill in: values where all is right, else a sentence beside each field."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assumption import AssumptionDraft, Expected
from bot.domain.member import OwnHours
from bot.slack import form, ids
from bot.slack.me import read_hours
from bot.slack.settings import read_rhythm
from tests.make import ANA, HOME

TODAY = date(2026, 3, 3)


def filled(**fields: Any) -> dict[str, dict[str, Any]]:
    """Fields as Slack sends them, by the kind of what was given."""
    return {block: {ids.INPUT: _state(value)} for block, value in fields.items()}


def _state(value: Any) -> dict[str, Any]:
    match value:
        case time():
            return {"selected_time": f"{value:%H:%M}"}
        case date():
            return {"selected_date": value.isoformat()}
        case list():
            return {"selected_options": [{"value": str(one)} for one in value]}
        case _:
            return {"value": value}


def hours(**fields: Any) -> dict[str, dict[str, Any]]:
    usual = {ids.STARTS: time(9), ids.ENDS: time(17), ids.WEEKDAYS: [0, 1, 2, 3, 4]}
    return filled(**{**usual, **fields})


def test_usual_hours_set_nothing_so_that_they_follow_the_zone() -> None:
    assert read_hours(hours(), today=TODAY) == OwnHours()


def test_own_hours_are_read() -> None:
    own = read_hours(
        hours(starts=time(7, 30), weekdays=[0, 5], away=date(2026, 3, 9), country="pt"),
        today=TODAY,
    )

    assert own == OwnHours(
        starts=time(7, 30),
        weekdays=frozenset({0, 5}),
        country="PT",
        away_until=date(2026, 3, 9),
    )


def test_working_on_holidays_is_not_the_same_as_saying_nothing() -> None:
    assert read_hours(hours(country="None"), today=TODAY) == OwnHours(country="")


@pytest.mark.parametrize(
    ("fields", "block"),
    [
        ({"starts": time(17)}, ids.ENDS),
        ({"weekdays": []}, ids.WEEKDAYS),
        ({"away": date(2028, 1, 1)}, ids.AWAY),
    ],
)
def test_hours_that_cannot_be_are_told_beside_their_field(
    fields: dict[str, Any], block: str
) -> None:
    read = read_hours(hours(**fields), today=TODAY)

    assert isinstance(read, dict)
    assert list(read) == [block]


def test_an_absence_that_is_over_is_forgotten() -> None:
    assert read_hours(hours(away=TODAY), today=TODAY) == OwnHours()


def test_a_rhythm_is_read_as_the_cadence_reads_it() -> None:
    values = filled(first_ask="0", remind_after="2", reminders="3", lifetime="30")

    assert read_rhythm(values) == (
        {
            "first_ask_working_days": 0,
            "remind_after_working_days": 2,
            "reminders": 3,
            "lifetime_days": 30,
            "requires_evidence": True,
        },
        {},
    )


@given(st.text(max_size=4))
def test_a_rhythm_takes_whole_numbers_within_their_bounds_alone(typed: str) -> None:
    values = filled(first_ask=typed, remind_after="0", reminders="3", lifetime="30")

    rhythm, mistakes = read_rhythm(values)

    assert ids.REMIND_AFTER in mistakes
    is_number = typed.strip().isascii() and typed.strip().isdigit() and int(typed) <= 365
    assert ("first_ask_working_days" in rhythm) == is_number
    assert (ids.FIRST_ASK in mistakes) == (not is_number)


@pytest.mark.parametrize(
    ("typed", "figure"),
    [("3", "3"), ("2,5", "2.5"), (" -0.25 ", "-0.25"), ("+7", "7"), ("100", "100")],
)
def test_a_figure_may_have_a_comma_a_point_or_a_sign(typed: str, figure: str) -> None:
    assert form.read_figure(typed) == Decimal(figure)


@pytest.mark.parametrize("typed", ["", "a few", "1e9", "1.2.3", "٣", "3 weeks", "NaN", "1" * 16])
def test_what_is_no_plain_figure_is_none(typed: str) -> None:
    assert form.read_figure(typed) is None


def test_an_expectation_has_all_its_parts_or_none() -> None:
    mistakes: form.Mistakes = {}
    assert form.read_expected(filled(), mistakes=mistakes) is None
    assert mistakes == {}

    whole = filled(figure="3", unit="engineer-weeks", check_on=date(2026, 5, 1))
    assert form.read_expected(whole, mistakes=mistakes) == Expected(
        figure=Decimal(3), unit="engineer-weeks", check_on=date(2026, 5, 1)
    )

    assert form.read_expected(filled(unit="days"), mistakes=mistakes) is None
    assert set(mistakes) == {ids.FIGURE, ids.CHECK_ON}


def read_assumption(
    fields: dict[str, Any], *, kept_day: date | None = None
) -> AssumptionDraft | form.Mistakes:
    values = filled(**{ids.STATEMENT: "It is live", **fields})
    return form.read_assumption(
        values, by=ANA, channel=HOME, permalink=None, today=TODAY, kept_day=kept_day
    )


@pytest.mark.parametrize(
    ("block", "given", "told"),
    [
        (ids.TAGS, ",".join("abcdefghijk"), "Give at most 10 tags, not 11."),
        (ids.SERVICES, "b" * 51, "Keep each of the services under 51 characters"),
        (ids.VALIDATE_BY, date(2036, 3, 5), "within ten years"),
        (ids.VALIDATE_BY, date(2026, 3, 2), "has passed"),
    ],
)
def test_what_no_log_needs_is_told_beside_its_field(block: str, given: Any, told: str) -> None:
    mistakes = read_assumption({block: given})

    assert isinstance(mistakes, dict)
    assert list(mistakes) == [block]
    assert told in mistakes[block]


def test_as_much_as_is_kept_is_no_mistake() -> None:
    tags = [letter * 50 for letter in "abcdefghij"]

    draft = read_assumption({ids.TAGS: ", ".join(tags), ids.VALIDATE_BY: date(2036, 3, 3)})

    assert isinstance(draft, AssumptionDraft)
    assert draft.tags == tuple(tags)


def test_a_day_that_was_there_before_may_stay_however_far_it_is() -> None:
    far = date(2060, 1, 1)

    assert isinstance(read_assumption({ids.VALIDATE_BY: far}, kept_day=far), AssumptionDraft)
