"""From a logged assumption to the moment somebody is asked, reminded, and reported as silent."""

from datetime import timedelta
from itertools import chain

import pytest

from bot.domain.assumption import Filter, Impact, Quorum, Status
from bot.domain.digest import DIGEST_MAX
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, ProjectKey, UserId
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.prompt import PromptKind
from bot.domain.validation import Answer
from bot.store import prompt as prompts
from bot.usecases import (
    assumption,
    assumption_edit,
    assumption_list,
    assumption_show,
    owner,
    release,
    reminder,
    validation,
)
from bot.usecases.assumption_edit import AssumptionEdit
from bot.usecases.contents import (
    AskContent,
    CardContent,
    HandedBackContent,
    RefutedContent,
    UnansweredContent,
)
from bot.usecases.release import AskedBeforeError
from bot.usecases.validation import (
    AlreadyAnswered,
    EvidenceNeededError,
    NotAskedError,
    Recorded,
    UndoTooLateError,
)
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team


def test_keys_count_up_in_each_project(team: Team) -> None:
    keys = [team.log(), team.log()]

    assert keys == [AssumptionKey(ProjectKey("APOLLO"), n) for n in (1, 2)]


def test_a_logged_assumption_is_one_card_in_its_project_s_channel(team: Team) -> None:
    key = team.log()

    team.work()

    (card,) = team.heard(MessageKind.CARD, to=CHANNEL)
    assert isinstance(card, CardContent)
    assert card.assumption.key == key


def test_a_stakeholder_is_asked_once_in_their_working_time(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)

    team.pass_time(team.now + 1 * DAY + timedelta(hours=7))

    assert team.asked(BO) == [[key]]
    (ask,) = team.heard(MessageKind.ASK)
    assert isinstance(ask, AskContent)
    assert ask.questions[0].prompt.reason == "first question, one working day after it was logged"


def test_silence_is_reminded_of_and_then_told_to_owner_lead_and_channel(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL, asked=[BO])
    owner.reassign_owner(team.tx, WORKSPACE, key, to=team.people[CY], by=ANA, now=team.now)

    team.pass_time(team.now + 21 * DAY)

    assert team.asked(BO) == [[key]] * 4  # the question and three reminders
    told = team.heard(MessageKind.UNANSWERED)
    assert [t.step for t in told if isinstance(t, UnansweredContent)] == [1, 2, 3]
    silent = [q for t in told if isinstance(t, UnansweredContent) for q in t.questions]
    assert {one.asked_times for one in silent} == {4}
    shown = assumption_show.show_assumption(team.tx, WORKSPACE, key, reader=OPERATOR)
    assert [type(event.what).__name__ for event in shown.events].count("WentUnanswered") == 1


def test_what_nobody_answered_comes_together_and_not_one_by_one(team: Team) -> None:
    keys = [team.log(impact=Impact.CRITICAL, asked=[BO]) for _ in range(10)]

    team.pass_time(team.now + 28 * DAY)

    for reader in (ANA, CHANNEL):
        heard = [
            [one.assumption.key for one in told.questions]
            for told in team.heard(MessageKind.UNANSWERED, to=reader)
            if isinstance(told, UnansweredContent)
        ]
        assert sorted(chain.from_iterable(heard)) == sorted(keys)
        assert len(heard) == 2  # what was asked on the first morning, and on the next


def test_of_many_silences_at_once_each_is_told_in_one_message(team: Team) -> None:
    keys = [team.log(impact=Impact.CRITICAL, asked=[who]) for who in [BO] * 5 + [CY] * 5]
    while min(len(team.asked(BO)), len(team.asked(CY))) < 4:  # the question and three reminders
        team.pass_time(team.now + timedelta(hours=1))

    team.now += 7 * DAY
    team.work()

    heard = [
        [one.assumption.key for one in told.questions]
        for told in team.heard(MessageKind.UNANSWERED, to=ANA)
        if isinstance(told, UnansweredContent)
    ]
    assert max(map(len, heard)) <= DIGEST_MAX
    assert sorted(chain.from_iterable(heard)) == sorted(keys)


