"""Where the bot is installed, with its tokens, in memory: no request waits for them.

The database says the same to every process, and each looks there every few seconds.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import FatalError, RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.installation import Installation, InstallationState, UnreadableToken
from bot.domain.workspace import Workspace
from bot.slack.client import SlackClient
from bot.slack.errors import Sort, code_of, sort_of, translated
from bot.usecases.installation import (
    installation_states,
    installations_of,
    note_removal,
    unreadable_tokens,
)
from bot.usecases.ports import Database

log = structlog.get_logger()

_OVERLAP = timedelta(minutes=1)  # longer than a transaction takes from its clock to its commit
_ALL_AGAIN_SECONDS = 30.0  # what was erased left no trace to find among the changes
_STRANGER_SECONDS = 2.0  # so long a workspace without the bot is not looked up again
_STRANGERS_MOST = 1000
_AT_ONCE = 500  # tokens to a query


class Installations:
    """The installed workspaces. A request from any other is answered with nothing."""

    def __init__(
        self,
        installed: Iterable[Installation] = (),
        *,
        db: Database | None = None,
        has_stored_tokens: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args: `has_stored_tokens` False: the environment has the only one."""
        self._by_workspace = {one.workspace.id: one for one in installed}
        self._db = db
        self._has_stored_tokens = has_stored_tokens
        self.is_waiting = False  # for Slack, to say whose the only token is
        self.on_return: Callable[[WorkspaceId], None] = lambda _workspace: None
        self._monotonic = monotonic
        self._refreshed_at: float | None = None
        self._read_all_at = 0.0
        self._strangers: dict[str, float] = {}
        self._unreadable: dict[WorkspaceId, UnreadableToken] = {}

    def __len__(self) -> int:
        return len(self._by_workspace)

    def __bool__(self) -> bool:
        """Whether the bot is installed anywhere yet."""
        return bool(self._by_workspace)

    @property
    def unreadable(self) -> int:
        """How many workspaces need a new install, since their stored token cannot be opened."""
        return len(self._unreadable)

    def get(self, workspace: WorkspaceId | str | None) -> Installation | None:
        # What a payload says may be of any type.
        is_name = isinstance(workspace, str) and bool(workspace)
        return self._by_workspace.get(WorkspaceId(str(workspace))) if is_name else None

    def put(self, installation: Installation) -> None:
        """Keep it; where it is news since the start, `on_return` hears of it."""
        workspace = installation.workspace.id
        is_news = self.get(workspace) != installation and self._refreshed_at is not None
        self._by_workspace[workspace] = installation
        self._strangers.pop(workspace, None)
        self._unreadable.pop(workspace, None)
        if is_news:
            self.on_return(workspace)

    def remove(self, workspace: WorkspaceId) -> None:
        self._by_workspace.pop(workspace, None)
        self._unreadable.pop(workspace, None)

    async def find(self, *workspaces: str | None) -> Installation | None:
        """Return the first that is installed; one that is not in memory may be in the database.

        Raises:
            RetryableError: The database does not answer, or it is not known yet who installed it.
        """
        known = next((found for one in workspaces if (found := self.get(one))), None)
        if known is None and self.is_waiting and not self._by_workspace:
            # To answer "not installed" would be the end of a delivery that Slack can make again.
            raise RetryableError("Slack has not said yet whose token this is.")
        if known is not None or self._db is None or not self._has_stored_tokens:
            return known
        unknown = [WorkspaceId(one) for one in workspaces if isinstance(one, str) and one]
        if all(self._is_stranger(one) for one in unknown):
            return None
        for installation in await self._db.read(installations_of, *unknown):
            self.put(installation)
        for one in unknown:
            if self.get(one) is None:
                self._strangers[one] = self._monotonic()
        return next((found for one in unknown if (found := self.get(one))), None)

    async def note_removal(self, workspace: WorkspaceId, *, at: datetime, reason: str) -> bool:
        """Forget the token everywhere, unless it is newer; return whether it is."""
        if self._db is not None:
            await self._db.write(note_removal, workspace, at=at, reason=reason)
        if self._has_stored_tokens:
            # Another process may have installed it a moment ago.
            self._strangers.pop(workspace, None)
            await self.find(workspace)
        installation = self.get(workspace)
        if installation is None:
            return False
        if installation.workspace.installed_at > at:
            return True
        self.remove(workspace)
        return False

    async def refresh(self) -> None:
        """Follow what other processes wrote since the last look.

        Raises:
            RetryableError: The database does not answer.
            FatalError: Not one token can be opened, since a key is not there.
        """
        if self._db is None:
            return
        now, last = self._monotonic(), self._refreshed_at
        reads_all = last is None or now - self._read_all_at >= _ALL_AGAIN_SECONDS
        within = None if reads_all else timedelta(seconds=now - (last or now)) + _OVERLAP
        states = await self._db.read(installation_states, changed_within=within)
        if reads_all:
            self._read_all_at = now
            for erased in self._by_workspace.keys() - {state.workspace for state in states}:
                self.remove(erased)
        await self._follow(states)
        self._refreshed_at = now

    async def _follow(self, states: Iterable[InstallationState]) -> None:
        changed = []
        for state in states:
            known = self.get(state.workspace)
            if not state.is_installed:
                self.remove(state.workspace)
            elif known is None or known.workspace.installed_at != state.installed_at:
                changed.append(state.workspace)
        if self._db is None or not self._has_stored_tokens:
            return
        for start in range(0, len(changed), _AT_ONCE):
            some = changed[start : start + _AT_ONCE]
            for installation in await self._db.read(installations_of, *some):
                self.put(installation)
            missing = [one for one in some if self.get(one) is None]
            if missing:
                self._note_unreadable(await self._db.read(unreadable_tokens, among=missing))
        self._stop_without_keys()

    def _note_unreadable(self, found: Iterable[UnreadableToken]) -> None:
        """Log, once, whose token cannot be opened: that workspace waits, and no other."""
        for one in found:
            if self._unreadable.get(one.workspace) != one:
                log.error(
                    "workspace.unreadable",
                    workspace=one.workspace,
                    cause=one.cause,
                    fix=one.fix,
                    check="stilltrue doctor",
                )
            self._unreadable[one.workspace] = one

    def _stop_without_keys(self) -> None:
        """Raise where not one token opens and a key is missing: that is no fault of one row."""
        needing = [one for one in self._unreadable.values() if one.needs_key]
        if needing and not self._by_workspace:
            raise FatalError(needing[0].cause)

    def _is_stranger(self, workspace: str) -> bool:
        if len(self._strangers) > _STRANGERS_MOST:
            self._strangers.clear()
        looked_at = self._strangers.get(workspace)
        return looked_at is not None and self._monotonic() - looked_at < _STRANGER_SECONDS


