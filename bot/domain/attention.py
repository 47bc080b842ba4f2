"""What is remembered of asking one person: what they got today, and how they answer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.breaker import Breaker
from bot.domain.member import WorkingTime

_TRY_AGAIN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    digest_at: datetime | None = None  # when they last got a digest, aware UTC
    urgent_at: datetime | None = None  # when they last got an urgent question beside it
    unreachable_at: datetime | None = None  # when Slack last refused a message to them, aware UTC
    breaker: Breaker = field(default_factory=Breaker)

    def had_digest(self, now: datetime, wt: WorkingTime) -> bool:
        return _is_today(self.digest_at, now, wt)

    def had_urgent(self, now: datetime, wt: WorkingTime) -> bool:
        return _is_today(self.urgent_at, now, wt)

    def is_reachable(self, now: datetime) -> bool:
        """Whether Slack may let us write to them; a while after a refusal it is tried again."""
        return self.unreachable_at is None or now - self.unreachable_at >= _TRY_AGAIN_AFTER


def _is_today(at: datetime | None, now: datetime, wt: WorkingTime) -> bool:
    return at is not None and at.astimezone(wt.zone).date() == now.astimezone(wt.zone).date()
