"""What a history says of any moment."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assumption import Impact, Quorum, Status
from bot.domain.history import (
    AnswerUndone,
    Asked,
    Edited,
    Event,
    Happening,
    OutageCounted,
    Retired,
    StakeholderAdded,
    StakeholderReleased,
    Standing,
    WentUnanswered,
    as_of,
    current,
    release_of,
    standing,
    turns,
    validations,
)
from bot.domain.ids import UserId
from bot.domain.prompt import PromptKind
from bot.domain.validation import (
    UNDO_WINDOW,
    Answer,
    can_undo,
    is_contested,
    valid_until_of,
)
from tests.make import (
    ANA,
    BO,
    CADENCE,
    CY,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    answered,
    key,
    logged,
    make_as_of,
    make_history,
    make_validation,
)

UNTIL = NOON + 30 * DAY
HOLDS, FAILS, UNSURE = answered(until=UNTIL), answered(Answer.FAILS), answered(Answer.UNSURE)
ASKED = Asked(stakeholder=BO, kind=PromptKind.ASK, round=1, attempt=1)
UNVALIDATED = Standing(status=Status.UNVALIDATED, valid_until=None)


def story(*later: tuple[UserId | None, Happening], quorum: Quorum = Quorum.ANY) -> list[Event]:
    """Log it at noon, asking Bo and Cy, then let one thing happen each hour."""
    hours = ((NOON + n * HOUR, by, what) for n, (by, what) in enumerate(later, start=1))
    return make_history((NOON, ANA, logged(quorum=quorum, stakeholders=(BO, CY))), *hours)


def test_one_yes_validates_until_it_expires() -> None:
    events = story((BO, HOLDS))

    assert standing(events) == Standing(status=Status.VALIDATED, valid_until=UNTIL)
    assert as_of(events, NOON) == make_as_of()
    assert as_of(events, NOON + HOUR) == make_as_of(Status.VALIDATED)
    assert as_of(events, UNTIL) == make_as_of(Status.VALIDATED, is_stale=True)


def test_the_last_of_several_answers_to_expire_keeps_it_valid_where_any_is_enough() -> None:
    events = story((BO, HOLDS), (CY, answered(until=UNTIL + DAY)), (BO, UNSURE))

    assert standing(events) == Standing(status=Status.VALIDATED, valid_until=UNTIL + DAY)


def test_one_no_refutes_at_once_and_says_since_when() -> None:
    events = story((BO, HOLDS), (CY, FAILS), (BO, HOLDS))

    assert standing(events).status is Status.REFUTED
    assert as_of(events, NOON + 9 * HOUR).refuted_at == NOON + 2 * HOUR


def test_a_later_answer_of_the_same_person_replaces_the_earlier_one() -> None:
    assert standing(story((BO, FAILS), (BO, HOLDS))).status is Status.VALIDATED
    assert standing(story((BO, HOLDS), (BO, FAILS))).status is Status.REFUTED


def test_it_depends_changes_nothing() -> None:
    assert standing(story((BO, UNSURE))) == UNVALIDATED
    assert standing(story((BO, FAILS), (BO, UNSURE))).status is Status.REFUTED


def test_where_all_must_answer_the_first_answer_to_expire_ends_it() -> None:
    sooner = answered(until=UNTIL - DAY)
    one = story((BO, HOLDS), quorum=Quorum.ALL)
    both = story((BO, HOLDS), (CY, sooner), quorum=Quorum.ALL)

    assert standing(one) == UNVALIDATED
    assert standing(both) == Standing(status=Status.VALIDATED, valid_until=UNTIL - DAY)


def test_where_all_must_answer_those_released_need_not_and_those_added_must() -> None:
    released = StakeholderReleased(stakeholder=CY, reason="said it is not theirs")
    added = StakeholderAdded(stakeholder=CY)
    backup = StakeholderAdded(stakeholder=UserId("U9"), is_backup=True)

    without = story((BO, HOLDS), (CY, released), (ANA, backup), quorum=Quorum.ALL)
    again = story((BO, HOLDS), (CY, released), (ANA, added), quorum=Quorum.ALL)

    assert standing(without).status is Status.VALIDATED
    assert standing(again) == UNVALIDATED


def test_a_change_of_the_quorum_counts_from_its_own_moment() -> None:
    edited = Edited(changes=(("impact", "low", "high"), ("quorum", "any", "all")))
    events = story((BO, HOLDS), (ANA, edited))

    assert as_of(events, NOON + HOUR).status is Status.VALIDATED
    assert as_of(events, NOON + 2 * HOUR).status is Status.UNVALIDATED


def test_an_undo_counts_from_its_own_moment_and_brings_the_earlier_answer_back() -> None:
    events = story((BO, HOLDS), (BO, FAILS), (BO, AnswerUndone(undoes=3)))

    assert as_of(events, NOON + 2 * HOUR).status is Status.REFUTED
    assert as_of(events, NOON + 3 * HOUR) == make_as_of(Status.VALIDATED)


def test_what_somebody_says_last_counts_although_the_clock_was_set_back_before() -> None:
    late = Event(seq=3, at=NOON + 30 * MINUTE, by=BO, what=FAILS)
    events = [*story((BO, HOLDS)), late]

    assert standing(events).status is Status.REFUTED
    assert as_of(events, NOON + 45 * MINUTE).status is Status.REFUTED
    assert turns(events)[-1] == (NOON + HOUR, standing(events))
    assert [one.seq for one in current(validations(events, key()))] == [3]


def test_whose_word_is_enough_and_who_is_asked_is_as_it_was_changed_last() -> None:
    added = StakeholderAdded(stakeholder=UserId("U9"))
    gone = StakeholderReleased(stakeholder=UserId("U9"), reason="no longer asked")
    to_all = Edited(changes=(("quorum", "any", "all"),))
    to_any = Edited(changes=(("quorum", "all", "any"),))
    events = story((BO, HOLDS), (ANA, to_all), (ANA, added))

    set_back = [
        Event(seq=5, at=NOON, by=ANA, what=gone),
        Event(seq=6, at=NOON, by=ANA, what=to_any),
    ]

    assert standing(events) == UNVALIDATED
    assert standing([*events, *set_back]).status is Status.VALIDATED


def test_an_outage_that_is_found_out_later_counts_from_when_it_began() -> None:
    lost = OutageCounted(since=NOON + 90 * MINUTE, until=NOON + 150 * MINUTE)
    later = Event(seq=4, at=lost.since, by=None, what=lost)
    events = [*story((BO, HOLDS), (BO, answered(until=UNTIL + DAY))), later]

    assert as_of(events, UNTIL + 30 * MINUTE).status is Status.VALIDATED
    assert standing(events).valid_until == UNTIL + DAY + 30 * MINUTE  # while it lasted
    assert standing([*events[:-2], later]).valid_until == UNTIL + HOUR


def test_retiring_keeps_since_when_it_was_known_to_be_wrong() -> None:
    events = story((BO, FAILS), (ANA, Retired()))

    assert standing(events).status is Status.RETIRED
    assert as_of(events, UNTIL).refuted_at == NOON + HOUR


def test_silence_is_known_once_the_ladder_has_run_out_and_nobody_has_answered() -> None:
    silence = WentUnanswered(stakeholder=BO, round=1)
    events = story((None, ASKED), (None, silence), (BO, HOLDS), (BO, AnswerUndone(undoes=4)))

    known = [as_of(events, NOON + n * HOUR) for n in range(5)]

    assert [one.was_asked for one in known] == [False, True, True, True, True]
    assert [one.was_unanswered for one in known] == [False, False, True, False, True]


def test_before_it_was_logged_nothing_was_known() -> None:
    assert as_of(story((BO, HOLDS)), NOON - DAY) == make_as_of()


def test_answers_are_listed_with_their_undo_and_the_latest_of_each_person_stands() -> None:
    events = story((BO, UNSURE), (CY, HOLDS), (BO, FAILS), (BO, AnswerUndone(undoes=4)))

    given_ = validations(events, key())

    assert [(v.by, v.answer, v.seq) for v in given_] == [
        (BO, Answer.UNSURE, 2),
        (CY, Answer.HOLDS, 3),
        (BO, Answer.FAILS, 4),
    ]
    assert given_[2].undone_at == NOON + 4 * HOUR
    assert [(v.by, v.answer) for v in current(given_)] == [
        (BO, Answer.UNSURE),
        (CY, Answer.HOLDS),
    ]


def test_a_release_is_found_by_its_number() -> None:
    gone = StakeholderReleased(stakeholder=BO, reason="said it is not theirs")

    assert release_of(story((BO, gone)), 2) == gone
    assert release_of(story((BO, gone)), 1) is None
    assert release_of([], 1) is None


@pytest.mark.parametrize(
    ("later", "may"), [(timedelta(0), True), (UNDO_WINDOW, True), (UNDO_WINDOW + MINUTE, False)]
)
def test_an_answer_can_be_taken_back_for_ten_minutes(later: timedelta, may: bool) -> None:
    assert can_undo(make_validation(), NOON + later) is may
    assert not can_undo(make_validation(undone_at=NOON), NOON + later)


def test_an_answer_lives_as_long_as_its_impact_allows() -> None:
    assert valid_until_of(NOON, Impact.HIGH, CADENCE) == NOON + 30 * DAY
    assert valid_until_of(NOON, Impact.LOW, CADENCE) == NOON + 120 * DAY


def test_a_yes_that_was_alive_when_a_no_came_is_contested() -> None:
    yes = make_validation(valid_until=UNTIL)

    assert is_contested([yes, make_validation(CY, Answer.FAILS, at=UNTIL - DAY)])
    assert not is_contested([yes, make_validation(CY, Answer.FAILS, at=UNTIL)])
    assert not is_contested([yes, make_validation(CY)])
    assert not is_contested([make_validation(CY, Answer.FAILS)])


_people = st.sampled_from([BO, CY])
_happenings = st.one_of(
    st.tuples(_people, st.sampled_from([HOLDS, FAILS, UNSURE])),
    st.tuples(_people, st.integers(1, 9).map(lambda seq: AnswerUndone(undoes=seq))),
    st.tuples(st.none(), st.sampled_from([ASKED, WentUnanswered(stakeholder=BO, round=1)])),
    st.tuples(_people, _people.map(lambda u: StakeholderReleased(stakeholder=u, reason=""))),
    st.tuples(_people, _people.map(lambda u: StakeholderAdded(stakeholder=u))),
    st.tuples(st.just(ANA), st.just(Retired())),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Anything after the logging, at any hour, stored in any order of time."""
    quorum: Quorum = draw(st.sampled_from(Quorum))
    rows: list[tuple[UserId | None, Happening]] = draw(st.lists(_happenings, max_size=8))
    hours: list[int] = draw(st.lists(st.integers(0, 2000), min_size=len(rows), max_size=len(rows)))
    later = [(NOON + h * HOUR, by, what) for h, (by, what) in zip(hours, rows, strict=True)]
    return make_history((NOON, ANA, logged(quorum=quorum, stakeholders=(BO, CY))), *later)


_moments = st.integers(-5, 2500).map(lambda hours: NOON + hours * HOUR)


@given(histories(), _moments, st.data())
def test_a_moment_says_the_same_whatever_the_order_and_whatever_came_later(
    events: list[Event], at: datetime, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(events))
    until_then = [event for event in events if event.at <= at]

    assert as_of(shuffled, at) == as_of(events, at) == as_of(until_then, at)
    assert standing(shuffled) == standing(events)
    assert validations(shuffled, key()) == validations(events, key())


@given(histories(), _moments)
def test_the_turns_say_of_every_moment_what_the_fold_says(
    events: list[Event], at: datetime
) -> None:
    then = [found for moment, found in turns(events) if moment <= at]

    folded = as_of(events, at)

    if then:
        assert (then[-1].status, then[-1].refuted_at) == (folded.status, folded.refuted_at)
        until = then[-1].valid_until
        assert (until is not None and until <= at) is folded.is_stale
    else:
        assert folded == make_as_of()


@given(histories())
def test_only_what_is_validated_has_an_end(events: list[Event]) -> None:
    found = standing(events)

    assert (found.valid_until is not None) is (found.status is Status.VALIDATED)
