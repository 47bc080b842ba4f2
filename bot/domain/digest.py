"""What one person is asked together: one message a working day, and one urgent question beside it.

Source: design.md, "Asking": at most one digest a working day with at most eight questions, the
most harmful first, the rest tomorrow; at most one urgent critical ask beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.assumption import Impact
from bot.domain.prompt import PromptKey, PromptKind

DIGEST_MAX = 8  # questions in one message

_POINTS = {Impact.LOW: 1, Impact.MEDIUM: 3, Impact.HIGH: 9, Impact.CRITICAL: 27}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A question that is due to a person."""

    key: PromptKey
    impact: Impact
    first_due_at: datetime  # aware UTC; later than this it waited for room

    @property
    def is_urgent(self) -> bool:
        """A load-bearing question that is put for the first time in its round."""
        return self.impact is Impact.CRITICAL and self.key.kind is not PromptKind.REMIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What goes out now, and what waits for the next working morning."""

    digest: tuple[Waiting, ...] = ()
    urgent: Waiting | None = None
    later: tuple[Waiting, ...] = ()


def choose(
    waiting: Iterable[Waiting], *, had_digest: bool, had_urgent: bool, now: datetime
) -> Choice:
    """Divide what is due to one person `now` (aware UTC).

    Args:
        waiting: All that is due to them.
        had_digest: They got a digest this working day.
        had_urgent: They got an urgent question this working day.
        now: It ages what waits, so that nothing starves: a day of waiting adds to a question's
            weight what it weighed at first.
    """
    ordered = sorted(waiting, key=lambda one: _order(one, now))
    urgent = next((one for one in ordered if one.is_urgent), None)
    goes_alone = urgent is not None and not had_urgent and (had_digest or len(ordered) == 1)
    if goes_alone:
        return Choice(urgent=urgent, later=tuple(one for one in ordered if one is not urgent))
    if had_digest:
        return Choice(later=tuple(ordered))
    return Choice(digest=tuple(ordered[:DIGEST_MAX]), later=tuple(ordered[DIGEST_MAX:]))


def most_harmful(waiting: Iterable[Waiting], now: datetime) -> Waiting:
    """Return the one to ask where only one may be asked; there is at least one."""
    return min(waiting, key=lambda one: _order(one, now))


def _order(one: Waiting, now: datetime) -> tuple[float, datetime, PromptKey]:
    return (-_weight(one, now), one.first_due_at, one.key)


def _weight(one: Waiting, now: datetime) -> float:
    days = max((now - one.first_due_at) / _DAY, 0.0)
    return _POINTS[one.impact] * (1 + days)
