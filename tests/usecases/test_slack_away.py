"""Slack takes nothing for a while: what waited does not come all at once, nor at night."""

from datetime import timedelta

from bot.domain.assumption import Impact
from bot.domain.outbox import MessageKind
from bot.store import prompt
from bot.usecases import outbox
from bot.usecases import prompt as prompts
from bot.usecases.ports import NotSent
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import BO, DAY, LEASE, WORKSPACE, Team

HOUR = timedelta(hours=1)


def without_slack(team: Team, hours: int) -> None:
    """The ticks run on while no message leaves."""
    for _ in range(hours):
        due = prompts.claim_prompts(team.tx, now=team.now, limit=100, lease=LEASE)
        people = {(WORKSPACE, user): member for user, member in team.people.items()}
        prompts.hand_over(team.tx, due, people=people, now=team.now, cadence=team.cadence)
        for one in outbox.claim_messages(team.tx, now=team.now, limit=100, lease=LEASE):
            if not outbox.put_off(team.tx, one, now=team.now):
                away = NotSent(cause="service_unavailable")
                outbox.not_accepted(team.tx, one, away, now=team.now)
        team.now += HOUR


@ON_SQLITE_ALONE
def test_the_questions_of_several_days_come_as_one_message(team: Team) -> None:
    for number in range(20):
        team.log(f"Statement number {number}", impact=Impact.HIGH)

    without_slack(team, hours=72)
    team.pass_time(team.now + 1 * DAY)

    first, second = team.asked(BO)
    assert (len(first), len(second)) == (8, 8)
    assert [at.date() for at in team.asked_at(BO)] == [
        (team.now - 1 * DAY).date(),
        team.now.date(),
    ]


def test_what_waited_for_slack_does_not_arrive_at_night(team: Team) -> None:
    team.log(impact=Impact.CRITICAL)

    without_slack(team, hours=10)
    back_at = team.now
    team.pass_time(team.now + 1 * DAY)

    assert back_at.hour == 20
    (at,) = team.asked_at(BO)
    assert 9 <= at.hour < 17
    (waiting,) = [
        one
        for one in prompt.of_assumption(team.tx, WORKSPACE, team.asked(BO)[0][0])
        if one.sent_at is not None
    ]
    assert waiting.waited


def test_what_waited_for_some_minutes_goes_out_as_it_was(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL)

    without_slack(team, hours=2)
    team.work()

    assert team.asked(BO) == [[key]]
    assert len(team.heard(MessageKind.CARD)) == 1
