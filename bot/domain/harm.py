"""How much an open assumption is expected to hurt: what to validate next.

    harm = impact x chance of being wrong x doubt x urgency

- impact: 1, 3, 9 or 27 points, low to critical: each step fails three times as much of a plan.
- chance of being wrong: 1 − the owner's confidence; one half where they gave none.
- doubt: 1 while unvalidated, 0.7 once stale (it was true once), 0 while an answer lives.
- urgency: 1, rising to 2 over the four weeks before `validate_by`, and 2 from then on.

Source: design.md, "Learning": open assumptions by expected harm, formula documented, reasons shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.assumption import Assumption, Impact, Status
from bot.domain.ids import AssumptionKey
from bot.domain.text import day_in_words

_POINTS = {Impact.LOW: 1, Impact.MEDIUM: 3, Impact.HIGH: 9, Impact.CRITICAL: 27}
_UNKNOWN_CHANCE = 0.5
_STALE_DOUBT = 0.7
_URGENT_WITHIN = timedelta(weeks=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedHarm:
    key: AssumptionKey
    statement: str
    points: float  # 0–54
    reasons: tuple[str, ...]  # in words, never empty


def expected_harm(assumption: Assumption, now: datetime) -> ExpectedHarm:
    """Weigh one assumption as it stands `now` (aware UTC); 0 where nobody need worry."""
    reasons = [f"{assumption.impact} impact", _standing_in_words(assumption, now)]
    if assumption.confidence_percent is not None:
        reasons.append(f"its owner is {assumption.confidence_percent} % sure")
    if assumption.validate_by is not None:
        passed = assumption.validate_by < now.date()
        when = f"needed by {day_in_words(assumption.validate_by)}"
        reasons.append(f"was {when}" if passed else when)
    return ExpectedHarm(
        key=assumption.key,
        statement=assumption.statement,
        points=points_of(assumption, now),
        reasons=tuple(reasons),
    )


def points_of(assumption: Assumption, now: datetime) -> float:
    """Return the points alone, for whoever ranks many and shows a few."""
    doubt = _doubt(assumption, now)
    if not doubt:
        return 0.0
    chance = _UNKNOWN_CHANCE
    if assumption.confidence_percent is not None:
        chance = 1 - assumption.confidence_percent / 100
    return round(_POINTS[assumption.impact] * chance * doubt * _urgency(assumption, now), 6)


def _standing_in_words(assumption: Assumption, now: datetime) -> str:
    if assumption.is_stale(now):
        return "its answer has expired"
    return "not confirmed" if assumption.status is Status.UNVALIDATED else str(assumption.status)


def _doubt(assumption: Assumption, now: datetime) -> float:
    if assumption.is_stale(now):
        return _STALE_DOUBT
    return 1.0 if assumption.status is Status.UNVALIDATED else 0.0


def _urgency(assumption: Assumption, now: datetime) -> float:
    if assumption.validate_by is None:
        return 1.0
    left = timedelta(days=(assumption.validate_by - now.date()).days)
    return 2.0 - min(max(left / _URGENT_WITHIN, 0.0), 1.0)