async def identify(bot_token: str, *, base_url: str, now: datetime) -> Installation:
    """Ask Slack once whose token this is.

    Raises:
        FatalError: Slack refuses the token.
        RetryableError: Slack did not answer.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = SlackClient(base_url=base_url, session=session)
        try:
            return await whose(client, bot_token, now=now)
        except SlackApiError as error:
            if sort_of(error) in {Sort.OPERATOR, Sort.GONE, Sort.OURS}:
                raise FatalError(
                    f"SLACK_BOT_TOKEN is refused by Slack ({code_of(error)}). Copy the Bot User "
                    "OAuth Token, which begins with xoxb-, from your app's page "
                    "“OAuth & Permissions”."
                ) from error
            raise translated(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error


async def whose(client: AsyncWebClient, bot_token: str, *, now: datetime) -> Installation:
    """Ask Slack whose token this is; `now` is when it was installed.

    Raises:
        SlackApiError, aiohttp.ClientError, TimeoutError: As the SDK raises them.
    """
    found = await client.auth_test(token=bot_token)
    is_org = bool(found.get("is_enterprise_install"))
    return Installation(
        workspace=Workspace(
            id=WorkspaceId(str((is_org and found.get("enterprise_id")) or found["team_id"])),
            name=str(found.get("team") or found.get("enterprise_name") or ""),
            bot_user=UserId(str(found["user_id"])),
            bot_id=str(found.get("bot_id") or ""),
            installed_at=now,
        ),
        bot_token=bot_token,
        scopes=scopes_of(found),
        is_org=is_org,
    )


def scopes_of(response: AsyncSlackResponse) -> frozenset[str]:
    """What the token may do, from the answer's header; empty where the server does not say."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return frozenset(
        scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip()
    )


def moment_of(unix_seconds: int) -> datetime:
    return datetime.fromtimestamp(unix_seconds, UTC)
