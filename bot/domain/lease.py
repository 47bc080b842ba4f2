"""A claim on a row: it ends by itself, and every later write carries its token (fencing).

A claim that ended by itself has lapsed: nobody wrote down what became of the row. Where a row's
claims lapse one after the other it may be the row that ends whatever process takes it.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

SUSPECT_LAPSES = 2  # in a row; a process has one such row at a time, so that it alone is counted
LAPSES_MAX = 5  # in a row; then it is tried no more


@dataclass(frozen=True, slots=True)
class Claimed(Generic[T]):
    item: T
    token: str
    lapses: int = 0  # in a row, before this claim

    @property
    def is_suspect(self) -> bool:
        return self.lapses >= SUSPECT_LAPSES

    @property
    def is_given_up(self) -> bool:
        return self.lapses >= LAPSES_MAX
