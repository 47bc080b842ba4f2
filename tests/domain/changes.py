"""Every change of every zone's clock, 2020–2035, to the second."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=14)  # no zone changed its clock twice in two weeks since 2020
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    at: datetime  # the first second of the new offset, UTC
    before: timedelta
    after: timedelta


@cache
def changes_of(zone: str, step: timedelta = _STEP) -> tuple[Change, ...]:
    tz = ZoneInfo(zone)
    found = []
    at, offset = FIRST, _offset(FIRST, tz)
    while at < LAST:
        then = at + step
        if (new := _offset(then, tz)) != offset:
            found.append(Change(_first_second_of(new, at, then, tz), offset, new))
        at, offset = then, new
    return tuple(found)


def _first_second_of(new: timedelta, before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if _offset(middle, tz) == new:
            after = middle
        else:
            before = middle
    return after


@cache
def moments_of_change(zone: str) -> frozenset[datetime]:
    return frozenset(change.at for change in changes_of(zone))


@cache
def offsets_of(zone: str) -> frozenset[timedelta]:
    """Every offset that the zone's clock has had."""
    later = {change.after for change in changes_of(zone)}
    return frozenset(later | {_offset(FIRST, ZoneInfo(zone))})


def _offset(at: datetime, tz: ZoneInfo) -> timedelta:
    offset = at.astimezone(tz).utcoffset()
    assert offset is not None
    return offset


@cache
def clocks() -> dict[tuple[timedelta, tuple[Change, ...]], list[str]]:
    """Group the zones whose clocks show the same all the time; a few dozen clocks are left."""
    found = defaultdict(list)
    for zone in ZONES:
        found[_offset(FIRST, ZoneInfo(zone)), changes_of(zone)].append(zone)
    return dict(found)
