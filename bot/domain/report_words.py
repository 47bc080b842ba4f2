"""What the figures of a report are called, the same wherever it is read."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.finding import Costs, Finding

FINDING_WORDS = {
    Finding.NEVER_ASKED: "nobody had been asked",
    Finding.UNANSWERED: "asked, and not settled",
    Finding.STALE: "the answer had expired",
    Finding.REFUTED: "known to be wrong, not acted on",
    Finding.VALIDATED: "confirmed, and still wrong",
    Finding.RETIRED: "no longer tracked",
    Finding.UNLOGGED: "never written down before",
    Finding.NONE: "none of the suggestions",
    Finding.NOT_TRACED: "not traced yet",
}

DEFINITIONS = (
    ("Setback", "An incident, a delay, a bug that surprised, or a scope change that was recorded."),
    (
        "Traced",
        "Somebody decided what was underneath it. My suggestions alone count for nothing.",
    ),
    (
        "Nobody had confirmed",
        "When the setback began, nobody had been asked, those asked had not settled it, or the "
        "answer had expired. Nothing that happened later changes this.",
    ),
    (
        "Never written down before",
        "The assumption behind it was logged after the setback began. It is counted apart, since "
        "hindsight proves nothing.",
    ),
    (
        "95 % CI",
        "With few setbacks a share says little: the true one lies between these two figures "
        "19 times in 20 (Wilson).",
    ),
    (
        "Hurt nothing",
        "Assumptions that nobody had confirmed and that no setback was traced to. Compare it with "
        "the shares above before you blame an assumption.",
    ),
    ("Saved", "Found to be wrong before any setback was traced to it."),
    (
        "Brier score",
        "How far the owners' confidence was from what turned out: 0 is perfect, 0.25 is a coin. "
        "It is shown from ten decided assumptions on.",
    ),
    (
        "Confirm these next",
        "Open ones by expected harm: impact (1, 3, 9 or 27 points) × how likely it is wrong (one "
        "half where nobody said) × doubt (1, or 0.7 once an answer expired) × urgency (1, rising "
        "to 2 over the four weeks before it is needed).",
    ),
)


class Format(StrEnum):
    MARKDOWN = "md"
    CSV = "csv"
    JSON = "json"
    TABLE = "table"


FEW = 10  # setbacks; of fewer a share says next to nothing

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def few_in_words(setbacks: int) -> str:
    """A caution for a small sample; empty where there are enough, or none."""
    if not 0 < setbacks < FEW:
        return ""
    count = "One setback is" if setbacks == 1 else f"{setbacks} setbacks are"
    return f"{count} few: read the shares as stories, not as rates."


def costs_in_words(costs: Costs) -> str:
    """Each sum with the number of setbacks that gave the figure; empty where none did."""
    return ", ".join(_costs(costs))


def _costs(costs: Costs) -> Iterable[str]:
    if costs.days_known:
        yield f"{figure(costs.working_days)} working days (from {costs.days_known})"
    if costs.minutes_known:
        yield f"{costs.minutes_down:,} minutes down (from {costs.minutes_known})"
    if costs.money:
        sums = " + ".join(f"{one.amount:,f} {one.currency}" for one in costs.money)
        yield f"{sums} (from {costs.money_known})"


def figure(value: Decimal) -> str:
    """Write a decimal without zeros that say nothing: 3.50 is 3.5, 30 is 30."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wait_in_words(wait: timedelta) -> str:
    if wait >= _DAY:
        return f"{wait / _DAY:.1f} days"
    return f"{wait / _HOUR:.1f} hours" if wait >= _HOUR else f"{wait / _MINUTE:.0f} minutes"
