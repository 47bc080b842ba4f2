"""When people are asked: the table of the design, and what must hold in every calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import ladder
from bot.domain.assumption import Impact
from bot.domain.cadence import Cadence, Escalation, Rhythm
from bot.domain.member import WorkingTime
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.working_time import (
    add_working_days,
    is_working,
    is_working_day,
    moment_on,
    next_working_morning,
)
from tests.domain.test_working_time import calendars, moments
from tests.make import BO, CADENCE, DAY, HOUR, MINUTE, NOON, key, make_working_time

OFFICE = make_working_time()
NO_SPREAD = timedelta(0)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def first(
    impact: Impact, now: datetime = NOON, *, by: date | None = None, wt: WorkingTime = OFFICE
) -> ladder.Moment:
    return ladder.first_moment(
        impact=impact, validate_by=by, now=now, wt=wt, spread=10 * MINUTE, cadence=CADENCE
    )


@pytest.mark.parametrize(
    ("impact", "due", "reason"),
    [
        (Impact.CRITICAL, NOON, "first question, in the next working hour after it was logged"),
        (Impact.HIGH, at(4, 9, 10), "first question, one working day after it was logged"),
        (Impact.MEDIUM, at(5, 9, 10), "first question, two working days after it was logged"),
        (Impact.LOW, at(10, 9, 10), "first question, five working days after it was logged"),
    ],
)
def test_the_first_question_comes_as_soon_as_the_impact_asks_for(
    impact: Impact, due: datetime, reason: str
) -> None:
    assert first(impact) == ladder.Moment(due_at=due, reason=reason)


def test_a_critical_question_waits_for_the_morning_and_keeps_the_persons_spread() -> None:
    assert first(Impact.CRITICAL, at(3, 22)).due_at == at(4, 9, 10)
    assert first(Impact.CRITICAL, at(7, 12)).due_at == at(9, 9, 10)  # a Saturday


def test_a_question_is_pulled_forward_so_that_all_reminders_fit() -> None:
    moment = first(Impact.LOW, by=date(2026, 3, 12))  # one reminder needs five working days

    assert moment.due_at == at(5, 9, 10)
    assert moment.reason == (
        "first question, asked early since an answer is needed by Thursday 12 March"
    )


def test_a_needed_by_on_a_weekend_counts_back_from_friday() -> None:
    assert first(Impact.LOW, by=date(2026, 3, 14)).due_at == at(6, 9, 10)


def test_where_the_day_is_too_close_the_question_goes_out_at_once_and_says_so() -> None:
    soon = first(Impact.MEDIUM, by=date(2026, 3, 5))
    late = first(Impact.MEDIUM, by=date(2026, 3, 1))

    assert soon.due_at == late.due_at == NOON
    assert soon.reason == (
        "first question, asked at once since an answer is needed by Thursday 5 March"
    )
    assert "was needed by Sunday 1 March" in late.reason


def test_a_person_named_later_hears_why_in_words_of_their_own() -> None:
    planned = ladder.first_ask(
        key=key(),
        impact=Impact.HIGH,
        validate_by=None,
        stakeholder=BO,
        round=2,
        now=NOON,
        wt=OFFICE,
        spread=NO_SPREAD,
        cadence=CADENCE,
    )

    assert planned.key == prompt_key(PromptKind.ASK, round=2)
    assert planned.reason == "first question, one working day after they were asked to answer"


def prompt_key(kind: PromptKind, attempt: int = 1, round: int = 1) -> PromptKey:
    return PromptKey(assumption=key(), stakeholder=BO, round=round, kind=kind, attempt=attempt)


def climb(
    start: PromptKey,
    impact: Impact,
    *,
    sent_at: datetime,
    wt: WorkingTime = OFFICE,
    spread: timedelta = NO_SPREAD,
    cadence: Cadence = CADENCE,
) -> list[Planned]:
    """Let every prompt go out when it is due, and nobody answer."""
    steps: list[Planned] = []
    sent: PromptKey | None = start
    while sent is not None:
        step = ladder.next_step(
            sent, impact=impact, sent_at=sent_at, wt=wt, spread=spread, cadence=cadence
        )
        if step is None:
            return steps
        steps.append(step)
        sent, sent_at = step.key, step.due_at
    return steps


def test_silence_leads_to_reminders_then_owner_lead_and_channel() -> None:
    steps = climb(prompt_key(PromptKind.ASK), Impact.HIGH, sent_at=at(3))

    assert [(s.key.kind.value, s.key.attempt, s.due_at.day) for s in steps] == [
        ("remind", 1, 5),
        ("remind", 2, 9),
        ("remind", 3, 11),
        ("escalate", 1, 13),
        ("escalate", 2, 16),
        ("escalate", 3, 17),
    ]
    assert steps[0].reason == "reminder 1 of 3: last asked on Tuesday 3 March"
    assert steps[3].reason == "the owner is told: no answer, last asked on Wednesday 11 March"
    assert steps[5].reason == "the channel is told: still no answer"


def test_a_team_may_let_it_end_with_the_lead_two_working_days_later() -> None:
    quiet = replace(CADENCE, escalation=Escalation(steps=2, working_days_between=2))

    steps = climb(prompt_key(PromptKind.ASK), Impact.LOW, sent_at=at(3), cadence=quiet)

    told = [(s.key.attempt, s.due_at.day) for s in steps if s.key.kind is PromptKind.ESCALATE]
    assert told == [(1, 17), (2, 19)]


def test_a_cadence_without_reminders_still_gives_time_before_the_owner_hears() -> None:
    patient = Rhythm(
        first_ask_working_days=0,
        remind_after_working_days=4,
        reminders=0,
        lifetime=30 * DAY,
        requires_evidence=False,
    )
    cadence = Cadence(rhythms=dict.fromkeys(Impact, patient))

    steps = climb(prompt_key(PromptKind.ASK), Impact.LOW, sent_at=at(3), cadence=cadence)

    assert [s.due_at.day for s in steps] == [9, 10, 11]


def test_a_notice_of_staleness_has_no_next_step() -> None:
    assert climb(prompt_key(PromptKind.STALE), Impact.HIGH, sent_at=NOON) == []


def refreshed(
    impact: Impact, valid_until: datetime, now: datetime = NOON, wt: WorkingTime = OFFICE
) -> Planned:
    return ladder.refresh(
        key=key(),
        impact=impact,
        stakeholder=BO,
        round=2,
        valid_until=valid_until,
        now=now,
        wt=wt,
        spread=10 * MINUTE,
        cadence=CADENCE,
    )


def test_a_refresh_leads_by_the_share_of_the_lifetime_or_the_time_for_its_reminders() -> None:
    by_reminders = refreshed(Impact.HIGH, NOON + 30 * DAY)  # 6 days against 6 working days
    by_share = refreshed(Impact.LOW, NOON + 120 * DAY)  # 24 days against 5 working days

    assert by_reminders.due_at == at(25, 9, 10)  # 2 April is a Thursday
    assert by_share.due_at == at(5, 9, 10, month=6)  # a Friday; 7 June is a Sunday
    assert by_share.reason == "asked again before the last answer expires on Wednesday 1 July"


def test_when_an_answer_expires_before_the_morning_all_reminders_come_a_day_earlier() -> None:
    assert refreshed(Impact.HIGH, at(2, 8, month=4)).due_at == at(24, 9, 10)


def test_a_refresh_is_never_in_the_past_nor_in_an_absence() -> None:
    away = make_working_time(away_until=date(2026, 3, 30))

    assert refreshed(Impact.HIGH, NOON + 1 * DAY).due_at == at(4, 9, 10)
    assert refreshed(Impact.HIGH, NOON + 30 * DAY, wt=away).due_at == at(30, 9, 10)


def test_it_depends_asks_again_after_a_gap_and_says_on_what() -> None:
    def again(depends_on: str, validate_by: date | None = None) -> Planned:
        return ladder.ask_again(
            key=key(),
            impact=Impact.MEDIUM,
            stakeholder=BO,
            round=2,
            now=NOON,
            wt=OFFICE,
            spread=NO_SPREAD,
            cadence=CADENCE,
            validate_by=validate_by,
            depends_on=depends_on,
        )

    assert again("the\nvendor").due_at == at(6)
    assert again("the\nvendor").reason == "asked again after “it depends”: the vendor"
    assert again("  ").reason == "asked again after “it depends”: no more was said"
    assert len(again("x" * 5000).reason) < 200
    needed = {day: again("it", date(2026, 3, day)).due_at for day in (1, 3, 4, 20)}
    assert needed == {1: at(6), 3: at(6), 4: at(4), 20: at(6)}


def test_the_owner_hears_of_staleness_on_the_moment_it_begins() -> None:
    notice = ladder.stale_notice(key=key(), stakeholder=BO, round=2, valid_until=NOON)

    assert (notice.key, notice.due_at) == (prompt_key(PromptKind.STALE, round=2), NOON)


spreads = st.integers(0, 3599).map(lambda seconds: timedelta(seconds=seconds))
rhythms = st.builds(
    Rhythm,
    first_ask_working_days=st.integers(0, 6),
    remind_after_working_days=st.integers(1, 5),
    reminders=st.integers(0, 4),
    lifetime=st.integers(1, 150).map(lambda days: days * DAY),
    requires_evidence=st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(st.data(), rhythms, spreads)
def test_the_first_question_comes_in_working_time_and_leaves_room_for_its_reminders(
    data: st.DataObject, rhythm: Rhythm, spread: timedelta
) -> None:
    wt = data.draw(calendars())
    now = data.draw(moments(wt.zone.key))
    days_left = data.draw(st.none() | st.integers(-5, 40))
    by = None if days_left is None else now.date() + days_left * DAY
    cadence = Cadence(rhythms=dict.fromkeys(Impact, rhythm))

    moment = ladder.first_moment(
        impact=Impact.LOW, validate_by=by, now=now, wt=wt, spread=spread, cadence=cadence
    )

    assert moment.due_at >= now
    assert is_working(moment.due_at, wt)
    if by is not None and "at once" not in moment.reason:
        steps = climb(
            prompt_key(PromptKind.ASK),
            Impact.LOW,
            sent_at=moment.due_at,
            wt=wt,
            spread=spread,
            cadence=cadence,
        )
        reminders = [s for s in steps if s.key.kind is PromptKind.REMIND]
        assert len(reminders) == rhythm.reminders
        last = max([moment.due_at, *(s.due_at for s in reminders)])
        assert last.astimezone(wt.zone).date() <= by


@settings(max_examples=100, deadline=None)
@given(st.data(), rhythms, spreads)
def test_every_step_of_a_ladder_is_later_than_the_one_before_and_in_working_time(
    data: st.DataObject, rhythm: Rhythm, spread: timedelta
) -> None:
    wt = data.draw(calendars())
    asked_at = data.draw(moments(wt.zone.key))
    cadence = Cadence(rhythms=dict.fromkeys(Impact, rhythm))

    steps = climb(
        prompt_key(PromptKind.REFRESH),
        Impact.LOW,
        sent_at=asked_at,
        wt=wt,
        spread=spread,
        cadence=cadence,
    )

    due = [asked_at, *(step.due_at for step in steps)]
    days = [moment.astimezone(wt.zone).date() for moment in due]
    assert days == sorted(set(days))  # at most one a day
    assert all(is_working(step.due_at, wt) for step in steps)
    kinds = [step.key.kind for step in steps]
    assert kinds == [PromptKind.REMIND] * rhythm.reminders + [PromptKind.ESCALATE] * 3
    assert len({step.key for step in steps}) == len(steps)


@settings(max_examples=100, deadline=None)
@given(st.data(), rhythms, spreads, st.booleans())
def test_a_refresh_comes_before_expiry_whenever_there_is_a_working_morning(
    data: st.DataObject, rhythm: Rhythm, spread: timedelta, is_away: bool
) -> None:
    wt = data.draw(calendars())
    now = data.draw(moments(wt.zone.key))
    if is_away:
        wt = replace(wt, away_until=now.date() + data.draw(st.integers(1, 40)) * DAY)
    valid_until = now + data.draw(st.integers(1, 150 * 24)) * HOUR
    cadence = Cadence(rhythms=dict.fromkeys(Impact, rhythm))

    planned = ladder.refresh(
        key=key(),
        impact=Impact.LOW,
        stakeholder=BO,
        round=2,
        valid_until=valid_until,
        now=now,
        wt=wt,
        spread=spread,
        cadence=cadence,
    )

    first_morning = next_working_morning(now, wt, spread)
    assert planned.due_at >= first_morning
    assert is_working(planned.due_at, wt)
    if first_morning < valid_until:
        assert planned.due_at < valid_until
    if planned.due_at > first_morning:
        asked_on = planned.due_at.astimezone(wt.zone).date()
        last_day = add_working_days(asked_on, rhythm.reminding_working_days, wt)
        assert moment_on(last_day, wt, spread=spread) < valid_until
        assert planned.due_at <= valid_until - rhythm.lifetime * 0.2
    assert is_working_day(planned.due_at.astimezone(wt.zone).date(), wt)
