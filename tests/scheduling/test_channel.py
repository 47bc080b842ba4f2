"""Asking Slack who reads the channels: each workspace for itself."""

import asyncio

import pytest

from bot.domain.errors import OperatorFixableError, RetryableError
from bot.domain.ids import ChannelId, WorkspaceId
from bot.scheduling.channel import ChannelTick
from bot.usecases.channel import CLAIMED, REFRESH, claim_channels, expect_channel
from tests.chaos.poll import PATIENCE
from tests.scheduling.office import Office
from tests.usecases.team import CHANNEL, WORKSPACE

ELSEWHERE = WorkspaceId("T0OTHER")


class Channels:
    """Slack knows every channel, but of one workspace it does not answer before it is let."""

    def __init__(self, error: Exception | None = None) -> None:
        self.may_answer = asyncio.Event()
        self.error = error
        self.refreshed_elsewhere = asyncio.Event()

    async def refresh(self, workspace: WorkspaceId, channel: ChannelId, *, news: str = "") -> None:
        if workspace == ELSEWHERE:
            self.refreshed_elsewhere.set()
            return
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error


async def expect(office: Office) -> None:
    """Let a channel of each workspace be due, that of the team before the other."""
    for workspace in (WORKSPACE, ELSEWHERE):
        await office.db.write(expect_channel, workspace, CHANNEL, now=office.time.now())
        office.time.passed += 1


@pytest.mark.parametrize(
    ("error", "refreshed"),
    [
        (None, 2),
        (RetryableError("Slack did not answer."), 1),
        (OperatorFixableError("No token.", fix="Install it.", check="stilltrue doctor"), 1),
    ],
    ids=["late", "away", "no token"],
)
async def test_a_workspace_that_slack_says_nothing_of_holds_up_no_other(
    office: Office, error: Exception | None, refreshed: int
) -> None:
    await expect(office)
    channels = Channels(error)
    tick = ChannelTick(db=office.db, channels=channels, clock=office.time)

    running = asyncio.create_task(tick.run())
    async with asyncio.timeout(PATIENCE):  # for ever, if one waited for the other
        await channels.refreshed_elsewhere.wait()

    channels.may_answer.set()
    assert await running == refreshed


async def test_a_channel_that_a_worker_took_and_died_with_is_asked_about_soon(
    office: Office,
) -> None:
    await expect(office)
    assert len(await office.db.write(claim_channels, now=office.time.now(), limit=2)) == 2
    channels = Channels()
    channels.may_answer.set()
    tick = ChannelTick(db=office.db, channels=channels, clock=office.time)

    office.time.passed += CLAIMED.total_seconds()

    assert await tick.run() == 2


@pytest.mark.parametrize(
    "error",
    [
        RetryableError("Slack did not answer."),
        OperatorFixableError("No token.", fix="Install it.", check="stilltrue doctor"),
    ],
    ids=["away", "no token"],
)
async def test_a_channel_of_which_slack_says_nothing_is_left_alone_for_a_while(
    office: Office, error: Exception
) -> None:
    await office.db.write(expect_channel, WORKSPACE, CHANNEL, now=office.time.now())
    channels = Channels(error)
    channels.may_answer.set()
    tick = ChannelTick(db=office.db, channels=channels, clock=office.time)
    assert await tick.run() == 0
    channels.error = None

    office.time.passed += CLAIMED.total_seconds()
    assert await tick.run() == 0

    office.time.passed += (REFRESH - CLAIMED).total_seconds()
    assert await tick.run() == 1
