"""The account of a period: what went wrong, and what was known of the assumptions underneath.

Source: design.md, "Learning". No share without its denominator and interval; what does not belong
to one cause belongs to another, so that the parts add up to all setbacks.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from statistics import median

from bot.domain.assumption import Assumption, Status
from bot.domain.harm import ExpectedHarm, expected_harm
from bot.domain.history import (
    AsOf,
    Edited,
    Event,
    Standing,
    as_of_turn,
    in_order,
    turns,
    validations,
)
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.period import Period
from bot.domain.setback import Money, Setback, SetbackKind
from bot.domain.trace import Role, Trace, TraceState
from bot.domain.validation import Answer, Validation

RESOLVED_LEAST = 10  # fewer resolved assumptions say nothing about anybody's calibration
_VALIDATE_NEXT = 10
_MOMENTS = 13  # of the status over time: a quarter by weeks
_BANDS = ((0, 19), (20, 39), (40, 59), (60, 79), (80, 100))  # per cent, both ends included
_MOMENT = timedelta(microseconds=1)
_NOT_YET = Standing(status=Status.UNVALIDATED, valid_until=None)
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


class Finding(StrEnum):
    """What was underneath a setback; each setback has exactly one."""

    NEVER_ASKED = "never asked"  # unvalidated when it began, and nobody had been asked
    UNANSWERED = "unanswered"  # unvalidated when it began: asked, and nobody had said yes or no
    STALE = "stale"  # the answer had expired when it began
    REFUTED = "refuted but unacted"  # known to be wrong when it began, and still not retired
    VALIDATED = "validated but wrong"  # an answer was alive when it began
    RETIRED = "retired"  # nobody tracked it any more when it began
    UNLOGGED = "unlogged"  # first written down after it began
    NONE = "none"  # somebody rejected every candidate
    NOT_TRACED = "not yet traced"  # nobody has decided


NOT_VALIDATED = frozenset({Finding.NEVER_ASKED, Finding.UNANSWERED, Finding.STALE})
TRACED = frozenset(Finding) - {Finding.NONE, Finding.NOT_TRACED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Sums, each over the setbacks for which somebody gave that figure."""

    minutes_down: int = 0
    minutes_known: int = 0  # setbacks
    working_days: Decimal = Decimal(0)
    days_known: int = 0  # setbacks
    money: tuple[Money, ...] = ()  # one for each currency, by its code; never converted
    money_known: int = 0  # setbacks


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    finding: Finding
    share: Share  # of all setbacks of the period
    costs: Costs
    setbacks: tuple[int, ...]  # their numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How often assumptions of one confidence turned out true."""

    low_percent: int
    high_percent: int  # included
    true: Share
    mean_confidence: float | None  # 0–1; None for an empty band


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    resolved: int  # at least `RESOLVED_LEAST`
    bands: tuple[Band, ...]
    brier: float  # mean squared error of the confidences: 0 is perfect, 0.25 is a coin


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An assumption with a figure that was to be checked in the period."""

    key: AssumptionKey
    statement: str
    check_on: date
    unit: str
    expected: Decimal
    actual: Decimal | None  # None: nobody has said yet


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """How many tracked assumptions stood how at a moment; retired ones are not tracked."""

    at: datetime
    unvalidated: int
    validated: int
    stale: int
    refuted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    since: datetime  # aware UTC
    until: datetime  # excluded
    setbacks: int
    by_kind: tuple[tuple[SetbackKind, int], ...]  # every kind
    costs: Costs
    findings: tuple[FindingLine, ...]  # every finding, so that the parts add up
    trace_rate: Share  # setbacks on which somebody decided
    not_validated: Share  # setbacks traced to what was never asked, unanswered or stale
    base_rate: Share  # of what was not validated, the assumptions that hurt nothing
    tracked: int  # assumptions, neither refuted nor retired, at the end
    logged: int  # assumptions, in the period
    saves: tuple[AssumptionKey, ...]  # refuted in the period before they hurt
    answered: Share  # of the assumptions logged in the period
    median_first_answer: timedelta | None  # from logging, over the answered ones
    answered_in_time: Share  # of those whose validate-by fell in the period
    unanswered: tuple[AssumptionKey, ...]  # open at the end, and silence was all that came
    resolved: int  # with a confidence, and decided in the period
    calibration: Calibration | None  # None for fewer than `RESOLVED_LEAST` resolved
    measured: tuple[Measured, ...]  # by the day of the check
    validate_next: tuple[ExpectedHarm, ...]  # the most harmful first
    status_over_time: tuple[StatusCount, ...]  # evenly spaced, the period's two ends included


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A report, and what it is about."""

    project: ProjectKey | None  # None: all of the workspace
    period: Period
    report: Report


