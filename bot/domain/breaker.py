"""A breaker for each stakeholder, so that nobody is nagged who does not answer.

Source: design.md, "Asking": three questions in a row that stayed unanswered after their last
reminder, and for a week the person gets no new question; ladders that run finish; then one trial
question; any answer closes the breaker.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.ids import AssumptionKey

LIMIT = 3  # questions in a row
PAUSE = timedelta(days=7)


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"  # the week is over: one trial question


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """What is remembered of one person's silence."""

    silent_in_a_row: int = 0  # questions whose ladder ran out
    open_until: datetime | None = None  # aware UTC; None while closed
    trial: AssumptionKey | None = None  # what the one question of a half-open breaker is about

    def state(self, now: datetime) -> BreakerState:
        if self.open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.open_until else BreakerState.HALF_OPEN

    def takes_new_question(self, now: datetime) -> bool:
        """Whether a question that is not a reminder may go out `now`."""
        match self.state(now):
            case BreakerState.CLOSED:
                return True
            case BreakerState.OPEN:
                return False
            case BreakerState.HALF_OPEN:
                return self.trial is None


def after_question(breaker: Breaker, about: AssumptionKey, now: datetime) -> Breaker:
    """A new question went out `now`; in a half-open breaker it is the trial."""
    if breaker.state(now) is not BreakerState.HALF_OPEN:
        return breaker
    return replace(breaker, trial=about)


def without_trial(breaker: Breaker) -> Breaker:
    """The trial came to nothing, since nobody needs its answer any more: there may be another."""
    return replace(breaker, trial=None)


def after_silence(breaker: Breaker, about: AssumptionKey, now: datetime) -> Breaker:
    """A question's last reminder passed without an answer: the third in a row opens it.

    Afterwards only a silent trial opens it anew: the ladders that still run change nothing.
    """
    counted = replace(breaker, silent_in_a_row=breaker.silent_in_a_row + 1)
    is_news = breaker.open_until is None or breaker.trial == about
    if counted.silent_in_a_row < LIMIT or not is_news:
        return counted
    return replace(counted, open_until=now + PAUSE, trial=None)


def after_answer() -> Breaker:
    """Any answer, and any button that says something, closes it."""
    return Breaker()