def test_what_expires_together_is_told_and_recorded_each_by_itself(team: Team) -> None:
    keys = [team.log(impact=Impact.LOW, asked=[BO]) for _ in range(2)]
    team.pass_time(team.now + 10 * DAY)
    for key in keys:
        team.answer(key, Answer.HOLDS)

    team.pass_time(team.now + 160 * DAY)

    assert len(team.heard(MessageKind.STALE, to=ANA)) == 2
    told = chain.from_iterable(prompts.of_assumption(team.tx, WORKSPACE, key) for key in keys)
    assert len({one.batch for one in told if one.key.kind is PromptKind.STALE}) == 2


def test_an_owner_who_leads_the_project_hears_of_silence_once_and_then_the_channel(
    team: Team,
) -> None:
    team.log(impact=Impact.CRITICAL, asked=[BO])

    team.pass_time(team.now + 21 * DAY)

    told = [message.key.to for message, _ in team.new(MessageKind.UNANSWERED)]
    assert told == [ANA, CHANNEL]


def test_where_the_lead_has_left_the_channel_hears_of_silence_once(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL, asked=[BO])
    owner.reassign_owner(team.tx, WORKSPACE, key, to=team.people[CY], by=ANA, now=team.now)
    team.meet(ANA, is_deactivated=True)

    team.pass_time(team.now + 21 * DAY)

    told = [message.key.to for message, _ in team.new(MessageKind.UNANSWERED)]
    assert told == [CY, CHANNEL]


def test_nobody_hears_anything_at_night_or_on_a_weekend(team: Team) -> None:
    team.log(impact=Impact.CRITICAL)
    team.log(impact=Impact.LOW)

    team.pass_time(team.now + 30 * DAY)

    moments = [content.now for content in team.heard(MessageKind.ASK) if hasattr(content, "now")]
    assert moments
    assert all(moment.weekday() < 5 and 9 <= moment.hour < 17 for moment in moments)


def test_what_is_due_together_is_one_message_with_the_most_harmful_first(team: Team) -> None:
    medium = team.log(impact=Impact.MEDIUM)
    team.now += 1 * DAY
    high = team.log(impact=Impact.HIGH)

    team.pass_time(team.now + 1 * DAY + timedelta(hours=6))

    assert team.asked(BO) == [[high, medium]]


def test_a_digest_holds_eight_questions_and_the_rest_waits_a_day(team: Team) -> None:
    for _ in range(10):
        team.log(impact=Impact.HIGH)

    team.pass_time(team.now + 2 * DAY + timedelta(hours=7))

    assert [len(keys) for keys in team.asked(BO)] == [8, 2]


def test_an_answer_stops_the_reminders_and_moves_the_card(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)
    team.pass_time(team.now + 1 * DAY + timedelta(hours=7))

    team.answer(key, Answer.HOLDS)
    team.pass_time(team.now + 10 * DAY)

    assert team.asked(BO) == [[key]]
    assert team.get(key).status is Status.VALIDATED
    cards = [c for m, c in team.said if isinstance(c, CardContent) and m.ts is not None]
    assert cards[-1].assumption.status is Status.VALIDATED


def test_an_answer_is_asked_for_again_before_it_expires(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)
    team.pass_time(team.now + 1 * DAY + timedelta(hours=7))
    team.answer(key, Answer.HOLDS)
    valid_until = team.get(key).valid_until
    assert valid_until is not None

    team.pass_time(valid_until - 5 * DAY)
    asked_again = team.asked(BO)[1:]
    team.answer(key, Answer.HOLDS)
    renewed = team.get(key).valid_until

    assert asked_again
    assert renewed is not None
    assert renewed > valid_until


def test_an_expired_answer_is_told_to_its_owner_once(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL)
    team.pass_time(team.now + 1 * DAY)
    team.answer(key, Answer.HOLDS)

    team.pass_time(team.now + 40 * DAY)

    assert team.get(key).is_stale(team.now)
    assert len(team.heard(MessageKind.STALE, to=ANA)) == 1


def test_a_refutation_is_told_to_the_owner_the_project_and_who_believed_it(team: Team) -> None:
    key = team.log(asked=[BO, CY])
    team.pass_time(team.now + 3 * DAY)
    team.answer(key, Answer.HOLDS, by=CY)

    team.answer(key, Answer.FAILS, by=BO, evidence="the vendor slipped to May")
    team.work()

    assert team.get(key).status is Status.REFUTED
    heard = {
        message.key.to: content
        for message, content in team.said
        if isinstance(content, RefutedContent)
    }
    assert set(heard) == {ANA, CY, CHANNEL}
    assert heard[CY].had_validated
    assert heard[ANA].is_owner