def build(
    *,
    setbacks: Sequence[Setback],
    traces: Iterable[Trace],
    assumptions: Sequence[Assumption],
    histories: Mapping[AssumptionKey, Sequence[Event]],
    since: datetime,
    until: datetime,
    now: datetime,
    zone: tzinfo = UTC,
) -> Report:
    """Account for [since, until); what lies after `now` has not happened.

    Args:
        setbacks: Those that began in the period.
        traces: Theirs; older confirmed ones may be among them, since what has hurt is no save.
        assumptions: All of the project or workspace as they stand now, retired ones too.
        histories: Of each of these.
        since: Aware UTC.
        until: Aware UTC, excluded.
        now: Aware UTC.
        zone: Where the day of a validate-by ends.
    """
    known_traces = list(traces)
    end = min(until - _MOMENT, now)
    stories = [_story(one, histories.get(one.key, ()), end=end) for one in assumptions]
    hurting = {trace.assumption for trace in known_traces if trace.is_confirmed}
    findings = _findings(setbacks, known_traces)
    lines = tuple(_line(finding, setbacks, findings) for finding in Finding)
    kinds = Counter(one.kind for one in setbacks)
    decided = [one for one in findings.values() if one is not Finding.NOT_TRACED]
    logged = [story for story in stories if since <= story.assumption.logged_at < until]
    answered = [story for story in logged if story.first_answer is not None]
    resolved = [one for story in stories if (one := _resolution(story, since, end)) is not None]
    return Report(
        since=since,
        until=until,
        setbacks=len(setbacks),
        by_kind=tuple((kind, kinds[kind]) for kind in SetbackKind),
        costs=_costs(setbacks),
        findings=lines,
        trace_rate=Share(len(decided), len(setbacks)),
        not_validated=Share(sum(f in NOT_VALIDATED for f in decided), len(setbacks)),
        base_rate=_base_rate(stories, setbacks, known_traces, findings),
        tracked=sum(story.is_open for story in stories),
        logged=len(logged),
        saves=_saves(stories, hurting, since=since, end=end),
        answered=Share(len(answered), len(logged)),
        median_first_answer=_median_wait(answered),
        answered_in_time=_answered_in_time(stories, since=since, end=end, zone=zone),
        unanswered=_unanswered(stories),
        resolved=len(resolved),
        calibration=_calibration(resolved),
        measured=_measured(assumptions, since=since, end=end, zone=zone),
        validate_next=_validate_next(assumptions, now),
        status_over_time=_status_over_time(stories, since=since, end=min(until, now)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """One assumption, with what its history says at the end of the period."""

    assumption: Assumption
    events: Iterable[Event]
    at_end: AsOf
    answers: Sequence[Validation]  # given by the end and not taken back by then, oldest first
    turns: Sequence[tuple[datetime, Standing]]
    existed: bool

    @property
    def first_answer(self) -> datetime | None:
        return self.answers[0].at if self.answers else None

    @property
    def is_open(self) -> bool:
        return self.existed and self.at_end.status in {Status.UNVALIDATED, Status.VALIDATED}


def _story(assumption: Assumption, events: Sequence[Event], *, end: datetime) -> _Story:
    known = [event for event in events if event.at <= end]
    folded = turns(events)
    passed = bisect_right(folded, end, key=lambda turn: turn[0])
    then = folded[passed - 1][1] if passed else _NOT_YET
    given = validations(known, assumption.key)
    return _Story(
        assumption=assumption,
        events=events,
        at_end=as_of_turn(known, end, then),
        answers=[one for one in given if one.undone_at is None],
        turns=folded,
        existed=assumption.logged_at <= end,
    )


def _findings(setbacks: Sequence[Setback], traces: Iterable[Trace]) -> dict[int, Finding]:
    by_setback: defaultdict[int, list[Trace]] = defaultdict(list)
    for trace in traces:
        by_setback[trace.setback].append(trace)
    return {one.number: _finding(by_setback[one.number]) for one in setbacks}


def _finding(traces: Sequence[Trace]) -> Finding:
    """Say what was underneath one setback.

    Where several assumptions were, what caused it goes before what contributed, and among those
    the finding named first in `Finding`: a team can act on it the soonest.
    """
    confirmed = [trace for trace in traces if trace.is_confirmed]
    if confirmed:
        causes = [trace for trace in confirmed if trace.role is Role.CAUSED] or confirmed
        order = list(Finding)
        return min((finding_of(trace) for trace in causes), key=order.index)
    if traces and all(trace.state is TraceState.REJECTED for trace in traces):
        return Finding.NONE
    return Finding.NOT_TRACED


def finding_of(trace: Trace) -> Finding:
    """Say how the assumption of a confirmed trace stood when the setback began."""
    if trace.is_unlogged:
        return Finding.UNLOGGED
    match trace.as_of.status:
        case Status.VALIDATED:
            return Finding.STALE if trace.as_of.is_stale else Finding.VALIDATED
        case Status.REFUTED:
            return Finding.REFUTED
        case Status.RETIRED:
            return Finding.RETIRED
        case Status.UNVALIDATED:
            return Finding.UNANSWERED if trace.as_of.was_asked else Finding.NEVER_ASKED


def _line(
    finding: Finding, setbacks: Sequence[Setback], findings: Mapping[int, Finding]
) -> FindingLine:
    mine = [one for one in setbacks if findings[one.number] is finding]
    return FindingLine(
        finding=finding,
        share=Share(len(mine), len(setbacks)),
        costs=_costs(mine),
        setbacks=tuple(sorted(one.number for one in mine)),
    )


def _costs(setbacks: Iterable[Setback]) -> Costs:
    costs = [one.cost for one in setbacks]
    minutes = [one.minutes_down for one in costs if one.minutes_down is not None]
    days = [one.working_days_slipped for one in costs if one.working_days_slipped is not None]
    money = [one.money for one in costs if one.money is not None]
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in money:
        sums[one.currency] += one.amount
    return Costs(
        minutes_down=sum(minutes),
        minutes_known=len(minutes),
        working_days=sum(days, Decimal(0)),
        days_known=len(days),
        money=tuple(Money(amount=sums[code], currency=code) for code in sorted(sums)),
        money_known=len(money),
    )


def _base_rate(
    stories: Iterable[_Story],
    setbacks: Sequence[Setback],
    traces: Iterable[Trace],
    findings: Mapping[int, Finding],
) -> Share:
    """Return, of the assumptions that were not validated, those that hurt nothing.

    Counted are those that were unvalidated or stale at the end of the period, and those that
    were so when a setback of the period began that people traced to them.
    """
    open_ones = {
        story.assumption.key
        for story in stories
        if story.is_open and (story.at_end.status is Status.UNVALIDATED or story.at_end.is_stale)
    }
    numbers = {one.number for one in setbacks}
    mine = [one for one in traces if one.is_confirmed and one.setback in numbers]
    hurt = {one.assumption for one in mine if finding_of(one) in NOT_VALIDATED}
    harmless = open_ones - {one.assumption for one in mine}
    return Share(len(harmless), len(harmless | hurt))


def _saves(
    stories: Iterable[_Story], hurting: set[AssumptionKey], *, since: datetime, end: datetime
) -> tuple[AssumptionKey, ...]:
    return tuple(
        sorted(
            story.assumption.key
            for story in stories
            if story.at_end.refuted_at is not None
            and since <= story.at_end.refuted_at <= end
            and story.assumption.key not in hurting
        )
    )


def _median_wait(answered: Iterable[_Story]) -> timedelta | None:
    waits = [
        max(story.first_answer - story.assumption.logged_at, timedelta(0)).total_seconds()
        for story in answered
        if story.first_answer is not None
    ]
    return timedelta(seconds=median(waits)) if waits else None


def _answered_in_time(
    stories: Iterable[_Story], *, since: datetime, end: datetime, zone: tzinfo
) -> Share:
    """Count the assumptions whose validate-by passed in the period, and those answered by then."""
    passed = in_time = 0
    for story in stories:
        if story.assumption.validate_by is None or not story.existed:
            continue
        day_after = story.assumption.validate_by + timedelta(days=1)
        last_moment = datetime.combine(day_after, time(0), zone).astimezone(UTC) - _MOMENT
        if since <= last_moment <= end:
            passed += 1
            in_time += story.first_answer is not None and story.first_answer <= last_moment
    return Share(in_time, passed)


def _unanswered(stories: Iterable[_Story]) -> tuple[AssumptionKey, ...]:
    return tuple(sorted(s.assumption.key for s in stories if s.is_open and s.at_end.was_unanswered))


def _resolution(story: _Story, since: datetime, end: datetime) -> tuple[int, bool] | None:
    """Return the confidence in per cent, and whether it turned out true.

    None: the answers in the period settled nothing, or no confidence was given before the first.
    The confidence is the one from before the first such answer: hindsight must not flatter.
    """
    telling = [one for one in story.answers if one.answer is not Answer.UNSURE]
    if not telling or not since <= telling[-1].at <= end:
        return None
    if story.at_end.status is Status.UNVALIDATED:
        return None  # not everybody whose answer it takes has given it
    percent = _confidence_before(story, telling[0].at)
    return None if percent is None else (percent, story.at_end.refuted_at is None)


def _confidence_before(story: _Story, moment: datetime) -> int | None:
    for event in in_order(event for event in story.events if event.at > moment):
        for field, before, _ in event.what.changes if isinstance(event.what, Edited) else ():
            if field == "confidence_percent":
                return int(before) if before else None
    return story.assumption.confidence_percent


def _calibration(resolved: Sequence[tuple[int, bool]]) -> Calibration | None:
    if len(resolved) < RESOLVED_LEAST:
        return None
    errors = [(percent / 100 - is_true) ** 2 for percent, is_true in resolved]
    return Calibration(
        resolved=len(resolved),
        bands=tuple(_band(low, high, resolved) for low, high in _BANDS),
        brier=sum(errors) / len(errors),
    )


def _band(low: int, high: int, resolved: Iterable[tuple[int, bool]]) -> Band:
    mine = [(percent, is_true) for percent, is_true in resolved if low <= percent <= high]
    return Band(
        low_percent=low,
        high_percent=high,
        true=Share(sum(is_true for _, is_true in mine), len(mine)),
        mean_confidence=sum(percent for percent, _ in mine) / len(mine) / 100 if mine else None,
    )


def _measured(
    assumptions: Iterable[Assumption], *, since: datetime, end: datetime, zone: tzinfo
) -> tuple[Measured, ...]:
    first, last = (moment.astimezone(zone).date() for moment in (since, end))
    due = [
        Measured(
            key=one.key,
            statement=one.statement,
            check_on=one.expected.check_on,
            unit=one.expected.unit,
            expected=one.expected.figure,
            actual=one.actual,
        )
        for one in assumptions
        if one.expected is not None and first <= one.expected.check_on <= last
    ]
    return tuple(sorted(due, key=lambda one: (one.check_on, one.key)))


def _validate_next(assumptions: Iterable[Assumption], now: datetime) -> tuple[ExpectedHarm, ...]:
    harms = [expected_harm(one, now) for one in assumptions if one.is_open]
    worrying = [harm for harm in harms if harm.points > 0]
    return tuple(sorted(worrying, key=lambda harm: (-harm.points, harm.key))[:_VALIDATE_NEXT])


def _status_over_time(
    stories: Sequence[_Story], *, since: datetime, end: datetime
) -> tuple[StatusCount, ...]:
    if end <= since:
        return ()
    step = (end - since) / (_MOMENTS - 1)
    moments = [since + step * number for number in range(_MOMENTS - 1)] + [end]
    counts: list[Counter[str]] = [Counter() for _ in moments]
    for story in stories:
        starts = [at for at, _ in story.turns]
        for moment, count in zip(moments, counts, strict=True):
            found = bisect_right(starts, moment)
            if found:
                count[_word(story.turns[found - 1][1], moment)] += 1
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
