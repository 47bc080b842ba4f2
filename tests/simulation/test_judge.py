"""The judge sees what it is there to see: a log that is right passes, each break of it fails."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.assumption import Impact
from bot.domain.outbox import MessageKind
from bot.domain.prompt import PromptKey, PromptKind
from tests.make import BO, HOME, key
from tests.simulation.company import Sent
from tests.simulation.judge import Hours, judge

HOURS = {str(BO): Hours(zone="Europe/Berlin", holidays=frozenset({date(2026, 4, 6)}))}
IMPACTS = {key(n): Impact.CRITICAL if n == 1 else Impact.MEDIUM for n in range(1, 20)}
TEN = datetime(2026, 3, 3, 9, tzinfo=UTC)  # in Berlin, on a Tuesday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def asked(*numbers: int, at: datetime, kind: PromptKind = PromptKind.ASK, attempt: int = 1) -> Sent:
    keys = tuple(
        PromptKey(assumption=key(n), stakeholder=BO, round=1, kind=kind, attempt=attempt)
        for n in numbers
    )
    return Sent(at=at, kind=MessageKind.ASK, to=BO, asks=keys)


RIGHT = [
    asked(2, 3, at=TEN),
    asked(1, at=TEN + HOUR),
    asked(2, 3, at=TEN + 3 * DAY, kind=PromptKind.REMIND),
    asked(4, at=TEN + 6 * DAY),
]


def test_a_log_that_is_right_passes() -> None:
    assert judge(RIGHT, HOURS, IMPACTS).is_clean


WRONG = {
    "in the evening": ("outside_hours", asked(9, at=TEN + DAY + 8 * HOUR)),
    "on a Saturday": ("outside_hours", asked(9, at=TEN + 4 * DAY)),
    "on Easter Monday": ("outside_hours", asked(9, at=TEN + 34 * DAY - HOUR)),
    "a second digest": ("second_digests", asked(9, at=TEN + HOUR)),
    "a second urgent one": (
        "second_urgents",
        asked(1, at=TEN + 2 * HOUR, kind=PromptKind.REFRESH),
    ),
    "nine at once": ("too_long", asked(*range(7, 16), at=TEN + DAY)),
    "asked again": ("doubled", asked(4, at=TEN + 7 * DAY)),
    "a reminder of nothing": (
        "out_of_order",
        asked(5, at=TEN + 7 * DAY, kind=PromptKind.REMIND),
    ),
    "a reminder left out": (
        "out_of_order",
        asked(2, at=TEN + 7 * DAY, kind=PromptKind.REMIND, attempt=3),
    ),
    "a reminder on the same day": (
        "out_of_order",
        asked(4, at=TEN + 6 * DAY + HOUR, kind=PromptKind.REMIND),
    ),
}


@pytest.mark.parametrize(("found", "wrong"), WRONG.values(), ids=WRONG.keys())
def test_it_finds_what_is_wrong(found: str, wrong: Sent) -> None:
    verdict = judge([*RIGHT, wrong], HOURS, IMPACTS)

    assert getattr(verdict, found), verdict


TOLD_AT_NIGHT = Sent(at=TEN + 13 * HOUR, kind=MessageKind.UNANSWERED, to=BO)


TOLD = {
    "in the evening": (TOLD_AT_NIGHT, False),
    "of a refutation, at once": (replace(TOLD_AT_NIGHT, kind=MessageKind.REFUTED), True),
    "in a channel": (replace(TOLD_AT_NIGHT, to=HOME), True),
}


@pytest.mark.parametrize(("told", "is_fine"), TOLD.values(), ids=TOLD.keys())
def test_what_is_told_keeps_hours_too(told: Sent, is_fine: bool) -> None:
    assert judge([told], HOURS, IMPACTS).is_clean is is_fine
