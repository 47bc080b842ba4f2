"""How often what people were so and so sure of turned out true."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.share import Share

RESOLVED_LEAST = 10  # fewer resolved assumptions say nothing about anybody's calibration
_BANDS = ((0, 19), (20, 39), (40, 59), (60, 79), (80, 100))  # per cent, both ends included


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How often assumptions of one confidence turned out true."""

    low_percent: int
    high_percent: int  # included
    true: Share
    mean_confidence: float | None  # 0–1; None for an empty band


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    resolved: int  # at least `RESOLVED_LEAST`
    bands: tuple[Band, ...]
    brier: float  # mean squared error of the confidences: 0 is perfect, 0.25 is a coin

    def __str__(self) -> str:
        """Say it with its sample size, rounded once, so that every surface shows the same."""
        return f"Brier score {self.brier:.2f} over {self.resolved}"


def calibrate(resolved: Sequence[tuple[int, bool]]) -> Calibration | None:
    if len(resolved) < RESOLVED_LEAST:
        return None
    errors = [(percent / 100 - is_true) ** 2 for percent, is_true in resolved]
    return Calibration(
        resolved=len(resolved),
        bands=tuple(_band(low, high, resolved) for low, high in _BANDS),
        brier=sum(errors) / len(errors),
    )


def _band(low: int, high: int, resolved: Iterable[tuple[int, bool]]) -> Band:
    mine = [(percent, is_true) for percent, is_true in resolved if low <= percent <= high]
    return Band(
        low_percent=low,
        high_percent=high,
        true=Share(sum(is_true for _, is_true in mine), len(mine)),
        mean_confidence=sum(percent for percent, _ in mine) / len(mine) / 100 if mine else None,
    )
