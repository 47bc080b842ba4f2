"""What a project's channel hears without anybody asking for it, and when.

Source: design.md, "Learning": a weekly digest, the start of a cycle, the retrospective of its
cooldown. Each comes at nine in the morning where the project's lead is.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from bot.domain.cycle import Cycle, cycle_at

_AT = time(9)
_WEEK = timedelta(weeks=1)


class NoticeKind(StrEnum):
    DIGEST = "digest"  # on Mondays, of the week before, if anything happened in it
    CYCLE_START = "cycle start"  # what is load-bearing and not confirmed, before the bet is made
    RETROSPECTIVE = "retrospective"  # on the first day of the cooldown


def next_moment(kind: NoticeKind, *, first_day: date, after: datetime, zone: tzinfo) -> datetime:
    """Return when it comes next, in UTC, later than `after`.

    Args:
        kind: Which notice.
        first_day: From which the project's cycles are counted.
        after: Aware.
        zone: The lead's.
    """
    today = after.astimezone(zone).date()
    match kind:
        case NoticeKind.DIGEST:
            monday = today - timedelta(days=today.weekday())
            days = [monday, monday + _WEEK]
        case NoticeKind.CYCLE_START:
            days = [cycle.starts for cycle in _this_and_next(first_day, today)]
        case NoticeKind.RETROSPECTIVE:
            days = [cycle.cooldown for cycle in _this_and_next(first_day, today)]
    moments = (datetime.combine(day, _AT, zone).astimezone(UTC) for day in days)
    return next(moment for moment in moments if moment > after)


def week_before(moment: datetime, zone: tzinfo) -> datetime:
    """Return the same time of day there a week earlier, so that each week begins where one ended.

    When the clocks change that is not 168 hours.
    """
    return (moment.astimezone(zone) - _WEEK).astimezone(UTC)


def _this_and_next(first_day: date, today: date) -> list[Cycle]:
    this = cycle_at(first_day, today)
    return [this, cycle_at(first_day, this.ends)]
