"""One message a working day for each person, and one urgent question beside it."""

from collections import Counter
from datetime import datetime, timedelta

from bot.domain.assumption import Impact
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.validation import Answer
from bot.domain.working_time import spread_of
from bot.store import prompt
from bot.usecases.due import due_for, next_prompt
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import BO, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE

MORNING = timedelta(hours=9) + spread_of(WORKSPACE, BO)


def midnight(team: Team) -> datetime:
    return team.now.replace(hour=0, minute=0)


def test_at_most_one_digest_a_working_day_however_much_is_asked(team: Team) -> None:
    for number in range(40):
        team.log(f"Statement number {number}", impact=list(Impact)[number % 3])

    for _ in range(14):
        team.pass_time(team.now + 1 * DAY)
        for key in team.asked(BO)[-1] if team.asked(BO) else []:
            team.answer(key, Answer.HOLDS)

    days = Counter(at.date() for at in team.asked_at(BO))
    assert max(days.values()) == 1
    assert max(len(keys) for keys in team.asked(BO)) == 8
    assert len({key for keys in team.asked(BO) for key in keys}) == 40


def test_an_urgent_question_goes_out_beside_the_day_s_digest(team: Team) -> None:
    high = team.log(impact=Impact.HIGH)
    team.pass_time(midnight(team) + 1 * DAY + MORNING)
    team.now += timedelta(minutes=30)

    urgent = [team.log(impact=Impact.CRITICAL) for _ in range(2)]
    team.pass_time(team.now + timedelta(hours=2))
    same_day = team.asked(BO)
    team.pass_time(team.now + 1 * DAY)

    assert same_day == [[high], [urgent[0]]]
    # The second one's day: with the first one's reminder, as the digest.
    assert set(team.asked(BO)[2]) == set(urgent)


def test_an_early_urgent_question_does_not_use_up_the_morning_s_message(team: Team) -> None:
    high = team.log(impact=Impact.HIGH)
    team.now = midnight(team) + 1 * DAY + timedelta(hours=9)
    first, second = (team.log(impact=Impact.CRITICAL) for _ in range(2))

    team.pass_time(midnight(team) + timedelta(hours=12))

    assert team.asked(BO) == [[first], [second, high]]


def test_what_waits_says_why_and_since_when(team: Team) -> None:
    for _ in range(9):
        team.log(impact=Impact.HIGH)

    team.pass_time(midnight(team) + 1 * DAY + timedelta(hours=12))

    (left,) = [
        one for one in prompt.planned_for(team.tx, WORKSPACE, BO) if one.key.kind.value == "ask"
    ]
    assert left.first_due_at == midnight(team) + MORNING
    assert left.due_at == midnight(team) + 1 * DAY + MORNING
    assert left.waited == "more harmful ones filled that day's message"


def test_a_reminder_stays_in_the_digest(team: Team) -> None:
    first = team.log(impact=Impact.HIGH)
    team.pass_time(team.now + 2 * DAY)
    second = team.log(impact=Impact.HIGH)

    team.pass_time(team.now + 1 * DAY)

    assert team.asked(BO) == [[first], [first, second]]


def test_what_is_due_is_foretold_day_by_day(team: Team) -> None:
    for number in range(20):
        team.log(f"Statement number {number}", impact=Impact.HIGH)

    foretold = due_for(team.tx, WORKSPACE, BO, now=team.now)
    mornings = Counter(one.at for one in foretold)

    assert list(mornings.values()) == [8, 8, 4]
    assert list(mornings) == [midnight(team) + days * DAY + MORNING for days in (1, 2, 3)]
    assert foretold[0].why == "first question, one working day after it was logged"
    assert foretold[-1].why.endswith("since more harmful ones filled that day's message")
    assert len(team.heard(MessageKind.ASK)) == 0


def test_what_is_foretold_comes_true(team: Team) -> None:
    for number in range(12):
        team.log(f"Statement number {number}", impact=Impact.HIGH)
    foretold = due_for(team.tx, WORKSPACE, BO, now=team.now)
    first = foretold[0].at

    team.pass_time(first + timedelta(minutes=1))

    assert team.asked_at(BO) == [first]
    assert set(team.asked(BO)[0]) == {one.assumption.key for one in foretold if one.at == first}


def test_what_happens_next_about_an_assumption(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)
    before = next_prompt(team.tx, WORKSPACE, key, now=team.now, reader=OPERATOR)
    team.pass_time(team.now + 1 * DAY)

    after = next_prompt(team.tx, WORKSPACE, key, now=team.now, reader=OPERATOR)

    assert before is not None
    assert after is not None
    assert (before.prompt.key.kind.value, after.prompt.key.kind.value) == ("ask", "remind")
    assert after.why == "reminder 1 of 3: last asked on Tuesday 3 March"


def test_what_comes_up_before_the_person_s_own_minute_waits_for_it_without_an_excuse(
    team: Team,
) -> None:
    team.log(impact=Impact.HIGH)
    (due,) = prompt.planned_for(team.tx, WORKSPACE, BO)
    prompt.move(team.tx, due, due_at=due.due_at - timedelta(minutes=20))
    team.now = due.due_at - timedelta(minutes=20)

    team.work()

    (waiting,) = prompt.planned_for(team.tx, WORKSPACE, BO)
    assert (waiting.due_at, waiting.waited) == (due.due_at, "")
