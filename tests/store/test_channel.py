"""Channels and their members, and who may read a row by them."""

from dataclasses import replace

from sqlalchemy import Connection, text

from bot.domain.channel import Channel
from bot.domain.ids import ChannelId, UserId
from bot.domain.permission import OPERATOR, Reader
from bot.store import channel as channels
from bot.usecases.channel import sight_of
from tests.store.samples import ANA, BO, DAY, ELSEWHERE, HERE, HOME, HOUR, NOON

PRIVATE = Channel(
    workspace=HERE, id=HOME, name="apollo", members=frozenset([ANA, BO]), seen_at=NOON
)


def test_a_channel_reads_back_and_what_slack_says_next_replaces_it(tx: Connection) -> None:
    channels.put(tx, PRIVATE, due_at=NOON)
    assert channels.get(tx, HERE, HOME) == PRIVATE
    smaller = replace(PRIVATE, name="<b>🚀", members=frozenset([BO]), seen_at=NOON + HOUR)

    channels.put(tx, smaller, due_at=NOON)

    assert channels.get(tx, HERE, HOME) == smaller
    assert channels.all_of(tx, HERE, member_of=ANA) == [replace(smaller, members=frozenset())]
    assert channels.all_of(tx, HERE, member_of=BO) == [smaller]
    assert channels.get(tx, ELSEWHERE, HOME) is None
    assert channels.all_of(tx, ELSEWHERE, member_of=BO) == []


def test_people_come_and_go(tx: Connection) -> None:
    channels.put(tx, replace(PRIVATE, members=frozenset([ANA])), due_at=NOON)
    channels.add_members(tx, HERE, HOME, [BO, ANA], at=NOON + HOUR)

    channels.remove_member(tx, HERE, HOME, ANA)

    found = channels.get(tx, HERE, HOME)
    assert found is not None
    assert found.members == {BO}


def test_a_channel_that_slack_hides_is_read_by_those_met_of_late(tx: Connection) -> None:
    channels.put(tx, PRIVATE, due_at=NOON)
    channels.add_members(tx, HERE, HOME, [BO], at=NOON + DAY)

    channels.hide(tx, HERE, HOME, met_since=NOON + HOUR, due_at=NOON + DAY)

    assert channels.claim_due(tx, now=NOON + HOUR, limit=1, next_at=NOON + DAY) == []
    found = channels.get(tx, HERE, HOME)
    assert found is not None
    assert not found.is_known
    assert found.members == {BO}


def test_each_channel_is_asked_about_in_turn_and_again_later(tx: Connection) -> None:
    first, second = ChannelId("C1"), ChannelId("C2")
    assert channels.expect(tx, HERE, second, now=NOON)
    assert channels.expect(tx, ELSEWHERE, first, now=NOON - HOUR)
    assert not channels.expect(tx, HERE, second, now=NOON - DAY)

    taken = [
        channels.claim_due(tx, now=NOON + n * HOUR, limit=1, next_at=NOON + 3 * HOUR)
        for n in range(4)
    ]

    assert taken == [[(ELSEWHERE, first)], [(HERE, second)], [], [(ELSEWHERE, first)]]


def test_no_more_are_taken_than_the_limit_however_the_server_plans_it(tx: Connection) -> None:
    if tx.dialect.name == "postgresql":
        for plan in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            tx.execute(text(f"SET LOCAL enable_{plan} = off"))
    for number in range(3):
        channels.expect(tx, HERE, ChannelId(f"C{number}"), now=NOON)

    taken = channels.claim_due(tx, now=NOON, limit=1, next_at=NOON + HOUR)

    assert taken == [(HERE, ChannelId("C0"))]


def test_a_sight_is_of_one_workspace(tx: Connection) -> None:
    channels.put(tx, PRIVATE, due_at=NOON)
    channels.put(tx, replace(PRIVATE, workspace=ELSEWHERE, is_private=False), due_at=NOON)

    assert sight_of(tx, HERE, OPERATOR).channels is None
    assert sight_of(tx, HERE, Reader.person(ANA)).channels == frozenset([HOME])
    assert sight_of(tx, HERE, Reader.person(UserId("U9"))).channels == frozenset()
    assert sight_of(tx, ELSEWHERE, Reader.person(ANA, is_guest=True)).channels == frozenset([HOME])
