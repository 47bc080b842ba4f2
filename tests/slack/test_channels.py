"""Who reads a channel, as Slack says it: asked, and told by its events."""

from typing import Any

from bot.domain.channel import Channel
from bot.domain.ids import ChannelId
from bot.slack.channels import SlackChannels
from bot.usecases.channel import describe_channel, known_channel
from tests.make import ANA, BO, HOME, WORKSPACE
from tests.slack.conftest import ELSEWHERE, Wire


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
