"""Questions whose message was parked or given up: they are asked all the same."""

from datetime import timedelta

import pytest

from bot.domain.assumption import Impact
from bot.domain.lease import Claimed
from bot.domain.outbox import Message, MessageKind
from bot.domain.prompt import PromptState
from bot.domain.validation import Answer
from bot.store import prompt as prompts
from bot.usecases import dead_letter, outbox
from bot.usecases.ports import Ambiguous, Failed, NotSent, Outcome, Refused
from tests.usecases.team import ANA, BO, DAY, LEASE, WORKSPACE, Team


def the_ask(team: Team) -> Claimed[Message]:
    """Claim the message with the question to Bo, on the day that it is due."""
    team.pass_time(team.now + 2 * DAY - timedelta(hours=4))
    for _ in range(16):
        team.now += timedelta(hours=1)
        team.hand_over()
        claimed = outbox.claim_messages(team.tx, now=team.now, limit=9, lease=LEASE)
        asks = [one for one in claimed if one.item.key.kind is MessageKind.ASK]
        if asks:
            return asks[0]
    raise AssertionError("nobody was asked")


def recorded(team: Team, ask: Claimed[Message], outcome: Outcome) -> None:
    assert outbox.not_accepted(team.tx, ask, outcome, now=team.now)


@pytest.mark.parametrize(
    "cause", ["restricted_action", "message_limit_exceeded", "msg_too_long", "invalid_blocks"]
)
def test_what_a_parked_message_would_have_asked_is_asked_on_the_next_morning_and_goes_on(
    team: Team, cause: str
) -> None:
    key = team.log(asked=[BO])
    ask, parked_at = the_ask(team), team.now

    recorded(team, ask, Refused(cause=cause))
    (planned,) = prompts.of_assumption(team.tx, WORKSPACE, key)
    team.pass_time(team.now + 30 * DAY)

    assert (planned.state, planned.waited) == (
        PromptState.PLANNED,
        "Slack did not take the message with it",
    )
    assert planned.due_at.date() == parked_at.date() + DAY
    assert team.asked(BO) == [[key]] * 3  # the question and both reminders
    assert team.heard(MessageKind.UNANSWERED, to=ANA)


def test_what_the_bot_itself_failed_at_is_asked_on_the_next_morning(team: Team) -> None:
    key = team.log(asked=[BO])
    ask = the_ask(team)
    for _ in range(4):
        recorded(team, ask, Failed("a fault of the bot itself; its log says which"))
        team.now += timedelta(hours=1)
        [ask] = outbox.claim_messages(team.tx, now=team.now, limit=9, lease=LEASE)

    recorded(team, ask, Failed("a fault of the bot itself; its log says which"))

    (planned,) = prompts.of_assumption(team.tx, WORKSPACE, key)
    assert planned.state is PromptState.PLANNED


@pytest.mark.parametrize("outcome", [NotSent(cause="no connection"), Ambiguous(cause="timeout")])
def test_what_a_dropped_message_would_have_asked_is_asked_on_the_next_morning(
    team: Team, outcome: Outcome
) -> None:
    key = team.log(asked=[BO])
    recorded(team, the_ask(team), outcome)
    [waiting] = [
        one for one in dead_letter.troubled(team.tx, WORKSPACE) if one.key.kind is MessageKind.ASK
    ]

    dropped = dead_letter.drop(team.tx, WORKSPACE, [dead_letter.id_of(waiting)], now=team.now)
    team.pass_time(team.now + 30 * DAY)

    assert dropped == [waiting]
    assert team.asked(BO) == [[key]] * 3


def test_a_question_that_was_asked_is_not_asked_anew_where_its_update_is_refused(
    team: Team,
) -> None:
    key = team.log(asked=[BO], impact=Impact.CRITICAL)
    team.pass_time(team.now + DAY)
    asked = len(team.asked(BO))
    team.answer(key, Answer.FAILS)
    claimed = outbox.claim_messages(team.tx, now=team.now, limit=99, lease=LEASE)
    for one in claimed:
        recorded(team, one, Refused(cause="cant_update_message"))
    team.pass_time(team.now + 3 * DAY)

    assert len(team.asked(BO)) == asked


def test_a_message_whose_lease_was_lost_gives_its_questions_up_to_nobody(team: Team) -> None:
    key = team.log(asked=[BO])
    ask = the_ask(team)
    lost = Claimed(ask.item, "another token")

    assert not outbox.not_accepted(team.tx, lost, Refused(cause="msg_too_long"), now=team.now)

    (handed_over,) = prompts.of_assumption(team.tx, WORKSPACE, key)
    assert handed_over.state is PromptState.ATTEMPTED
