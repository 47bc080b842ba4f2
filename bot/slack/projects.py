"""Which project a channel belongs to, from a cache: every command asks it before its ack."""

from datetime import timedelta

from cashews import Cache, thunder_protection

from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.project import Project
from bot.usecases.ports import Database
from bot.usecases.project import project_of

_TTL = timedelta(minutes=10)
_EARLY = timedelta(minutes=5)  # from then on the next reader starts a refresh in the background
_SIZE = 20_000
_KEY = "project:{workspace}:{channel}"


class Projects:
    """A channel without a project is looked up each time, so that a new one counts at once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._cache = Cache()
        self._cache.setup("mem://", size=_SIZE, check_interval=0)  # no sweeper: reading expires
        self._cached = self._cache.early(
            ttl=_TTL,
            early_ttl=_EARLY,
            key=_KEY,
            condition="not_none",
            tags=["place:{workspace}:{channel}"],
            protected=False,  # a hit need not pay for a task
        )(thunder_protection(key=_KEY)(self._fetch))  # one look-up at a time for a channel

    async def of_channel(self, workspace: WorkspaceId, channel: ChannelId) -> Project | None:
        found: Project | None = await self._cached(workspace=workspace, channel=channel)
        return found

    async def forget(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        """Read it anew next time; other processes follow within minutes."""
        await self._cache.delete_tags(f"place:{workspace}:{channel}")

    async def _fetch(self, workspace: WorkspaceId, channel: ChannelId) -> Project | None:
        return await self._db.read(project_of, workspace, channel)
