"""The port `Directory`: people as Slack describes them, cached, with a memory for outages."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.errors import RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member
from bot.slack.api import SlackApi
from bot.slack.errors import code_of, translated
from bot.slack.source_cache import DATABASE_IS_AWAY, SourceCache
from bot.usecases.member import recall, remember
from bot.usecases.ports import Clock, Database

log = structlog.get_logger()

_TTL = timedelta(hours=1)
_EARLY = timedelta(minutes=45)  # from then on the next reader starts a refresh in the background
_MEMORY = timedelta(days=7)  # how old a remembered person may be while Slack does not answer
_RECALLED_FOR = timedelta(minutes=1)  # the database is not asked for everybody of an outage
_RECALLED_EARLY = timedelta(seconds=45)
_SIZE = 50_000
_NOBODY = frozenset({"user_not_found", "user_not_visible"})


class SlackDirectory:
    def __init__(self, api: SlackApi, db: Database, clock: Clock) -> None:
        self._api = api
        self._db = db
        self._clock = clock
        self._people = SourceCache(
            "people",
            self._fetch,
            keep=self._keep,
            ttl=_TTL,
            early=_EARLY,
            size=_SIZE,
            has_breaker=True,
        )
        self._recalled = SourceCache(
            "recalled",
            self._recall,
            ttl=_RECALLED_FOR,
            early=_RECALLED_EARLY,
            size=_SIZE,
            has_breaker=False,
            away=DATABASE_IS_AWAY,
        )

    async def member(self, workspace: WorkspaceId, user: UserId) -> Member | None:
        """The person as Slack describes them now, from a cache of an hour.

        While Slack does not answer, the last that it said is given, up to a week old;
        `seen_at` is its age.

        Raises:
            RetryableError: Slack did not answer and nothing fresh enough is remembered.
        """
        try:
            return await self._people.get(workspace, user)
        except RetryableError:
            remembered = await self._recalled.get(workspace, user)
            if remembered is None or self._clock.now() - remembered.seen_at > _MEMORY:
                raise
            log.warning("member.recalled", workspace=workspace, seen=remembered.seen_at.isoformat())
            return remembered

    async def forget(self, workspace: WorkspaceId, user: UserId) -> None:
        """Ask Slack again next time: it told us that the person changed."""
        await self._people.forget(workspace, user)
        await self._recalled.forget(workspace, user)

    async def _recall(self, workspace: WorkspaceId, user: str) -> Member | None:
        return await self._db.read(recall, workspace, UserId(user))

    async def _fetch(self, workspace: WorkspaceId, user: str) -> Member | None:
        try:
            answer = await self._api.call(workspace, "users.info", {"user": user}, as_form=True)
        except SlackApiError as error:
            if code_of(error) in _NOBODY:
                return None
            raise translated(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error
        return to_member(answer["user"], workspace=workspace, seen_at=self._clock.now())

    async def _keep(self, member: Member) -> Member:
        return await self._db.write(remember, member)


def to_member(user: dict[str, Any], *, workspace: WorkspaceId, seen_at: datetime) -> Member:
    """Read Slack's user object; what it leaves out for strangers stays at its default."""
    profile = user.get("profile") or {}
    name = profile.get("display_name") or user.get("real_name") or user.get("name") or user["id"]
    return Member(
        workspace=workspace,
        user=UserId(user["id"]),
        name=str(name),
        zone=_zone(user.get("tz")),
        locale=str(user.get("locale") or ""),
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_deactivated=bool(user.get("deleted")),
        is_admin=bool(user.get("is_admin")),
        is_guest=bool(user.get("is_restricted")),
        is_stranger=bool(user.get("is_stranger")) or _is_foreign(user, workspace),
        seen_at=seen_at,
    )


def _is_foreign(user: dict[str, Any], workspace: WorkspaceId) -> bool:
    """Whether Slack names another workspace as theirs, and none of the same organisation."""
    organisation = user.get("enterprise_user") or {}
    teams = {user.get("team_id"), organisation.get("enterprise_id"), *organisation.get("teams", ())}
    return bool(user.get("team_id")) and workspace not in teams


def _zone(name: object) -> ZoneInfo:
    """Return the zone; UTC where Slack gives none, or one that this machine does not know."""
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else ZoneInfo("UTC")
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")
