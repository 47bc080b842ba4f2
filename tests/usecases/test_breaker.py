"""Nobody is nagged who does not answer, and whoever relies on them hears it."""

from collections.abc import Iterable

from bot.domain.assumption import Impact
from bot.domain.breaker import PAUSE, BreakerState
from bot.domain.ids import AssumptionKey
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.prompt import PromptKind
from bot.domain.service import Service
from bot.domain.validation import Answer
from bot.store import prompt
from bot.usecases import assumption, assumption_show, release
from bot.usecases import service as services
from bot.usecases.breaker import breaker_of
from bot.usecases.contents import PausedContent
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CY, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE


def stay_silent(
    team: Team, questions: int = 3, services: tuple[str, ...] = ()
) -> list[AssumptionKey]:
    """Ask Bo that many critical questions, and pass the time until their ladders have run out."""
    keys = [
        team.log(f"Silent {n}", impact=Impact.CRITICAL, services=services) for n in range(questions)
    ]
    while not all(went_unanswered(team, key) for key in keys):
        team.pass_time(team.now + DAY / 4)
    return keys


def went_unanswered(team: Team, key: AssumptionKey) -> bool:
    events = assumption_show.show_assumption(team.tx, WORKSPACE, key, reader=OPERATOR).events
    return any(type(event.what).__name__ == "WentUnanswered" for event in events)


def state(team: Team) -> BreakerState:
    return breaker_of(team.tx, WORKSPACE, BO).state(team.now)


def new_asks(team: Team, keys: Iterable[AssumptionKey]) -> list[AssumptionKey]:
    return [key for asked in team.asked(BO) for key in asked if key in set(keys)]


def test_three_silent_questions_pause_new_ones_and_the_owner_hears_it_once(team: Team) -> None:
    silent = stay_silent(team)
    opened_at = team.now

    new = team.log("New", impact=Impact.HIGH)
    team.pass_time(opened_at + PAUSE - DAY)

    assert state(team) is BreakerState.OPEN
    assert new_asks(team, [new]) == []
    (told,) = team.heard(MessageKind.PAUSED, to=ANA)
    assert isinstance(told, PausedContent)
    assert told.person == BO
    assert {one.key for one in told.assumptions} == set(silent)


def test_where_the_owner_has_left_who_stands_in_for_them_hears_of_the_pause(team: Team) -> None:
    services.add_service(team.tx, Service(workspace=WORKSPACE, name="payments", owner=CY))
    team.meet(ANA, is_deactivated=True)
    silent = stay_silent(team, services=("payments",))

    assert team.heard(MessageKind.PAUSED, to=ANA) == []
    (told,) = team.heard(MessageKind.PAUSED, to=CY)
    assert isinstance(told, PausedContent)
    assert {one.key for one in told.assumptions} == set(silent)


def test_what_waits_says_that_it_is_paused(team: Team) -> None:
    stay_silent(team)
    new = team.log("New", impact=Impact.HIGH)

    team.pass_time(team.now + 3 * DAY)

    (waiting,) = [
        one for one in prompt.planned_for(team.tx, WORKSPACE, BO) if one.key.assumption == new
    ]
    assert waiting.waited.endswith("new questions were paused")
    assert waiting.due_at > team.now + 2 * DAY


def test_after_a_week_there_is_one_trial_question(team: Team) -> None:
    stay_silent(team)
    new = [team.log(f"New {n}", impact=Impact.HIGH) for n in range(3)]

    team.pass_time(team.now + PAUSE + 4 * DAY)

    assert state(team) is BreakerState.HALF_OPEN
    asked = new_asks(team, new)
    assert asked
    assert set(asked) == {new[0]}


def test_a_trial_that_is_retired_makes_room_for_another(team: Team) -> None:
    stay_silent(team)
    new = [team.log(f"New {n}", impact=Impact.HIGH) for n in range(2)]
    team.pass_time(team.now + PAUSE + 4 * DAY)

    assumption.retire_assumption(
        team.tx, WORKSPACE, new[0], by=ANA, reason="descoped", now=team.now
    )
    team.pass_time(team.now + 4 * DAY)

    assert new[1] in new_asks(team, new)


def test_a_silent_trial_pauses_again(team: Team) -> None:
    stay_silent(team)
    new = [team.log(f"New {n}", impact=Impact.CRITICAL) for n in range(2)]

    while not went_unanswered(team, new[0]):
        team.pass_time(team.now + DAY / 4)

    assert state(team) is BreakerState.OPEN
    assert new_asks(team, new[1:]) == []
    assert len(team.heard(MessageKind.PAUSED, to=ANA)) == 2


def test_any_answer_ends_the_pause_and_what_waited_comes_next_morning(team: Team) -> None:
    silent = stay_silent(team)
    new = team.log("New", impact=Impact.HIGH)
    team.pass_time(team.now + 2 * DAY)

    team.answer(silent[0], Answer.HOLDS)
    team.pass_time(team.now + 4 * DAY)

    assert state(team) is BreakerState.CLOSED
    assert new in new_asks(team, [new])
    updates = [c for m, c in team.said if isinstance(c, PausedContent) and m.ts is not None]
    assert updates[-1].state is BreakerState.CLOSED


def test_saying_that_it_is_not_theirs_counts_as_an_answer(team: Team) -> None:
    silent = stay_silent(team)

    release.hand_back(team.tx, WORKSPACE, silent[0], by=BO, now=team.now, cadence=team.cadence)

    assert state(team) is BreakerState.CLOSED


def test_a_ladder_that_runs_is_finished(team: Team) -> None:
    slow = team.log("Slow", impact=Impact.HIGH)
    team.pass_time(team.now + 1 * DAY)
    stay_silent(team)
    before = len(new_asks(team, [slow]))

    team.pass_time(team.now + PAUSE - DAY)

    assert len(new_asks(team, [slow])) > before
    asked = [
        one.key.kind
        for one in prompt.of_assumption(team.tx, WORKSPACE, slow)
        if one.sent_at is not None and one.key.kind is not PromptKind.ESCALATE
    ]
    assert asked == [PromptKind.ASK, *[PromptKind.REMIND] * 3]


def test_somebody_else_is_asked_as_ever(team: Team) -> None:
    stay_silent(team)

    other = team.log("Other", impact=Impact.HIGH, asked=[CY])
    team.pass_time(team.now + 4 * DAY)

    assert team.asked(CY)[0] == [other]
