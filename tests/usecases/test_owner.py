"""Somebody left, or Slack will not let us write to them: who is asked and who hears instead."""

from datetime import timedelta

import pytest

from bot.domain.assumption import Impact
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.lease import Claimed
from bot.domain.outbox import Message, MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.service import Service
from bot.domain.validation import Answer
from bot.store import prompt
from bot.usecases import dead_letter, outbox, service
from bot.usecases import prompt as prompts
from bot.usecases.assumption import refresh_messages
from bot.usecases.contents import CardContent, HandedBackContent, UnansweredContent
from bot.usecases.owner import orphans, reassign_owner
from bot.usecases.ports import Refused
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, LEASE, WORKSPACE, Team

DI, EVE = UserId("U0DI"), UserId("U0EVE")


def log_owned_by_di(team: Team, services: tuple[str, ...] = ()) -> AssumptionKey:
    team.meet(DI)
    key = team.log(impact=Impact.CRITICAL, services=services)
    return reassign_owner(team.tx, WORKSPACE, key, to=team.people[DI], by=ANA, now=team.now).key


def test_what_an_owner_who_left_should_hear_goes_to_the_lead(team: Team) -> None:
    log_owned_by_di(team)
    team.meet(DI, is_deactivated=True)

    team.pass_time(team.now + 10 * DAY)

    assert team.heard(MessageKind.UNANSWERED, to=DI) == []
    first = team.heard(MessageKind.UNANSWERED, to=ANA)[0]
    assert isinstance(first, UnansweredContent)
    assert (first.step, first.questions[0].owner_left) == (1, True)


def test_the_owner_of_its_service_comes_before_the_lead(team: Team) -> None:
    team.meet(EVE)
    owner = Service(workspace=WORKSPACE, name="checkout", owner=EVE)
    service.add_service(team.tx, owner)
    key = log_owned_by_di(team, services=("Checkout",))
    team.meet(DI, is_deactivated=True)

    team.pass_time(team.now + 10 * DAY)

    steps = [c.step for c in team.heard(MessageKind.UNANSWERED, to=EVE) if hasattr(c, "step")]
    assert steps == [1]
    assert [one.key for one in orphans(team.tx, WORKSPACE, reader=OPERATOR)] == [key]


def test_where_everybody_left_the_channel_hears_it_once(team: Team) -> None:
    log_owned_by_di(team)
    for user in (DI, ANA):
        team.meet(user, is_deactivated=True)

    team.pass_time(team.now + 10 * DAY)

    steps = [c.step for c in team.heard(MessageKind.UNANSWERED, to=CHANNEL) if hasattr(c, "step")]
    assert steps == [1]
    assert team.heard(MessageKind.UNANSWERED, to=ANA) == []


def test_orphans_are_listed_until_somebody_owns_them(team: Team) -> None:
    key = log_owned_by_di(team)
    team.meet(DI, is_deactivated=True)
    before = [one.key for one in orphans(team.tx, WORKSPACE, reader=OPERATOR)]

    after = reassign_owner(team.tx, WORKSPACE, key, to=team.people[CY], by=BO, now=team.now)

    assert before == [key]
    assert after.owner == CY
    assert orphans(team.tx, WORKSPACE, reader=OPERATOR) == []


def test_while_the_owner_is_there_only_they_and_the_lead_may_name_another(team: Team) -> None:
    key = log_owned_by_di(team)

    with pytest.raises(UserFixableError, match="Only the owner"):
        reassign_owner(team.tx, WORKSPACE, key, to=team.people[CY], by=BO, now=team.now)

    assert team.get(key).owner == DI


def test_an_account_that_is_gone_cannot_own_anything(team: Team) -> None:
    key = team.log()
    gone = team.meet(EVE, is_deactivated=True)

    with pytest.raises(UserFixableError, match="cannot own"):
        reassign_owner(team.tx, WORKSPACE, key, to=gone, by=ANA, now=team.now)


