"""What an outage may not leave behind is noticed."""

from dataclasses import replace
from datetime import timedelta

from tests.chaos.outages import Recovered

CLEAN = Recovered(
    gap=timedelta(hours=1),
    people=3,
    told=3,
    overdue=30,
    asked=24,
    waiting=6,
    unexplained=0,
    crowded=0,
    refused=0,
    seconds=1.0,
    worked=0.5,
    bound=0.0,
)


def test_a_full_message_for_each_person_is_right() -> None:
    assert CLEAN.holds


def test_hardly_anything_asked_though_all_is_planned_on_is_noticed() -> None:
    assert not replace(CLEAN, asked=1, waiting=29, told=1).holds


def test_somebody_who_got_no_message_or_a_question_too_few_is_noticed() -> None:
    assert not replace(CLEAN, told=2).holds
    assert not replace(CLEAN, asked=23, waiting=7).holds