def test_the_one_who_refutes_hears_nothing_of_their_own_click(team: Team) -> None:
    key = team.log(asked=[ANA])
    team.pass_time(team.now + 3 * DAY)

    team.answer(key, Answer.FAILS, by=ANA)
    team.work()

    assert team.heard(MessageKind.REFUTED, to=ANA) == []


def test_a_second_click_says_what_was_answered_and_stores_nothing(team: Team) -> None:
    key = team.log()
    first = team.answer(key, Answer.HOLDS)

    second = team.answer(key, Answer.FAILS)

    assert isinstance(first, Recorded)
    assert isinstance(second, AlreadyAnswered)
    assert second.validation == first.validation
    assert team.get(key).status is Status.VALIDATED


def test_of_two_who_say_the_same_the_second_is_told_who_was_first(team: Team) -> None:
    key = team.log(asked=[BO, CY])
    team.pass_time(team.now + 3 * DAY)
    team.answer(key, Answer.HOLDS, by=BO)

    second = team.answer(key, Answer.HOLDS, by=CY)

    assert isinstance(second, AlreadyAnswered)
    assert second.validation.by == BO


def test_with_quorum_all_everybody_must_say_that_it_holds(team: Team) -> None:
    key = team.log(asked=[BO, CY], quorum=Quorum.ALL)
    team.answer(key, Answer.HOLDS, by=BO)
    after_one = team.get(key).status

    team.answer(key, Answer.HOLDS, by=CY)

    assert after_one is Status.UNVALIDATED
    assert team.get(key).status is Status.VALIDATED


def test_a_person_may_replace_their_own_answer(team: Team) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)

    team.answer(key, Answer.FAILS, supersede=True)

    assert team.get(key).status is Status.REFUTED


def test_evidence_is_asked_for_where_the_impact_needs_it(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)

    with pytest.raises(EvidenceNeededError):
        team.answer(key, Answer.HOLDS, evidence=" ")

    assert team.get(key).status is Status.UNVALIDATED


def test_only_those_who_are_asked_can_answer(team: Team) -> None:
    key = team.log(asked=[BO])

    with pytest.raises(NotAskedError):
        team.answer(key, Answer.HOLDS, by=CY, asked_round=1)


def test_a_second_click_on_not_mine_says_that_nothing_is_left_to_do(team: Team) -> None:
    key = team.log(asked=[BO])
    release.hand_back(team.tx, WORKSPACE, key, by=BO, now=team.now, cadence=team.cadence)

    with pytest.raises(NotAskedError, match="not asked about APOLLO-1 any more: nothing is left"):
        release.hand_back(team.tx, WORKSPACE, key, by=BO, now=team.now, cadence=team.cadence)


def test_an_undo_within_ten_minutes_takes_everything_back(team: Team) -> None:
    key = team.log()
    team.pass_time(team.now + 3 * DAY)
    recorded = team.answer(key, Answer.FAILS)
    team.now += timedelta(minutes=10)

    validation.undo_answer(
        team.tx,
        WORKSPACE,
        key,
        by=BO,
        seq=recorded.validation.seq,
        now=team.now,
        cadence=team.cadence,
    )
    team.pass_time(team.now + 30 * DAY)

    assert team.get(key).status is Status.UNVALIDATED
    assert team.heard(MessageKind.REFUTED) == []
    assert len(team.asked(BO)) == 3  # the ladder went on: the question and both reminders


def test_an_undo_after_ten_minutes_is_refused(team: Team) -> None:
    key = team.log()
    recorded = team.answer(key, Answer.HOLDS)
    team.now += timedelta(minutes=10, seconds=1)

    with pytest.raises(UndoTooLateError):
        validation.undo_answer(
            team.tx,
            WORKSPACE,
            key,
            by=BO,
            seq=recorded.validation.seq,
            now=team.now,
            cadence=team.cadence,
        )

    assert team.get(key).status is Status.VALIDATED


