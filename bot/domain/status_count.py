"""How many assumptions stood how, over time."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.assumption import Status
from bot.domain.history import Standing

_MOMENTS = 13  # a quarter by weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """How many tracked assumptions stood how at a moment; retired ones are not tracked."""

    at: datetime
    unvalidated: int
    validated: int
    stale: int
    refuted: int


def status_over_time(
    stories: Sequence[Sequence[tuple[datetime, Standing]]], *, since: datetime, end: datetime
) -> tuple[StatusCount, ...]:
    """Count at even steps, both ends included; each story as `history.turns` gives it."""
    if end <= since:
        return ()
    step = (end - since) / (_MOMENTS - 1)
    moments = [since + step * number for number in range(_MOMENTS - 1)] + [end]
    counts: list[Counter[str]] = [Counter() for _ in moments]
    for turns in stories:
        starts = [at for at, _ in turns]
        for moment, count in zip(moments, counts, strict=True):
            found = bisect_right(starts, moment)
            if found:
                count[_word(turns[found - 1][1], moment)] += 1
    return tuple(
        StatusCount(
            at=moment,
            unvalidated=count[Status.UNVALIDATED],
            validated=count[Status.VALIDATED],
            stale=count["stale"],
            refuted=count[Status.REFUTED],
        )
        for moment, count in zip(moments, counts, strict=True)
    )


def _word(standing: Standing, at: datetime) -> str:
    is_stale = standing.valid_until is not None and standing.valid_until <= at
    return "stale" if is_stale else standing.status
