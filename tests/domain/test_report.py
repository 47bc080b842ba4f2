"""The figures of a report, and that their parts always add up."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.assumption import Assumption, Impact, Status
from bot.domain.finding import Finding, finding_of
from bot.domain.history import (
    Answered,
    AnswerUndone,
    Asked,
    Edited,
    Event,
    Retired,
    WentUnanswered,
    as_of,
)
from bot.domain.ids import AssumptionKey
from bot.domain.prompt import PromptKind
from bot.domain.report import Report, build
from bot.domain.setback import Cost, Money, Setback, SetbackKind
from bot.domain.share import Share, interval
from bot.domain.trace import Role, Trace, TraceState
from bot.domain.validation import Answer
from tests.make import (
    ANA,
    BO,
    DAY,
    HOUR,
    NOON,
    answered,
    key,
    logged,
    make_as_of,
    make_assumption,
    make_cost,
    make_history,
    make_setback,
    make_trace,
)

SINCE, UNTIL = NOON - DAY, NOON + 90 * DAY
NOW = UNTIL + DAY
ASKED = Asked(stakeholder=BO, kind=PromptKind.ASK, round=1, attempt=1)
SILENCE = WentUnanswered(stakeholder=BO, round=1)


class Book:
    """Assumptions with their histories, written down as a test tells them."""

    def __init__(self) -> None:
        self.assumptions: list[Assumption] = []
        self.histories: dict[AssumptionKey, list[Event]] = {}

    def add(self, *later: tuple[timedelta, Any], **fields: Any) -> AssumptionKey:
        """Log the next one at noon; `later` is what happened how long after."""
        number = len(self.assumptions) + 1
        events = make_history(
            (fields.get("logged_at", NOON), ANA, logged()),
            *((NOON + after, BO, what) for after, what in later),
        )
        self.assumptions.append(make_assumption(number, **fields))
        self.histories[key(number)] = events
        return key(number)

    def report(
        self, setbacks: list[Setback] | None = None, traces: list[Trace] | None = None, **times: Any
    ) -> Report:
        given_times = {"since": SINCE, "until": UNTIL, "now": NOW} | times
        return build(
            setbacks=setbacks or [],
            traces=traces or [],
            assumptions=self.assumptions,
            histories=self.histories,
            **given_times,
        )


def yes(after: timedelta = HOUR) -> tuple[timedelta, Answered]:
    return after, answered(until=NOON + 30 * DAY)


def no(after: timedelta = HOUR) -> tuple[timedelta, Answered]:
    return after, answered(Answer.FAILS)


def found(report: Report) -> dict[Finding, int]:
    return {line.finding: line.share.k for line in report.findings if line.share.k}


def test_a_share_says_its_denominator_and_interval() -> None:
    assert str(Share(3, 14)) == "3 of 14 (21 %, 95 % CI 8–48 %)"
    assert str(Share(0, 0)) == "0 of 0"
    assert Share(0, 0).value is None


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),  # Brown, Cai, DasGupta 2001: Wilson's interval
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(k: int, n: int, low: float, high: float) -> None:
    assert interval(k, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share_and_mirrors(k: int, rest: int) -> None:
    n = k + rest
    low, high = interval(k, n)

    assert 0 <= low <= high <= 1
    assert low <= (k / n if n else 0.5) <= high
    assert interval(rest, n) == pytest.approx((1 - high, 1 - low))


def test_more_of_something_than_there_is_is_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2 is no share"):
        interval(3, 2)


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"as_of": make_as_of()}, Finding.NEVER_ASKED),
        ({"as_of": make_as_of(was_asked=True)}, Finding.UNANSWERED),
        ({"as_of": make_as_of(was_asked=True, was_unanswered=True)}, Finding.UNANSWERED),
        ({"as_of": make_as_of(Status.VALIDATED, is_stale=True)}, Finding.STALE),
        ({"as_of": make_as_of(Status.REFUTED)}, Finding.REFUTED),
        ({"as_of": make_as_of(Status.VALIDATED)}, Finding.VALIDATED),
        ({"as_of": make_as_of(Status.RETIRED)}, Finding.RETIRED),
        ({"as_of": make_as_of(), "is_unlogged": True}, Finding.UNLOGGED),
    ],
)
def test_a_trace_says_how_its_assumption_stood(fields: dict[str, Any], finding: Finding) -> None:
    assert finding_of(make_trace(**fields)) is finding


def test_a_setback_counts_once_by_what_caused_it() -> None:
    traces = [
        make_trace(1, 1, role=Role.CONTRIBUTED),
        make_trace(1, 2, as_of=make_as_of(Status.VALIDATED)),
        make_trace(1, 3, as_of=make_as_of(Status.REFUTED)),
    ]

    report = Book().report([make_setback(1)], traces)

    assert found(report) == {Finding.REFUTED: 1}


def test_only_people_trace_a_setback() -> None:
    setbacks = [make_setback(number) for number in (1, 2, 3, 4)]
    traces = [
        make_trace(1, state=TraceState.CANDIDATE, role=None),
        make_trace(2, 1, state=TraceState.REJECTED, role=None),
        make_trace(3, 1, state=TraceState.REJECTED, role=None),
        make_trace(3, 2, state=TraceState.CANDIDATE, role=None),
    ]

    report = Book().report(setbacks, traces)

    assert found(report) == {Finding.NONE: 1, Finding.NOT_TRACED: 3}
    assert report.trace_rate == Share(1, 4)
    assert report.not_validated == Share(0, 4)


def test_costs_are_summed_in_their_own_units_over_those_who_gave_them() -> None:
    setbacks = [
        make_setback(1, cost=make_cost(minutes=45, euro="10.50")),
        make_setback(2, cost=make_cost(days="1.5", euro="2000")),
        make_setback(3, cost=Cost(money=Money(amount=Decimal(7), currency="CHF"))),
        make_setback(4, kind=SetbackKind.BUG),
    ]

    report = Book().report(setbacks, [make_trace(2)])

    costs = report.costs
    assert (costs.minutes_down, costs.minutes_known) == (45, 1)
    assert (costs.working_days, costs.days_known) == (Decimal("1.5"), 1)
    assert [(m.amount, m.currency) for m in costs.money] == [
        (Decimal(7), "CHF"),
        (Decimal("2010.50"), "EUR"),
    ]
    never_asked = next(one for one in report.findings if one.finding is Finding.NEVER_ASKED)
    assert (never_asked.costs.working_days, never_asked.setbacks) == (Decimal("1.5"), (2,))
    assert dict(report.by_kind) == {
        SetbackKind.INCIDENT: 0,
        SetbackKind.DELAY: 3,
        SetbackKind.BUG: 1,
        SetbackKind.SCOPE_CHANGE: 0,
    }


def test_the_base_rate_counts_what_was_not_validated_and_hurt_nothing() -> None:
    book = Book()
    book.add()  # never answered, hurt
    book.add()  # never answered, hurt nothing
    book.add(yes(80 * DAY))  # alive until day 30 only, so stale at the end
    book.add((HOUR, answered(until=NOW + DAY)))  # validated
    book.add(no())

    report = book.report([make_setback(1)], [make_trace(1, 1)])

    assert report.base_rate == Share(2, 3)
    assert report.tracked == 4


def test_a_save_was_refuted_in_the_period_before_it_hurt() -> None:
    book = Book()
    saved = book.add(no(), (2 * HOUR, Retired()))
    book.add(no())  # hurt all the same
    book.add(no(), (2 * HOUR, AnswerUndone(undoes=2)))
    book.add(no(-2 * DAY), logged_at=NOON - 3 * DAY)  # before the period

    report = book.report([make_setback(1)], [make_trace(1, 2)])

    assert report.saves == (saved,)


def test_the_first_answer_is_awaited_from_the_logging() -> None:
    book = Book()
    book.add(yes(HOUR))
    book.add((3 * HOUR, answered(Answer.UNSURE)), yes(9 * HOUR))
    book.add()
    book.add(yes(HOUR), (2 * HOUR, AnswerUndone(undoes=2)))

    report = book.report()

    assert (report.logged, report.answered) == (4, Share(2, 4))
    assert report.median_first_answer == 2 * HOUR
    assert Book().report().median_first_answer is None


def test_answered_in_time_counts_those_whose_day_passed_in_the_period() -> None:
    book = Book()
    book.add(yes(11 * HOUR), validate_by=date(2026, 3, 3))  # within the last hour of the day
    book.add(yes(13 * HOUR), validate_by=date(2026, 3, 3))
    book.add(validate_by=date(2026, 3, 20))
    book.add(validate_by=(NOW + DAY).date())  # not yet
    book.add()

    assert book.report().answered_in_time == Share(1, 3)


def test_a_day_that_was_put_off_after_it_had_passed_counts_as_missed() -> None:
    def put_off(day: str, to: str) -> Edited:
        return Edited(changes=(("validate_by", day, to),))

    book = Book()
    later = date(2026, 4, 20)
    book.add((3 * DAY, put_off("2026-03-04", "2026-04-20")), yes(4 * DAY), validate_by=later)
    book.add((HOUR, put_off("2026-03-04", "2026-04-20")), yes(4 * DAY), validate_by=later)
    book.add((HOUR, put_off("", "2026-04-20")), yes(4 * DAY), validate_by=later)
    book.add(yes(), (3 * DAY, put_off("2026-03-04", "")))

    assert book.report().answered_in_time == Share(3, 4)


def test_what_hurt_another_project_is_neither_a_save_nor_harmless() -> None:
    book = Book()
    book.add()
    book.add(no())
    book.add()
    saved = book.add(no())
    traces = [make_trace(7, 1), make_trace(7, 2), make_trace(8, 3)]  # setback 8 came later

    report = book.report([], traces, elsewhere={7})

    assert (report.setbacks, report.saves) == (0, (saved,))
    assert report.base_rate == Share(1, 3)  # of the three that were open then, the third


def test_silence_stays_in_every_report() -> None:
    book = Book()
    silent = book.add((HOUR, ASKED), (2 * HOUR, SILENCE))
    book.add((HOUR, ASKED), (2 * HOUR, SILENCE), yes(3 * HOUR))
    book.add((HOUR, ASKED), (2 * HOUR, SILENCE), (3 * HOUR, Retired()))

    assert book.report().unanswered == (silent,)


def test_calibration_is_not_shown_for_fewer_than_ten() -> None:
    book = Book()
    for _ in range(9):
        book.add(yes(), confidence_percent=90)
    book.add(yes())  # no confidence
    book.add(confidence_percent=90)  # not resolved

    nine = book.report()
    book.add(no(), confidence_percent=90)
    ten = book.report()

    assert (nine.resolved, nine.calibration) == (9, None)
    assert ten.calibration is not None
    assert ten.calibration.brier == pytest.approx((9 * 0.01 + 0.81) / 10)
    assert [band.true for band in ten.calibration.bands] == [Share(0, 0)] * 4 + [Share(9, 10)]


def test_a_confidence_that_was_corrected_after_the_answer_does_not_count() -> None:
    book = Book()
    hindsight = Edited(changes=(("confidence_percent", "90", "5"),))
    for _ in range(10):
        book.add(no(), (2 * HOUR, hindsight), confidence_percent=5)

    calibration = book.report().calibration

    assert calibration is not None
    assert calibration.brier == pytest.approx(0.81)


def test_validate_next_begins_with_the_most_harmful() -> None:
    book = Book()
    book.add(impact=Impact.LOW)
    book.add(impact=Impact.CRITICAL)
    book.add(impact=Impact.CRITICAL, status=Status.RETIRED)
    book.add(impact=Impact.HIGH, confidence_percent=100)

    assert [one.key for one in book.report().validate_next] == [key(2), key(1)]


def test_status_over_time_follows_each_assumption() -> None:
    book = Book()
    book.add(yes(30 * HOUR))
    book.add(no(10 * DAY))
    book.add((10 * DAY, Retired()))

    counts = book.report(since=NOON, until=NOON + 48 * DAY).status_over_time

    assert len(counts) == 13
    assert (counts[0].at, counts[-1].at) == (NOON, NOON + 48 * DAY)
    told = [(c.unvalidated, c.validated, c.stale, c.refuted) for c in counts]
    assert told[0] == (3, 0, 0, 0)
    assert told[1] == (2, 1, 0, 0)
    assert told[3] == (0, 1, 0, 1)
    assert told[-1] == (0, 0, 1, 1)


def test_a_period_that_has_not_begun_has_nothing_in_it() -> None:
    book = Book()
    book.add(yes())

    report = book.report(since=NOW + DAY, until=NOW + 2 * DAY)

    assert (report.logged, report.saves, report.status_over_time) == (0, (), ())


_costs = st.builds(
    make_cost,
    minutes=st.none() | st.integers(0, 999),
    days=st.none() | st.sampled_from(["0", "0.5", "3"]),
    euro=st.sampled_from(["", "0", "12.34"]),
)
_happenings = st.sampled_from(
    [ASKED, SILENCE, yes()[1], no()[1], answered(Answer.UNSURE), Retired(), AnswerUndone(undoes=2)]
)


@st.composite
def books(draw: st.DrawFn) -> tuple[Book, list[Setback], list[Trace]]:
    """Some assumptions with any history, some setbacks, and traces of any state between them."""
    book = Book()
    for _ in range(draw(st.integers(0, 6))):
        later: list[tuple[int, Any]] = draw(
            st.lists(st.tuples(st.integers(0, 100 * 24), _happenings), max_size=4)
        )
        sure: int | None = draw(st.none() | st.integers(0, 100))
        book.add(*((hours * HOUR, what) for hours, what in later), confidence_percent=sure)
    setbacks = [
        make_setback(
            number,
            kind=draw(st.sampled_from(SetbackKind)),
            cost=draw(_costs),
            started_at=NOON + draw(st.integers(0, 80)) * DAY,
        )
        for number in range(1, draw(st.integers(0, 5)) + 1)
    ]
    traces = [
        _trace(draw, one, assumption, book)
        for one in setbacks
        for assumption in book.assumptions
        if draw(st.booleans())
    ]
    return book, setbacks, traces


def _trace(draw: st.DrawFn, setback: Setback, assumption: Assumption, book: Book) -> Trace:
    state: TraceState = draw(st.sampled_from(TraceState))
    return make_trace(
        setback.number,
        assumption.key.number,
        state=state,
        role=draw(st.sampled_from(Role)) if state is TraceState.CONFIRMED else None,
        as_of=as_of(book.histories[assumption.key], setback.started_at),
        is_unlogged=draw(st.booleans()),
    )


@settings(deadline=None)
@given(books(), st.integers(0, 100))
def test_the_parts_add_up_to_the_whole(
    known: tuple[Book, list[Setback], list[Trace]], days: int
) -> None:
    book, setbacks, traces = known
    now: datetime = NOON + days * DAY

    report = book.report(setbacks, traces, now=now)

    lines = report.findings
    assert [line.finding for line in lines] == list(Finding)
    assert sum(line.share.k for line in lines) == report.setbacks == len(setbacks)
    assert {line.share.n for line in lines} == {len(setbacks)}
    assert sorted(n for line in lines for n in line.setbacks) == [s.number for s in setbacks]
    assert sum(count for _, count in report.by_kind) == len(setbacks)
    assert sum(line.costs.minutes_down for line in lines) == report.costs.minutes_down
    assert sum(line.costs.working_days for line in lines) == report.costs.working_days
    assert sum(line.costs.money_known for line in lines) == report.costs.money_known
    assert sum(m.amount for line in lines for m in line.costs.money) == sum(
        m.amount for m in report.costs.money
    )
    assert report.answered.n == report.logged <= len(book.assumptions)
    for share in (report.trace_rate, report.not_validated, report.base_rate, report.answered):
        assert 0 <= share.k <= share.n
    assert set(report.unanswered) <= set(book.histories)
    for count in report.status_over_time:
        total = count.unvalidated + count.validated + count.stale + count.refuted
        assert total <= len(book.assumptions)
    if report.calibration is not None:
        assert sum(band.true.n for band in report.calibration.bands) == report.resolved
        assert 0 <= report.calibration.brier <= 1


@given(books())
def test_the_order_in_which_rows_are_read_changes_nothing(
    known: tuple[Book, list[Setback], list[Trace]],
) -> None:
    book, setbacks, traces = known
    first = book.report(setbacks, traces)

    book.assumptions.reverse()
    book.histories = {name: events[::-1] for name, events in book.histories.items()}
    again = book.report(setbacks[::-1], traces[::-1])

    assert again == first
