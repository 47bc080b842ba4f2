"""Whose turn it is to be offered something, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.domain.ids import ChannelId, MessageTs, UserId, WorkspaceId
from bot.usecases.listening import (
    NotYoursToListenError,
    is_listening,
    refuse_offers,
    take_turn,
    turn_listening,
)
from bot.usecases.project import create_project
from tests.make import ANA, APOLLO, BO, CY, DAY, HOME, NOON, WORKSPACE

ELSEWHERE = ChannelId("C2")


@pytest.fixture
def listening(tx: Connection) -> Connection:
    """Given a project that Ana leads, whose channel listens."""
    create_project(
        tx, workspace=WORKSPACE, key=APOLLO, name="Apollo", channel=HOME, lead=ANA, now=NOON
    )
    assert turn_listening(tx, WORKSPACE, HOME, is_on=True, by=ANA, now=NOON)
    return tx


def test_one_offer_a_day_for_each_person_and_channel(listening: Connection) -> None:
    def offers(user: UserId = BO, channel: ChannelId = HOME, days: int = 0) -> bool:
        at = NOON + days * DAY
        return take_turn(listening, WORKSPACE, channel, user, thread=None, now=at)

    assert offers()
    assert not offers()
    assert offers(CY)
    assert not offers(channel=ELSEWHERE)  # which nobody turned on
    assert offers(days=1)

    refuse_offers(listening, WORKSPACE, HOME, BO)
    assert not offers(days=2)
    assert offers(CY, days=2)


def test_a_day_is_one_where_the_person_is(listening: Connection) -> None:
    late = NOON + timedelta(hours=13)  # past midnight in UTC, which counts while Slack has not said
    assert take_turn(listening, WORKSPACE, HOME, BO, thread=None, now=NOON)
    assert take_turn(listening, WORKSPACE, HOME, BO, thread=None, now=late)


def test_only_a_lead_or_an_admin_turns_it_on_and_off(listening: Connection) -> None:
    with pytest.raises(NotYoursToListenError, match="lead"):
        turn_listening(listening, WORKSPACE, HOME, is_on=False, by=BO, now=NOON)
    with pytest.raises(NotYoursToListenError, match="an admin"):
        turn_listening(listening, WORKSPACE, ELSEWHERE, is_on=True, by=ANA, now=NOON)

    assert not turn_listening(listening, WORKSPACE, HOME, is_on=True, by=ANA, now=NOON)
    assert turn_listening(listening, WORKSPACE, HOME, is_on=False, by=ANA, now=NOON)
    assert not is_listening(listening, WORKSPACE, HOME)
    assert not take_turn(listening, WORKSPACE, HOME, CY, thread=MessageTs("1.1"), now=NOON)
    assert not is_listening(listening, WorkspaceId("T2"), HOME)
