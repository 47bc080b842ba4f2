"""What is remembered of asking one person: what they got today, and how they answer."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.breaker import Breaker
from bot.domain.member import WorkingTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    digest_at: datetime | None = None  # when they last got a digest, aware UTC
    urgent_at: datetime | None = None  # when they last got an urgent question beside it
    breaker: Breaker = field(default_factory=Breaker)

    def had_digest(self, now: datetime, wt: WorkingTime) -> bool:
        return _is_today(self.digest_at, now, wt)

    def had_urgent(self, now: datetime, wt: WorkingTime) -> bool:
        return _is_today(self.urgent_at, now, wt)


def _is_today(at: datetime | None, now: datetime, wt: WorkingTime) -> bool:
    return at is not None and at.astimezone(wt.zone).date() == now.astimezone(wt.zone).date()
