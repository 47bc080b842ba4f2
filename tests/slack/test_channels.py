"""Who reads a channel, as Slack says it: asked, and told by its events."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.channel import Channel
from bot.domain.errors import RetryableError
from bot.domain.ids import ChannelId
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.domain.permission import OPERATOR
from bot.slack.channels import SlackChannels
from bot.store import outbox
from bot.store.tables import outbox as table
from bot.usecases.assumption import get_assumption
from bot.usecases.channel import describe_channel, known_channel
from bot.usecases.member import recall, remember
from tests.make import ANA, BO, HOME, WORKSPACE, key
from tests.slack.conftest import ELSEWHERE, Wire, text_of


async def told(wire: Wire, type_: str, **fields: Any) -> None:
    event = {"type": type_, **fields}
    payload = {"type": "event_callback", "team_id": WORKSPACE, "event": event, "event_id": type_}
    assert (await wire.deliver(payload)).status == 200


async def test_a_channel_is_described_and_one_that_slack_hides_counts_as_private(
    wire: Wire,
) -> None:
    channels = SlackChannels(wire.api, wire.db, wire.clock)

    await channels.refresh(WORKSPACE, HOME)
    await channels.refresh(WORKSPACE, ChannelId("C404"))

    home = await wire.db.read(known_channel, WORKSPACE, HOME)
    assert home is not None
    assert (home.name, home.is_open, home.is_shared) == ("apollo", True, False)
    assert await wire.db.read(known_channel, WORKSPACE, ChannelId("C404")) is None


async def calls(wire: Wire, method: str) -> int:
    traffic = await wire.seen("traffic")
    return [entry["name"] for entry in traffic["entries"]].count(method)


async def test_a_thousand_who_ask_at_once_cost_slack_one_call(wire: Wire) -> None:
    channels = SlackChannels(wire.api, wire.db, wire.clock)

    await asyncio.gather(*(channels.refresh(WORKSPACE, HOME) for _ in range(1_000)))

    assert await calls(wire, "conversations.info") == 1
    assert wire.db.writes.count("describe_channel") == 1


async def test_an_answer_that_was_under_way_when_news_came_is_not_the_last(wire: Wire) -> None:
    channels = SlackChannels(wire.api, wire.db, wire.clock)

    await asyncio.gather(
        *(channels.refresh(WORKSPACE, HOME, news=news) for news in ("", "Ev1", "Ev1", ""))
    )

    assert await calls(wire, "conversations.info") == 2


async def test_each_time_somebody_asks_slack_is_asked_anew(wire: Wire) -> None:
    channels = SlackChannels(wire.api, wire.db, wire.clock)

    for _ in range(3):
        await channels.refresh(WORKSPACE, HOME)

    assert await calls(wire, "conversations.info") == 3


async def test_a_slack_that_keeps_failing_is_left_alone_and_what_it_said_last_stays(
    wire: Wire,
) -> None:
    channels = SlackChannels(wire.api, wire.db, wire.clock)
    await wire.fault(method="conversations.info", kind="5xx", times=99)

    for _ in range(9):
        with pytest.raises(RetryableError, match="Slack did not answer"):
            await channels.refresh(WORKSPACE, HOME)

    assert await calls(wire, "conversations.info") == 5
    home = await wire.db.read(known_channel, WORKSPACE, HOME)
    assert home is not None
    assert home.is_open


async def test_people_come_and_go_and_the_bot_is_removed(wire: Wire) -> None:
    await told(wire, "group_left", channel=ELSEWHERE)
    await told(wire, "member_joined_channel", channel=ELSEWHERE, user=BO)
    await told(wire, "group_rename", channel={"id": ELSEWHERE, "name": "vault"})

    hidden = await wire.db.read(known_channel, WORKSPACE, ELSEWHERE)
    assert hidden is not None
    assert (hidden.is_open, hidden.members, hidden.name) == (False, frozenset({BO}), "vault")

    await told(wire, "member_left_channel", channel=ELSEWHERE, user=BO)
    await told(wire, "member_left_channel", channel=ELSEWHERE, user=ANA)

    left = await wire.db.read(known_channel, WORKSPACE, ELSEWHERE)
    assert left is not None
    assert left.members == frozenset()


async def test_a_channel_that_turned_private_or_public_is_asked_about_at_once(wire: Wire) -> None:
    closed = Channel(workspace=WORKSPACE, id=HOME, seen_at=wire.clock.now())
    await wire.db.inner.write(describe_channel, closed, now=wire.clock.now())

    await told(wire, "message", subtype="channel_convert_to_public", channel=HOME, user=BO)
    await wire.app.tools.tasks.drain()

    home = await wire.db.read(known_channel, WORKSPACE, HOME)
    assert home is not None
    assert home.is_open


async def test_a_channel_with_another_id_goes_on_as_the_same(wire: Wire) -> None:
    await wire.start_project()
    await wire.command("The API is live | impact:low")
    new = ELSEWHERE

    await told(wire, "channel_id_changed", old_channel_id=HOME, new_channel_id=new)
    await wire.app.tools.tasks.drain()
    reply = await wire.command("The API stays live | impact:low", channel_id=new)

    assert "APOLLO-2" in str(reply)
    one = await wire.db.read(get_assumption, WORKSPACE, key(1), reader=OPERATOR)
    assert one.channel == new
    assert await wire.db.read(known_channel, WORKSPACE, HOME) is None


@pytest.mark.parametrize("event", ["team_access_granted", "team_access_revoked"])
async def test_what_a_team_without_the_bot_was_not_sent_goes_out_once_it_has_it(
    wire: Wire, event: str
) -> None:
    await wire.start_project()
    await wire.command("The API is live | impact:low")
    refused = {"state": MessageState.DEAD, "error": "team_access_not_granted"}
    update = table.update().values(refused)
    await wire.db.inner.write(lambda tx: tx.execute(update).rowcount)

    await told(wire, event, team_ids=[WORKSPACE])

    card = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=HOME)
    found = await wire.db.read(outbox.get, WORKSPACE, card)
    assert found is not None
    is_due = found.state is MessageState.PENDING
    assert is_due is (event == "team_access_granted")


@pytest.mark.parametrize("is_news", [True, False])
async def test_who_may_do_other_things_now_is_known_before_they_act_again(
    wire: Wire, is_news: bool
) -> None:
    bo = await wire.app.tools.directory.member(WORKSPACE, BO)
    assert bo is not None
    before = replace(bo, is_admin=is_news, is_guest=is_news)
    await wire.db.inner.write(remember, before)
    asked = text_of(await wire.seen("traffic")).count("users.info")

    await told(wire, "user_change", user={"id": BO, "is_admin": False, "is_restricted": False})
    await wire.app.tools.tasks.drain()

    known = await wire.db.read(recall, WORKSPACE, BO)
    assert known is not None
    assert (known.is_admin, known.is_guest) == (False, False)
    assert (text_of(await wire.seen("traffic")).count("users.info") > asked) is is_news