def test_it_depends_tells_the_owner_and_asks_again(team: Team) -> None:
    key = team.log()
    team.pass_time(team.now + 3 * DAY)

    team.answer(key, Answer.UNSURE, evidence="on the load test")
    team.pass_time(team.now + 7 * DAY)

    assert len(team.heard(MessageKind.DEPENDS, to=ANA)) == 1
    assert len(team.asked(BO)) == 2
    again = team.heard(MessageKind.ASK)[-1]
    assert isinstance(again, AskContent)
    assert again.questions[0].prompt.reason == "asked again after “it depends”: on the load test"


def test_not_mine_gives_the_question_back_to_its_owner(team: Team) -> None:
    key = team.log()
    team.pass_time(team.now + 3 * DAY)

    release.hand_back(team.tx, WORKSPACE, key, by=BO, now=team.now, cadence=team.cadence)
    team.pass_time(team.now + 20 * DAY)

    assert len(team.asked(BO)) == 1
    (told,) = team.heard(MessageKind.HANDED_BACK, to=ANA)
    assert isinstance(told, HandedBackContent)
    assert told.stakeholder == BO


def test_a_question_passed_on_is_asked_there_and_never_comes_back(team: Team) -> None:
    key = team.log()

    release.ask_someone_else(
        team.tx, WORKSPACE, key, by=BO, to=team.people[CY], now=team.now, cadence=team.cadence
    )
    team.pass_time(team.now + 3 * DAY)

    assert team.asked(BO) == []
    assert team.asked(CY) == [[key]]
    with pytest.raises(AskedBeforeError):
        release.ask_someone_else(
            team.tx, WORKSPACE, key, by=CY, to=team.people[BO], now=team.now, cadence=team.cadence
        )


def test_somebody_deactivated_is_never_asked_and_the_backup_is(team: Team) -> None:
    key = team.log(asked=[BO], backup=CY)
    team.meet(BO, is_deactivated=True)

    team.pass_time(team.now + 10 * DAY)

    assert team.asked(BO) == []
    assert team.asked(CY)[0] == [key]


def test_without_a_backup_the_owner_hears_that_nobody_can_be_asked(team: Team) -> None:
    key = team.log(asked=[BO])
    team.meet(BO, is_deactivated=True)

    team.pass_time(team.now + 10 * DAY)

    (told,) = team.heard(MessageKind.HANDED_BACK, to=ANA)
    assert isinstance(told, HandedBackContent)
    assert told.reason == "this account is deactivated"
    assert told.assumption.key == key


def test_a_retired_assumption_is_asked_about_no_more(team: Team) -> None:
    key = team.log()

    assumption.retire_assumption(team.tx, WORKSPACE, key, by=ANA, reason="descoped", now=team.now)
    team.pass_time(team.now + 20 * DAY)

    assert team.asked(BO) == []
    with pytest.raises(UserFixableError):
        team.answer(key, Answer.HOLDS)


def test_a_reminder_can_be_put_off(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)
    team.pass_time(team.now + 1 * DAY + timedelta(hours=7))
    later = team.now + 6 * DAY

    moment = reminder.remind_later(team.tx, WORKSPACE, key, by=BO, at=later, now=team.now)
    team.pass_time(moment - timedelta(minutes=1))
    before = len(team.asked(BO))
    team.pass_time(moment)

    assert before == 1
    assert len(team.asked(BO)) == 2


def test_the_last_reminder_can_be_put_off_too_and_then_the_owner_hears(team: Team) -> None:
    key = team.log(impact=Impact.LOW)
    team.pass_time(team.now + 18 * DAY)  # the question and its one reminder
    later = team.now + 7 * DAY

    reminder.remind_later(team.tx, WORKSPACE, key, by=BO, at=later, now=team.now)
    team.pass_time(later + 1 * DAY)
    heard_before = team.heard(MessageKind.UNANSWERED)
    team.pass_time(later + 10 * DAY)

    assert len(team.asked(BO)) == 3
    assert heard_before == []
    assert len(team.heard(MessageKind.UNANSWERED, to=ANA)) == 1


def test_where_nothing_more_comes_there_is_nothing_to_put_off(team: Team) -> None:
    key = team.log(asked=[BO, CY])
    team.pass_time(team.now + 3 * DAY)
    team.answer(key, Answer.HOLDS, by=CY)

    with pytest.raises(UserFixableError, match="Nothing more comes about APOLLO-1"):
        reminder.remind_later(team.tx, WORKSPACE, key, by=BO, at=team.now + 7 * DAY, now=team.now)


