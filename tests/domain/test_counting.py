"""What outages and an owner's decision do to the fold of a history."""

from datetime import datetime

from bot.domain.assumption import Quorum, Status
from bot.domain.history import (
    ContestDecided,
    Happening,
    OutageCounted,
    as_of,
    is_contested,
    standing,
    turns,
)
from bot.domain.ids import UserId
from bot.domain.validation import Answer
from tests.make import ANA, BO, CY, DAY, NOON, answered, key, logged, make_history

Happened = tuple[datetime, UserId | None, Happening]

UNTIL = NOON + 30 * DAY
LOGGED = (NOON - 5 * DAY, ANA, logged(stakeholders=(BO, CY)))
YES = (NOON, BO, answered(Answer.HOLDS, UNTIL))
NO = (NOON + DAY, CY, answered(Answer.FAILS))


def lost(start: int, end: int) -> Happened:
    since, until = NOON + start * DAY, NOON + end * DAY
    return since, None, OutageCounted(since=since, until=until)


def decided(day: int, *, holds: bool) -> Happened:
    until = NOON + 60 * DAY if holds else None
    return NOON + day * DAY, ANA, ContestDecided(holds=holds, valid_until=until)


def test_an_outage_lengthens_the_life_of_the_answers_that_it_met() -> None:
    after = standing(make_history(LOGGED, YES, lost(2, 9), lost(20, 21)))

    assert after.valid_until == UNTIL + 8 * DAY


def test_an_outage_before_an_answer_or_after_its_end_changes_nothing() -> None:
    after = standing(make_history(LOGGED, lost(-3, -1), YES, lost(31, 40)))

    assert after.valid_until == UNTIL


def test_an_outage_that_an_answer_would_have_expired_in_leaves_it_alive_throughout() -> None:
    events = make_history(LOGGED, YES, lost(29, 36))

    assert not any(as_of(events, NOON + day * DAY).is_stale for day in range(37))
    assert as_of(events, NOON + 37 * DAY).is_stale
    assert turns(events)[-1][1].valid_until == NOON + 37 * DAY


def test_a_decision_for_yes_overrules_the_no() -> None:
    events = make_history(LOGGED, YES, NO, decided(2, holds=True))

    assert standing(events).status is Status.VALIDATED
    assert not is_contested(events, key())
    assert is_contested(events[:-1], key())


def test_with_quorum_all_a_decision_stands_for_the_one_who_was_overruled() -> None:
    first = (NOON - 5 * DAY, ANA, logged(quorum=Quorum.ALL, stakeholders=(BO, CY)))
    events = make_history(first, YES, NO, decided(2, holds=True))

    assert standing(events).status is Status.VALIDATED
    assert standing(events).valid_until == UNTIL  # Bo's own answer ends first


def test_a_decision_for_no_leaves_it_refuted_since_the_no() -> None:
    events = make_history(LOGGED, YES, NO, decided(2, holds=False))

    assert standing(events).status is Status.REFUTED
    assert standing(events).refuted_at == NOON + DAY
    assert not is_contested(events, key())


def test_an_answer_after_the_decision_counts_as_ever() -> None:
    again = (NOON + 3 * DAY, CY, answered(Answer.FAILS))
    events = make_history(LOGGED, YES, NO, decided(2, holds=True), again)

    assert standing(events).status is Status.REFUTED
    assert is_contested(events, key())
