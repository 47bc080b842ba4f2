"""Asking Slack, a few at a time, who reads the channels in which something was said."""

import asyncio

import structlog

from bot.domain.errors import OperatorFixableError, RetryableError
from bot.domain.ids import ChannelId, WorkspaceId
from bot.usecases.channel import claim_channels, put_off_channel
from bot.usecases.ports import Channels, Clock, Database

log = structlog.get_logger()

BATCH = 3  # channels to a tick: some 40 calls a minute, of Slack's 50 and more


class ChannelTick:
    """Refreshes those asked about the longest ago. Any number of processes may."""

    def __init__(self, *, db: Database, channels: Channels, clock: Clock) -> None:
        self._db = db
        self._channels = channels
        self._clock = clock

    async def run(self) -> int:
        """Refresh a few; return how many Slack described, or hides.

        While Slack is away nothing changes: what it said last stays, and each is due again.
        """
        due = await self._db.write(claim_channels, now=self._clock.now(), limit=BATCH)
        # At once: a workspace that Slack lets wait must not stand before another.
        return sum(await asyncio.gather(*(self._is_refreshed(*one) for one in due)))

    async def _is_refreshed(self, workspace: WorkspaceId, channel: ChannelId) -> bool:
        try:
            await self._channels.refresh(workspace, channel)
        except RetryableError as error:
            log.info("channel.postponed", workspace=workspace, channel=channel, cause=str(error))
        except OperatorFixableError:
            pass  # the bot is not installed there: nobody is shown anything either
        else:
            return True
        await self._db.write(put_off_channel, workspace, channel, now=self._clock.now())
        return False
