"""Which project a channel belongs to, from a cache: every command asks it before its ack."""

from datetime import timedelta

from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.project import Project
from bot.slack.source_cache import DATABASE_IS_AWAY, SourceCache
from bot.usecases.ports import Database
from bot.usecases.project import project_of

_TTL = timedelta(minutes=10)
_EARLY = timedelta(minutes=5)  # from then on the next reader starts a refresh in the background
_SIZE = 20_000


class Projects:
    """A channel without a project is looked up each time, so that a new one counts at once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        # No breaker: our own database is back before one would let us ask again.
        self._by_channel = SourceCache(
            "projects",
            self._fetch,
            ttl=_TTL,
            early=_EARLY,
            size=_SIZE,
            has_breaker=False,
            away=DATABASE_IS_AWAY,
        )

    async def of_channel(self, workspace: WorkspaceId, channel: ChannelId) -> Project | None:
        return await self._by_channel.get(workspace, channel)

    async def forget(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        """Read it anew next time; other processes follow within minutes."""
        await self._by_channel.forget(workspace, channel)

    async def _fetch(self, workspace: WorkspaceId, channel: str) -> Project | None:
        return await self._db.read(project_of, workspace, ChannelId(channel))
