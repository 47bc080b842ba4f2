"""A question to the owner finds somebody who can reply, also once the owner has left."""

import pytest

from bot.domain.errors import UserFixableError
from bot.domain.outbox import MessageKind
from bot.usecases.contents import OwnerAskedContent
from bot.usecases.owner import reassign_owner
from bot.usecases.relay import ask_owner, reply_to_question
from bot.usecases.release import ask_someone_else
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team
from tests.usecases.test_owner import DI, log_owned_by_di

pytestmark = ON_SQLITE_ALONE


def test_a_question_to_an_owner_who_left_is_answered_by_who_stands_in(team: Team) -> None:
    key = log_owned_by_di(team)
    team.pass_time(team.now + 1 * DAY)
    team.meet(DI, is_deactivated=True)

    to = ask_owner(team.tx, WORKSPACE, key, by=BO, text="Which API?", now=team.now)
    team.work()

    assert to == ANA
    assert len(team.heard(MessageKind.OWNER_ASKED, to=ANA)) == 1


def test_where_everybody_left_a_question_to_the_owner_is_answered_in_the_channel(
    team: Team,
) -> None:
    key = log_owned_by_di(team)
    team.pass_time(team.now + 1 * DAY)
    for user in (DI, ANA):
        team.meet(user, is_deactivated=True)

    to = ask_owner(team.tx, WORKSPACE, key, by=BO, text="Which API?", now=team.now)
    team.work()
    (asked,) = team.heard(MessageKind.OWNER_ASKED, to=CHANNEL)
    assert isinstance(asked, OwnerAskedContent)
    reply_to_question(
        team.tx, WORKSPACE, key, seq=asked.seq, by=CY, text="The new one", now=team.now
    )
    team.work()

    assert to == CHANNEL
    assert len(team.heard(MessageKind.OWNER_REPLIED, to=BO)) == 1


def test_who_stands_in_for_an_owner_is_not_sent_their_own_question(team: Team) -> None:
    team.meet(DI)
    key = team.log(asked=[ANA])
    reassign_owner(team.tx, WORKSPACE, key, to=team.people[DI], by=ANA, now=team.now)
    team.meet(DI, is_deactivated=True)

    with pytest.raises(UserFixableError, match="you stand in for them"):
        ask_owner(team.tx, WORKSPACE, key, by=ANA, text="Which API?", now=team.now)


def test_a_question_in_the_channel_is_answered_by_none_but_its_readers(team: Team) -> None:
    key = log_owned_by_di(team)
    team.pass_time(team.now + 1 * DAY)
    for user in (DI, ANA):
        team.meet(user, is_deactivated=True)
    ask_owner(team.tx, WORKSPACE, key, by=BO, text="Which API?", now=team.now)
    team.work()
    (asked,) = team.heard(MessageKind.OWNER_ASKED, to=CHANNEL)
    assert isinstance(asked, OwnerAskedContent)
    ask_someone_else(
        team.tx, WORKSPACE, key, by=BO, to=team.people[CY], now=team.now, cadence=team.cadence
    )
    team.close_channel(CHANNEL, CY)

    with pytest.raises(UserFixableError, match="Only the owner can reply"):
        reply_to_question(team.tx, WORKSPACE, key, seq=asked.seq, by=BO, text="?", now=team.now)
    reply_to_question(team.tx, WORKSPACE, key, seq=asked.seq, by=CY, text="New", now=team.now)
