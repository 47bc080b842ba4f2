"""A share of a number: never without its denominator, nor without how sure one can be of it."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054  # of a normal distribution, for 95 %


def interval(k: int, n: int) -> tuple[float, float]:
    """Return the Wilson 95 % interval of `k` in `n`, within 0–1; 0–1 where `n` is 0.

    Raises:
        ValueError: `k` does not lie in 0–`n`.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no share")
    if n == 0:
        return 0.0, 1.0
    share = k / n
    spread = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    middle, scale = share + _Z**2 / (2 * n), 1 + _Z**2 / n
    low = 0.0 if k == 0 else max((middle - spread) / scale, 0.0)
    high = 1.0 if k == n else min((middle + spread) / scale, 1.0)
    return low, high


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n`, never without its denominator."""

    k: int
    n: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.k / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        return interval(self.k, self.n)

    def __str__(self) -> str:
        if self.value is None:
            return "0 of 0"
        low, high = self.interval
        return (
            f"{self.k} of {self.n} ({self.value:.0%}, 95 % CI {low * 100:.0f}–{high * 100:.0f} %)"
        ).replace("%,", " %,")