def test_the_answer_of_somebody_who_left_stays_marked_and_is_refreshed_early(team: Team) -> None:
    key = team.log(asked=[BO], backup=CY)
    team.pass_time(team.now + 3 * DAY)
    team.answer(key, Answer.HOLDS)

    team.meet(BO, is_deactivated=True)
    team.pass_time(team.now + 4 * DAY)

    assert team.get(key).status.value == "validated"
    assert team.asked(CY) == [[key]]
    card = [c for _, c in team.said if isinstance(c, CardContent)][-1]
    assert card.gone == {BO}


def test_an_answer_of_somebody_who_left_and_was_not_renewed_is_told_when_it_expires(
    team: Team,
) -> None:
    key = team.log(asked=[BO], impact=Impact.CRITICAL)
    team.pass_time(team.now + 1 * DAY)
    team.answer(key, Answer.HOLDS)

    team.meet(BO, is_deactivated=True)
    team.pass_time(team.now + 30 * DAY)

    assert team.get(key).is_stale(team.now)
    assert len(team.heard(MessageKind.STALE, to=ANA)) == 1


def refuse(team: Team, cause: str) -> Claimed[Message]:
    """Let Slack refuse the next question; what else was due stays due."""
    claimed = due_messages(team)
    asked = next(one for one in claimed if one.item.key.kind is MessageKind.ASK)
    for one in claimed:
        if one is not asked:
            outbox.give_back(team.tx, one, now=team.now, wait=timedelta(0))
    outbox.not_accepted(team.tx, asked, Refused(cause=cause), now=team.now)
    return asked


def due_messages(team: Team) -> list[Claimed[Message]]:
    due = prompts.claim_prompts(team.tx, now=team.now, limit=100, lease=LEASE)
    people = {(WORKSPACE, user): member for user, member in team.people.items()}
    prompts.hand_over(team.tx, due, people=people, now=team.now, cadence=team.cadence)
    return outbox.claim_messages(team.tx, now=team.now, limit=100, lease=LEASE)


def test_somebody_whom_slack_does_not_let_us_write_to_is_replaced(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL, asked=[BO], backup=CY)

    refuse(team, "channel_not_found")
    team.pass_time(team.now + 1 * DAY)

    assert team.asked(BO) == []
    assert team.asked(CY)[0] == [key]
    skipped = prompt.of_assumption(team.tx, WORKSPACE, key)[0]
    assert skipped.outcome == "Slack does not let me write to this person"


def test_without_a_backup_the_owner_hears_that_slack_refused(team: Team) -> None:
    team.log(impact=Impact.CRITICAL, asked=[BO])

    refuse(team, "cannot_dm_bot")
    team.pass_time(team.now + 1 * DAY)

    (told,) = team.heard(MessageKind.HANDED_BACK, to=ANA)
    assert isinstance(told, HandedBackContent)
    assert told.reason == "Slack does not let me write to this person"


def test_our_own_mistake_does_not_take_anybody_off(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL, asked=[BO])

    refuse(team, "invalid_blocks")

    assert not team.get(key).stakeholders[0].is_released


def test_a_card_waits_until_somebody_invites_the_bot(team: Team) -> None:
    team.log()
    for claimed in due_messages(team):
        refused = Refused(cause="not_in_channel")
        outbox.not_accepted(team.tx, claimed, refused, now=team.now)

    team.pass_time(team.now + 1 * DAY)

    assert len(team.heard(MessageKind.CARD)) == 1


def test_a_card_that_somebody_deletes_is_posted_anew_once(team: Team) -> None:
    key = team.log()
    team.work()
    gone = Refused(cause="message_not_found")
    found = []
    for _ in range(2):
        refresh_messages(team.tx, team.get(key), now=team.now)
        [card] = [one for one in due_messages(team) if one.item.key.kind is MessageKind.CARD]
        outbox.not_accepted(team.tx, card, gone, now=team.now)
        team.work()
        new = team.new(MessageKind.CARD)
        found.append((len(new), new[-1][0].replaces_ts is not None))
    parked = dead_letter.troubled(team.tx, WORKSPACE)

    assert found == [(2, True), (2, True)]
    assert [one.error for one in parked] == ["message_not_found"]
