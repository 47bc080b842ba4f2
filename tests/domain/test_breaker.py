from bot.domain.breaker import (
    LIMIT,
    PAUSE,
    Breaker,
    BreakerState,
    after_answer,
    after_question,
    after_silence,
    without_trial,
)
from tests.make import DAY, NOON, key


def silent(times: int) -> Breaker:
    breaker = Breaker()
    for number in range(1, times + 1):
        breaker = after_silence(breaker, key(number), NOON)
    return breaker


def test_it_opens_at_the_third_silence_in_a_row() -> None:
    states = [silent(times).state(NOON) for times in range(LIMIT + 1)]

    assert states == [BreakerState.CLOSED] * LIMIT + [BreakerState.OPEN]


def test_while_it_is_open_no_new_question_goes_out_and_a_week_later_one_does() -> None:
    breaker = silent(LIMIT)

    assert not breaker.takes_new_question(NOON + PAUSE - DAY)
    assert breaker.takes_new_question(NOON + PAUSE)
    assert not after_question(breaker, key(9), NOON + PAUSE).takes_new_question(NOON + PAUSE)


def test_a_ladder_that_ends_while_it_is_open_or_on_trial_does_not_lengthen_the_pause() -> None:
    breaker = silent(LIMIT)
    during = after_silence(breaker, key(8), NOON + DAY)
    trial = after_question(during, key(9), NOON + PAUSE)

    after = after_silence(trial, key(7), NOON + PAUSE + DAY)

    assert after.open_until == breaker.open_until
    assert after.trial == key(9)


def test_a_silent_trial_opens_it_anew() -> None:
    trial = after_question(silent(LIMIT), key(9), NOON + PAUSE)

    after = after_silence(trial, key(9), NOON + 2 * PAUSE)

    assert after.open_until == NOON + 3 * PAUSE
    assert after.trial is None


def test_a_trial_that_comes_to_nothing_makes_room_for_another() -> None:
    trial = after_question(silent(LIMIT), key(9), NOON + PAUSE)

    assert without_trial(trial).takes_new_question(NOON + PAUSE)


def test_a_question_to_somebody_who_answers_is_no_trial() -> None:
    assert after_question(Breaker(), key(), NOON) == Breaker()


def test_any_answer_closes_it() -> None:
    assert after_answer().state(NOON) is BreakerState.CLOSED
