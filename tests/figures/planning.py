"""`planning`: the next prompts of 100,000 open assumptions, the pure part, on one core.

Promised: under 5 s, and growth that is linear: ten times as many cost at most 13 times as much.
What is planned for each is what the bot plans in its place: a first question, the step after a
prompt that stays unanswered, or the refresh of an answer with the notice of its expiry.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

from bot.domain import ladder
from bot.domain.assumption import Impact
from bot.domain.cadence import Cadence
from bot.domain.ids import AssumptionKey, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member, WorkingTime
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.working_time import spread_of
from bot.settings import default_config_dir, read_tuning
from bot.usecases.working_time import working_time_of
from tests.figures.figure import Figure, Value

SMALL, LARGE = 10_000, 100_000
RUNS = 3  # of each; the median counts
SECONDS = 5.0
GROWTH = 1.3  # of what ten times as many should cost; the rest is what a busy machine adds
PEOPLE = 2_000
NOW = datetime(2026, 3, 4, 11, tzinfo=UTC)
WORKSPACE = WorkspaceId("T0FIGURE")
ZONES = (
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Nairobi",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
)


@dataclass(frozen=True, slots=True)
class Open:
    """An open assumption and where the asking of its stakeholder stands."""

    key: AssumptionKey
    impact: Impact
    stakeholder: UserId
    days_left: int | None
    last: PromptKind | None  # None: nobody was asked yet; REFRESH: answered, so a refresh is next
    attempt: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Calendars:
    """What the worker knows of everybody before it plans."""

    hours: dict[UserId, WorkingTime]
    spreads: dict[UserId, timedelta]


async def measure() -> Figure:
    cadence = read_tuning(default_config_dir()).cadence
    calendars = _calendars()
    seconds = {count: _measure(count, calendars, cadence) for count in (SMALL, LARGE)}
    growth = seconds[LARGE] / (seconds[SMALL] * LARGE / SMALL)
    lines = tuple(
        f"{count:,} open assumptions of {PEOPLE:,} people: {took:.2f} s, "
        f"{took / count * 1e6:.1f} µs each"
        for count, took in seconds.items()
    )
    values = (
        Value(
            name="planning_10k",
            value=round(seconds[SMALL], 3),
            unit="s",
            holds=seconds[SMALL] < SECONDS,
        ),
        Value(
            name="planning_100k",
            value=round(seconds[LARGE], 3),
            unit="s",
            holds=seconds[LARGE] < SECONDS,
        ),
        Value(
            name="planning_growth",
            value=round(growth, 3),
            unit="of linear",
            holds=growth <= GROWTH,
        ),
    )
    return Figure(lines=lines, values=values)


def _measure(count: int, calendars: Calendars, cadence: Cadence) -> float:
    assumptions = _assumptions(count)
    return median(_time(lambda: _plan_all(assumptions, calendars, cadence)) for _ in range(RUNS))


def _time(work: Callable[[], int]) -> float:
    began = time.process_time()  # of this core, so that other processes do not count
    planned = work()
    took = time.process_time() - began
    if not planned:
        raise RuntimeError("nothing was planned")
    return took


def _plan_all(assumptions: list[Open], calendars: Calendars, cadence: Cadence) -> int:
    return sum(len(_plan(one, calendars, cadence)) for one in assumptions)


def _plan(one: Open, calendars: Calendars, cadence: Cadence) -> list[Planned]:
    wt, spread = calendars.hours[one.stakeholder], calendars.spreads[one.stakeholder]
    validate_by = None if one.days_left is None else (NOW + timedelta(days=one.days_left)).date()
    if one.last is None:
        first = ladder.first_ask(
            key=one.key,
            impact=one.impact,
            validate_by=validate_by,
            stakeholder=one.stakeholder,
            round=1,
            now=NOW,
            wt=wt,
            spread=spread,
            cadence=cadence,
        )
        return [first]
    if one.last is not PromptKind.REFRESH:
        sent = PromptKey(
            assumption=one.key,
            stakeholder=one.stakeholder,
            round=1,
            kind=one.last,
            attempt=one.attempt,
        )
        step = ladder.next_step(
            sent, impact=one.impact, sent_at=one.since, wt=wt, spread=spread, cadence=cadence
        )
        return [step] if step else []
    valid_until = one.since + cadence.rhythms[one.impact].lifetime
    return [
        ladder.refresh(
            key=one.key,
            impact=one.impact,
            stakeholder=one.stakeholder,
            round=2,
            valid_until=valid_until,
            now=NOW,
            wt=wt,
            spread=spread,
            cadence=cadence,
        ),
        ladder.stale_notice(
            key=one.key, stakeholder=one.stakeholder, round=2, valid_until=valid_until
        ),
    ]


def _calendars() -> Calendars:
    people = [UserId(f"U{n:05}") for n in range(PEOPLE)]
    hours = {
        user: working_time_of(
            Member(
                workspace=WORKSPACE,
                user=user,
                name=str(user),
                zone=ZoneInfo(ZONES[n % len(ZONES)]),
                seen_at=NOW,
            ),
            around=NOW.date(),
        )
        for n, user in enumerate(people)
    }
    return Calendars(hours, {user: spread_of(WORKSPACE, user) for user in people})


def _assumptions(count: int) -> list[Open]:
    dice = Random(count)  # noqa: S311 - the same ones every time
    lasts = (None, PromptKind.ASK, PromptKind.REMIND, PromptKind.ESCALATE, PromptKind.REFRESH)
    return [
        Open(
            key=AssumptionKey(ProjectKey(f"P{n % 40}"), n),
            impact=dice.choice(list(Impact)),
            stakeholder=UserId(f"U{dice.randrange(PEOPLE):05}"),
            days_left=dice.choice((None, dice.randrange(60))),
            last=dice.choice(lasts),
            attempt=dice.choice((1, 1, 2)),
            since=NOW - timedelta(hours=dice.randrange(1, 96)),
        )
        for n in range(count)
    ]
