"""The account of a period: what went wrong, and what was known of the assumptions underneath.

Source: design.md, "Learning". No share without its denominator and interval; what does not belong
to one cause belongs to another, so that the parts add up to all setbacks.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from statistics import median

from bot.domain.assumption import Assumption, Status
from bot.domain.calibration import Calibration, calibrate
from bot.domain.finding import (
    NOT_VALIDATED,
    Costs,
    Finding,
    FindingLine,
    costs_of,
    finding_of,
    findings_of,
    line_of,
)
from bot.domain.harm import ExpectedHarm, expected_harm, points_of
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
from bot.domain.setback import Setback, SetbackKind
from bot.domain.share import Share
from bot.domain.status_count import StatusCount, status_over_time
from bot.domain.trace import Trace
from bot.domain.validation import Answer, Validation

_VALIDATE_NEXT = 10
_MOMENT = timedelta(microseconds=1)
_NOT_YET = Standing(status=Status.UNVALIDATED, valid_until=None)


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
    elsewhere: Collection[int] = (),
) -> Report:
    """Account for [since, until); what lies after `now` has not happened.

    Args:
        setbacks: Those that began in the period.
        traces: Theirs; others may be among them, since what has hurt anything is no save.
        assumptions: All of the project or workspace as they stand now, retired ones too.
        histories: Of each of these.
        since: Aware UTC.
        until: Aware UTC, excluded.
        now: Aware UTC.
        zone: Where the day of a validate-by ends.
        elsewhere: The numbers of the other projects' setbacks that began in the period.
    """
    known_traces = list(traces)
    end = min(until - _MOMENT, now)
    stories = [_story(one, histories.get(one.key, ()), end=end) for one in assumptions]
    hurting = {trace.assumption for trace in known_traces if trace.is_confirmed}
    findings = findings_of(setbacks, known_traces)
    began = {*findings, *elsewhere}
    lines = tuple(line_of(finding, setbacks, findings) for finding in Finding)
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
        costs=costs_of(setbacks),
        findings=lines,
        trace_rate=Share(len(decided), len(setbacks)),
        not_validated=Share(sum(f in NOT_VALIDATED for f in decided), len(setbacks)),
        base_rate=_base_rate(stories, [one for one in known_traces if one.setback in began]),
        tracked=sum(story.is_open for story in stories),
        logged=len(logged),
        saves=_saves(stories, hurting, since=since, end=end),
        answered=Share(len(answered), len(logged)),
        median_first_answer=_median_wait(answered),
        answered_in_time=_answered_in_time(stories, since=since, end=end, zone=zone),
        unanswered=_unanswered(stories),
        resolved=len(resolved),
        calibration=calibrate(resolved),
        measured=_measured(assumptions, since=since, end=end, zone=zone),
        validate_next=_validate_next(assumptions, now),
        status_over_time=status_over_time(
            [story.turns for story in stories], since=since, end=min(until, now)
        ),
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


def _base_rate(stories: Sequence[_Story], traces: Iterable[Trace]) -> Share:
    """Return, of the assumptions that were not validated, those that hurt nothing.

    Counted are those that were unvalidated or stale at the end of the period, and those that
    were so when a setback of the period began, of any project, that people traced to them.
    """
    open_ones = {
        story.assumption.key
        for story in stories
        if story.is_open and (story.at_end.status is Status.UNVALIDATED or story.at_end.is_stale)
    }
    known = {story.assumption.key for story in stories}
    mine = [one for one in traces if one.is_confirmed and one.assumption in known]
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
        last_moment = _last_moment(story, zone) if story.existed else None
        if last_moment is not None and since <= last_moment <= end:
            passed += 1
            in_time += story.first_answer is not None and story.first_answer <= last_moment
    return Share(in_time, passed)


def _last_moment(story: _Story, zone: tzinfo) -> datetime | None:
    """Return when an answer was last in time: a day that was put off once it had passed counts."""
    for event in in_order(story.events):
        for field, before, _ in event.what.changes if isinstance(event.what, Edited) else ():
            if field == "validate_by" and before:
                ended = _end_of_day(date.fromisoformat(before), zone)
                if ended < event.at:
                    return ended
    day = story.assumption.validate_by
    return None if day is None else _end_of_day(day, zone)


def _end_of_day(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC) - _MOMENT


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
    weighed = ((-points_of(one, now), one.key, one) for one in assumptions if one.is_open)
    worst = sorted(found for found in weighed if found[0] < 0)[:_VALIDATE_NEXT]
    return tuple(expected_harm(one, now) for _, _, one in worst)
