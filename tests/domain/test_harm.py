from datetime import timedelta

import pytest

from bot.domain.assumption import Impact, Status
from bot.domain.harm import expected_harm
from tests.make import DAY, NOON, make_assumption

TODAY = NOON.date()


def test_harm_is_impact_times_doubt_and_says_why() -> None:
    found = expected_harm(make_assumption(impact=Impact.HIGH, confidence_percent=70), NOON)

    assert found.points == pytest.approx(9 * 0.3)
    assert found.reasons == ("high impact", "not confirmed", "its owner is 70 % sure")


@pytest.mark.parametrize(
    ("days", "points", "reason"),
    [
        (60, 13.5, "needed by Saturday 2 May"),
        (14, 20.25, "needed by Tuesday 17 March"),
        (0, 27.0, "needed by Tuesday 3 March"),
        (-5, 27.0, "was needed by Thursday 26 February"),
    ],
)
def test_harm_rises_over_the_four_weeks_before_it_is_needed(
    days: int, points: float, reason: str
) -> None:
    needed = make_assumption(impact=Impact.CRITICAL, validate_by=TODAY + timedelta(days=days))

    found = expected_harm(needed, NOON)

    assert found.points == pytest.approx(points)
    assert found.reasons[-1] == reason


def test_a_stale_answer_worries_less_than_none_and_a_live_one_not_at_all() -> None:
    live = make_assumption(status=Status.VALIDATED, valid_until=NOON + DAY)

    assert expected_harm(live, NOON).points == 0
    assert expected_harm(live, NOON + DAY).points == pytest.approx(3 * 0.5 * 0.7)
    assert expected_harm(live, NOON + DAY).reasons[1] == "its answer has expired"
