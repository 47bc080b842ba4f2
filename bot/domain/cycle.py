"""Cycles: six weeks of work, then two of cooldown, one after the other from a day that is set.

A project that shifts its cycles sets another first day; all of its cycles are counted from that
one, backwards too.

Source: design.md, "Words".
"""

from dataclasses import dataclass
from datetime import date, timedelta

WORK = timedelta(weeks=6)
COOLDOWN = timedelta(weeks=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    number: int  # 1 begins on the first day; those before it count 0, −1, …
    starts: date  # local days, as all here
    cooldown: date  # its first day
    ends: date  # the day after its last, on which the next one starts


def cycle_at(first_day: date, day: date) -> Cycle:
    """Return the cycle that `day` lies in, where cycles are counted from `first_day`."""
    return cycle_numbered(first_day, (day - first_day) // (WORK + COOLDOWN) + 1)


def cycle_before(first_day: date, day: date) -> Cycle:
    """Return the one before the cycle that `day` lies in."""
    return cycle_numbered(first_day, cycle_at(first_day, day).number - 1)


def cycle_numbered(first_day: date, number: int) -> Cycle:
    """Return the cycle of that number, as `Cycle.number` counts."""
    starts = first_day + (number - 1) * (WORK + COOLDOWN)
    return Cycle(
        number=number,
        starts=starts,
        cooldown=starts + WORK,
        ends=starts + WORK + COOLDOWN,
    )
