"""The port `Channels`: what a channel is and who reads it, as Slack says, kept in the database."""

from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.channel import Channel
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.slack.api import Payload, SlackApi
from bot.slack.errors import Sort, code_of, sort_of, translated
from bot.slack.source_cache import SourceCache
from bot.usecases.channel import describe_channel, hide_channel
from bot.usecases.ports import Clock, Database

log = structlog.get_logger()

_NOT_KEPT = timedelta(seconds=1)  # a time is wanted; there is nothing that it is for
_SIZE = 20_000  # workspaces whose failures are counted, a few places each
_PAGE = 999  # members to a call, the most that Slack gives
_PAGES_MAX = 20  # calls for one channel; whoever comes later is not seen as a member


_Told = Channel | tuple[WorkspaceId, ChannelId]  # the latter is hidden from the bot


class SlackChannels:
    """Asks Slack once for all who want to know of a channel at the same moment.

    What it says is kept in the database alone: whoever asks here wants to hear it anew.
    """

    def __init__(self, api: SlackApi, db: Database, clock: Clock) -> None:
        self._api = api
        self._db = db
        self._clock = clock
        self._asked: SourceCache[_Told] = SourceCache(
            "channels",
            self._ask,
            keep=self._keep,
            ttl=_NOT_KEPT,
            early=_NOT_KEPT,
            size=_SIZE,
            has_breaker=True,
            is_urgent=False,
        )

    async def refresh(self, workspace: WorkspaceId, channel: ChannelId, *, news: str = "") -> None:
        """Ask Slack what the channel is and keep it; one that it hides counts as private.

        An answer that was under way before `news` came of the channel does not count.

        Raises:
            RetryableError: Slack did not answer; what it said last stays.
            OperatorFixableError: The bot is not installed there.
        """
        await self._asked.get(workspace, f"{channel} {news}")

    async def _ask(self, workspace: WorkspaceId, of: str) -> _Told:
        channel = ChannelId(of.partition(" ")[0])
        try:
            return await self._describe(workspace, channel)
        except SlackApiError as error:
            if sort_of(error) not in {Sort.PERSON, Sort.OPERATOR, Sort.OURS}:
                raise translated(error) from error
            log.info("channel.hidden", channel=channel, cause=code_of(error))
            return workspace, channel
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error

    async def _keep(self, told: _Told) -> None:
        if isinstance(told, Channel):
            await self._db.write(describe_channel, told, now=self._clock.now())
        else:
            await self._db.write(hide_channel, *told, now=self._clock.now())

    async def _describe(self, workspace: WorkspaceId, channel: ChannelId) -> Channel:
        asked = {"channel": channel}
        answer = await self._api.call(workspace, "conversations.info", asked, as_form=True)
        facts = answer["channel"]
        is_private = _is_private(facts)
        members = await self._members(workspace, channel) if is_private else frozenset()
        return Channel(
            workspace=workspace,
            id=channel,
            name=str(facts.get("name") or ""),
            is_private=is_private,
            is_shared=bool(facts.get("is_ext_shared") or facts.get("is_pending_ext_shared")),
            is_archived=bool(facts.get("is_archived")),
            members=members,
            seen_at=self._clock.now(),
        )

    async def _members(self, workspace: WorkspaceId, channel: ChannelId) -> frozenset[UserId]:
        found: set[UserId] = set()
        cursor = ""
        for _ in range(_PAGES_MAX):
            page = await self._page(workspace, channel, cursor)
            found.update(UserId(str(user)) for user in page.get("members") or ())
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return frozenset(found)
        log.warning("channel.too_large", channel=channel, members=len(found))
        return frozenset(found)

    async def _page(self, workspace: WorkspaceId, channel: ChannelId, cursor: str) -> Payload:
        asked = {"channel": channel, "limit": _PAGE} | ({"cursor": cursor} if cursor else {})
        return await self._api.call(workspace, "conversations.members", asked, as_form=True)


def _is_private(facts: dict[str, Any]) -> bool:
    """Whether only its members read it; a kind that Slack does not name counts so too."""
    return bool(facts.get("is_private", True) or facts.get("is_im") or facts.get("is_mpim"))
