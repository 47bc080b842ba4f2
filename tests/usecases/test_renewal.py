"""What is confirmed is asked again before it expires, whatever happens to the answers."""

from datetime import datetime

from bot.domain.assumption import Quorum, Status
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.outbox import MessageKind
from bot.domain.prompt import PromptKind
from bot.domain.validation import Answer
from bot.store import prompt as prompts
from bot.usecases import release, validation
from bot.usecases.contested import decide_contested
from bot.usecases.validation import Recorded
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CY, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE


def planned(team: Team, key: AssumptionKey) -> set[tuple[UserId, PromptKind]]:
    found = prompts.of_assumption(team.tx, WORKSPACE, key)
    return {(one.key.stakeholder, one.key.kind) for one in found if one.is_planned}


def notices_at(team: Team, key: AssumptionKey) -> list[datetime]:
    found = prompts.of_assumption(team.tx, WORKSPACE, key)
    return [one.due_at for one in found if one.is_planned and one.key.kind is PromptKind.STALE]


def test_where_all_must_confirm_each_is_asked_again_before_their_own_answer_expires(
    team: Team,
) -> None:
    key = team.log(asked=[BO, CY], quorum=Quorum.ALL)
    team.pass_time(team.now + 4 * DAY)
    team.answer(key, Answer.HOLDS, by=BO)
    team.pass_time(team.now + 6 * DAY)
    team.answer(key, Answer.HOLDS, by=CY)
    team.said.clear()

    for _ in range(56):
        team.pass_time(team.now + DAY)
        for person in team.get(key).stakeholders:
            if len(team.asked(person.user)) == 1:
                team.answer(key, Answer.HOLDS, by=person.user)

    assert (len(team.asked(BO)), len(team.asked(CY))) == (1, 1)
    assert team.get(key).status is Status.VALIDATED
    assert not team.get(key).is_stale(team.now)
    assert team.heard(MessageKind.STALE) == []


def test_a_replaced_answer_that_is_taken_back_leaves_the_first_one_renewed(team: Team) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)
    team.now += DAY
    replaced = team.answer(key, Answer.HOLDS, supersede=True)
    assert isinstance(replaced, Recorded)

    validation.undo_answer(
        team.tx,
        WORKSPACE,
        key,
        by=BO,
        seq=replaced.validation.seq,
        now=team.now,
        cadence=team.cadence,
    )

    assert planned(team, key) == {(BO, PromptKind.REFRESH), (BO, PromptKind.STALE)}
    assert notices_at(team, key) == [team.get(key).valid_until]


def test_who_is_released_and_was_the_last_one_missing_leaves_the_others_renewed(
    team: Team,
) -> None:
    key = team.log(asked=[BO, CY], quorum=Quorum.ALL)
    team.answer(key, Answer.HOLDS, by=BO)

    release.hand_back(team.tx, WORKSPACE, key, by=CY, now=team.now, cadence=team.cadence)

    assert team.get(key).status is Status.VALIDATED
    assert planned(team, key) == {(BO, PromptKind.REFRESH), (BO, PromptKind.STALE)}


def test_it_depends_said_after_a_yes_leaves_the_notice_of_its_end(team: Team) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)

    team.answer(key, Answer.UNSURE, supersede=True)

    assert team.get(key).status is Status.VALIDATED
    assert planned(team, key) == {(BO, PromptKind.ASK), (BO, PromptKind.STALE)}


def test_what_an_owner_let_hold_is_renewed_by_somebody_who_is_still_asked(team: Team) -> None:
    key = team.log(asked=[BO, CY])
    team.answer(key, Answer.HOLDS, by=BO)
    team.answer(key, Answer.FAILS, by=CY)
    release.stop_asking(team.tx, WORKSPACE, key, by=BO, now=team.now, cadence=team.cadence)

    decide_contested(
        team.tx,
        WORKSPACE,
        key,
        by=ANA,
        holds=True,
        reason="the wrong contract",
        now=team.now,
        cadence=team.cadence,
    )

    assert (CY, PromptKind.REFRESH) in planned(team, key)
    assert notices_at(team, key) == [team.get(key).valid_until]


def test_an_answer_of_one_who_wants_to_be_asked_no_more_still_ends_with_a_notice(
    team: Team,
) -> None:
    key = team.log(asked=[BO])
    team.answer(key, Answer.HOLDS)

    release.stop_asking(team.tx, WORKSPACE, key, by=BO, now=team.now, cadence=team.cadence)
    team.pass_time(team.now + 70 * DAY)

    assert len(team.heard(MessageKind.STALE, to=ANA)) == 1
