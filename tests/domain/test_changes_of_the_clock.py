"""Ladders across every change of every zone's clock, judged by reading the clock on the wall.

The zones whose clocks show the same all the time are tried once in a usual run, and each by its
own name in the thorough one.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.domain import ladder
from bot.domain.assumption import Impact
from bot.domain.member import WorkingTime
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.working_time import next_asking_moment, next_working_moment
from tests.domain.changes import (
    ZONES,
    Change,
    changes_of,
    clocks,
    moments_of_change,
    offsets_of,
)
from tests.domain.test_working_time import shows_working_time
from tests.make import BO, CADENCE, DAY, HOUR, MINUTE, key

PARTS = 2  # of the zones in the thorough run, so that workers share them
EVERY_DAY = frozenset(range(7))
_EARLIER = (timedelta(hours=2, minutes=50), timedelta(minutes=29), timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose hours lie at or near what a change of the clock leaves out or repeats."""

    wt: WorkingTime
    spread: timedelta
    change: Change


def people_at(zone: str, *, hours_for_each: int) -> Iterator[Person]:
    for change in changes_of(zone):
        dice = random.Random(f"{zone}{change.at}")  # noqa: S311 - the same people every time
        wall = change.at.astimezone(ZoneInfo(zone))
        for _ in range(hours_for_each):
            yield Person(
                wt=_hours_near(wall, dice),
                spread=timedelta(seconds=dice.randrange(3600)),
                change=change,
            )


