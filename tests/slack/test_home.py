"""Opening Home: stored before the ack, while what Slack says of the person may come later."""

import asyncio
from datetime import timedelta
from typing import Any

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member
from bot.slack.tools import Tools
from tests.make import BO, WORKSPACE
from tests.slack.conftest import Wire

OPENED = {
    "type": "event_callback",
    "team_id": WORKSPACE,
    "event": {"type": "app_home_opened", "user": BO, "tab": "home", "channel": "D0BO"},
    "event_id": "E1",
}


class SlowDirectory:
    """Answers about nobody before it is let."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.may_answer = asyncio.Event()

    async def member(self, workspace: WorkspaceId, user: UserId) -> Member | None:
        await self.may_answer.wait()
        found: Member | None = await self._inner.member(workspace, user)
        return found


def slowed(tools: Tools) -> SlowDirectory:
    directory = SlowDirectory(tools.directory)
    object.__setattr__(tools, "directory", directory)
    return directory


async def test_home_is_acknowledged_before_slack_says_who_looks_at_it(wire: Wire) -> None:
    directory = slowed(wire.app.tools)

    async with asyncio.timeout(30):  # for ever, if the ack waited for Slack
        answer = await wire.deliver(OPENED)

    assert (answer.status, wire.db.writes) == (200, ["open_home"])
    directory.may_answer.set()


async def test_home_is_drawn_anew_once_it_is_known_who_looks_at_it(wire: Wire) -> None:
    directory = slowed(wire.app.tools)
    await wire.deliver(OPENED)

    directory.may_answer.set()
    await wire.app.tools.tasks.drain()
    assert wire.db.writes == ["open_home", "remember", "refresh_homes"]

    wire.db.writes.clear()
    wire.clock.at += timedelta(minutes=1)
    await wire.deliver(OPENED)
    await wire.app.tools.tasks.drain()
    assert wire.db.writes == ["open_home"]


async def test_home_stays_as_it_is_while_slack_says_nothing(wire: Wire) -> None:
    await wire.fault(method="users.info", kind="5xx", times=1)

    answer = await wire.deliver(OPENED)
    await wire.app.tools.tasks.drain()

    assert (answer.status, wire.db.writes) == (200, ["open_home"])