def test_nobody_else_is_asked_about_what_is_not_true(team: Team) -> None:
    key = team.log(asked=[BO])
    team.answer(key, Answer.FAILS)

    with pytest.raises(UserFixableError, match="found not to be true"):
        release.ask_someone_else(
            team.tx,
            WORKSPACE,
            key,
            by=BO,
            to=team.people[CY],
            now=team.now,
            cadence=team.cadence,
        )


def test_who_corrects_a_no_says_so_to_whoever_heard_the_no(team: Team) -> None:
    key = team.log()
    team.pass_time(team.now + 3 * DAY)
    team.answer(key, Answer.FAILS)
    team.work()
    heard = len(team.heard(MessageKind.REFUTED))

    team.now += 1 * DAY
    team.answer(key, Answer.HOLDS, supersede=True)
    team.work()

    updated = [c for m, c in team.said if m.ts is not None and isinstance(c, RefutedContent)]
    assert len(updated) == heard == 2
    assert all(c.corrected is not None for c in updated)


def test_a_no_that_was_corrected_before_it_was_told_is_not_told(team: Team) -> None:
    key = team.log()
    team.pass_time(team.now + 3 * DAY)
    team.answer(key, Answer.FAILS)

    team.answer(key, Answer.HOLDS, supersede=True)
    team.work()

    assert team.heard(MessageKind.REFUTED) == []


@pytest.mark.parametrize("statement", ["", "  \n", "x" * 10_001])
def test_a_statement_without_words_or_too_long_is_refused(team: Team, statement: str) -> None:
    with pytest.raises(UserFixableError):
        team.log(statement)

    assert (
        assumption_list.list_assumptions(
            team.tx, WORKSPACE, Filter(), now=team.now, reader=OPERATOR
        ).assumptions
        == ()
    )


def test_a_key_of_another_workspace_answers_like_a_missing_one(team: Team) -> None:
    key = team.log()

    with pytest.raises(UserFixableError, match="I know no APOLLO-1 here"):
        assumption.get_assumption(team.tx, type(WORKSPACE)("T0OTHER"), key, reader=OPERATOR)


def test_the_user_id_of_a_person_never_seen_is_not_asked(team: Team) -> None:
    team.people[UserId("U0NEW")] = team.meet(UserId("U0NEW"))
    key = team.log(asked=[UserId("U0NEW")])
    del team.people[UserId("U0NEW")]

    team.pass_time(team.now + 10 * DAY)

    assert team.asked(UserId("U0NEW")) == []
    assert team.get(key).stakeholders[0].is_released


def edited(team: Team, key: AssumptionKey, *, asked: tuple[UserId, ...]) -> None:
    before = team.get(key)
    edit = AssumptionEdit(
        statement=before.statement,
        owner=before.owner,
        impact=before.impact,
        confidence_percent=before.confidence_percent,
        validate_by=before.validate_by,
        consequence=before.consequence,
        quorum=before.quorum,
        tags=before.tags,
        services=before.services,
        stakeholders=asked,
        backup=None,
    )
    assumption_edit.edit_assumption(
        team.tx,
        WORKSPACE,
        key,
        edit,
        by=ANA,
        asked=[team.people[user] for user in asked],
        now=team.now,
        cadence=team.cadence,
    )


def test_somebody_taken_off_and_named_again_is_asked_again(team: Team) -> None:
    key = team.log(asked=[BO])
    team.pass_time(team.now + 3 * DAY)
    edited(team, key, asked=(CY,))
    team.pass_time(team.now + 7 * DAY)
    before = len(team.asked(BO))

    edited(team, key, asked=(BO, CY))
    team.pass_time(team.now + 5 * DAY)

    assert before == 1
    assert len(team.asked(BO)) == 2


def test_taking_off_the_one_who_had_not_answered_lets_the_others_stand(team: Team) -> None:
    key = team.log(asked=[BO, CY], quorum=Quorum.ALL)
    team.answer(key, Answer.HOLDS, by=BO)

    edited(team, key, asked=(BO,))

    assert team.get(key).status is Status.VALIDATED