def _hours_near(wall: datetime, dice: random.Random) -> WorkingTime:
    zone = wall.tzinfo
    assert isinstance(zone, ZoneInfo)
    near = wall.hour * 60 + wall.minute
    starts = dice.choice([540, near - 90, near - 30, near, near + 10, dice.randrange(1400)])
    starts = min(max(starts, 0), 1430)
    ends = min(starts + dice.choice([5, 45, 61, 240, 480]), 1439)
    holidays = {wall.date() + dice.randrange(-3, 6) * DAY for _ in range(dice.randrange(3))}
    return WorkingTime(
        zone=zone,
        starts=time(starts // 60, starts % 60),
        ends=time(ends // 60, ends % 60),
        weekdays=dice.choice([EVERY_DAY, frozenset({0, 1, 2, 3, 4}), frozenset({6, 0, 2})]),
        holidays=frozenset(holidays),
    )


def check_person(person: Person) -> None:
    """Ask near the change with each impact, let nobody answer, and judge every prompt."""
    asked_at = next_asking_moment(person.change.at - 2 * DAY, person.wt, person.spread)
    for impact in Impact:
        steps = climb(person, impact, asked_at)
        rhythm = CADENCE.rhythms[impact]
        gaps = [rhythm.remind_after_working_days] * (rhythm.reminders + 1) + [1, 1]
        assert [step.key.kind for step in steps] == (
            [PromptKind.REMIND] * rhythm.reminders + [PromptKind.ESCALATE] * 3
        )
        days = [day_of(asked_at, person), *(day_of(step.due_at, person) for step in steps)]
        for before, after, gap in zip(days[:-1], days[1:], gaps, strict=True):
            assert working_days_between(before, after, person) == gap
        for step in steps:
            check_moment(step.due_at, person)


def climb(person: Person, impact: Impact, asked_at: datetime) -> list[Planned]:
    sent = PromptKey(assumption=key(), stakeholder=BO, round=1, kind=PromptKind.ASK, attempt=1)
    steps: list[Planned] = []
    while (
        step := ladder.next_step(
            sent,
            impact=impact,
            sent_at=asked_at,
            wt=person.wt,
            spread=person.spread,
            cadence=CADENCE,
        )
    ) is not None:
        steps.append(step)
        sent, asked_at = step.key, step.due_at
    return steps


def day_of(moment: datetime, person: Person) -> date:
    return moment.astimezone(person.wt.zone).date()


def working_days_between(before: date, after: date, person: Person) -> int:
    """Count the days after `before`, up to `after`, on which the wall shows working time."""
    days = (before + n * DAY for n in range(1, (after - before).days + 1))
    return sum(has_work(day, person.wt) for day in days)


@lru_cache(maxsize=1_000)  # the ladders of a person's four impacts go through the same days
def has_work(day: date, wt: WorkingTime) -> bool:
    if day.weekday() not in wt.weekdays or day in wt.holidays:
        return False
    starts = datetime.combine(day, wt.starts, UTC)
    minutes = int((datetime.combine(day, wt.ends, UTC) - starts) / MINUTE)
    for offset in offsets_of(wt.zone.key):
        if any(
            shows_working_time(at, wt)
            for n in {0, minutes // 2, minutes - 1}
            if day == (at := starts - offset + n * MINUTE).astimezone(wt.zone).date()
        ):
            return True
    return False


def check_moment(moment: datetime, person: Person) -> None:
    """It is working time, and either the first hour of it or the end of a gap in that hour."""
    wt = person.wt
    assert shows_working_time(moment, wt)
    wall = moment.astimezone(wt.zone)
    worked = datetime.combine(wall.date(), wall.time()) - datetime.combine(wall.date(), wt.starts)
    is_end_of_gap = moment in moments_of_change(wt.zone.key)
    assert timedelta(0) <= worked < HOUR or is_end_of_gap
    # What comes twice means its first: an hour earlier the wall did not show this moment too.
    twins = (moment - back for back in (HOUR, HOUR / 2))
    assert all(twin.astimezone(wt.zone).replace(tzinfo=None) != _naive(wall) for twin in twins)


def _naive(wall: datetime) -> datetime:
    return wall.replace(tzinfo=None)


def check_refresh(person: Person) -> None:
    """Whatever hour the answer expires at, the question comes before, if there is a morning."""
    for hours in (-26, -1, 0, 1, 13, 49):
        valid_until = person.change.at + hours * HOUR
        for impact in (Impact.CRITICAL, Impact.LOW):
            now = valid_until - CADENCE.rhythms[impact].lifetime
            planned = ladder.refresh(
                key=key(),
                impact=impact,
                stakeholder=BO,
                round=2,
                valid_until=valid_until,
                now=now,
                wt=person.wt,
                spread=person.spread,
                cadence=CADENCE,
            )
            check_moment(planned.due_at, person)
            assert now < planned.due_at < valid_until


def check_the_hours_around(person: Person) -> None:
    """Minute by minute through the change, the next working moment is the first that shows it."""
    around = [person.change.at + n * 7 * MINUTE for n in range(-26, 27)]
    shown = {at: shows_working_time(at, person.wt) for at in around}
    for earlier, later in pairwise(around):
        found = next_working_moment(earlier, person.wt)
        assert (found == earlier) == shown[earlier]
        assert found <= later or not shown[later]
    for back in _EARLIER:
        found = next_working_moment(person.change.at - back, person.wt)
        assert shows_working_time(found, person.wt)


def test_ladders_hold_across_every_change_of_every_clock() -> None:
    zones = sorted(names[0] for names in clocks().values())

    people = [person for zone in zones for person in people_at(zone, hours_for_each=1)]

    for person in people:
        check_person(person)
        check_refresh(person)
        check_the_hours_around(person)


def test_every_zone_is_among_those_clocks() -> None:
    assert sorted(zone for names in clocks().values() for zone in names) == ZONES
    assert sum(len(changes) for _, changes in clocks()) > 1000


@pytest.mark.chaos
@pytest.mark.parametrize("part", range(PARTS))
def test_ladders_hold_for_many_hours_in_every_zone_by_its_own_name(part: int) -> None:
    zones = ZONES[part::PARTS]

    people = [person for zone in zones for person in people_at(zone, hours_for_each=12)]

    for person in people:
        check_person(person)
        check_refresh(person)
        check_the_hours_around(person)


@pytest.mark.chaos
@pytest.mark.parametrize("zone", ZONES[::9])
def test_no_change_hides_between_the_days_that_are_looked_at(zone: str) -> None:
    assert changes_of(zone) == changes_of(zone, timedelta(hours=6))
