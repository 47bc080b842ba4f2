"""Where the bot is installed, with its tokens, in memory: no request waits for them.

The database says the same to every process, and each looks there every few seconds. That is all
that is done against age: without the database nothing else is done either.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import FatalError, OperatorFixableError, RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.installation import Installation, InstallationState, UnreadableToken
from bot.domain.workspace import Workspace
from bot.slack.client import SlackClient
from bot.slack.errors import Sort, code_of, sort_of, translated
from bot.slack.source_cache import LookUps
from bot.usecases.installation import (
    installation_states,
    note_removal,
    stored_tokens,
)
from bot.usecases.ports import Database

log = structlog.get_logger()

_OVERLAP = timedelta(minutes=1)  # longer than a transaction takes from its clock to its commit
_ALL_AGAIN_SECONDS = 30.0  # what was erased left no trace to find among the changes
_STRANGER_SECONDS = 2.0  # so long a workspace without the bot is not looked up again
_STRANGERS_MOST = 1000
_AT_ONCE = 500  # tokens to a query
_CHECK = "stilltrue doctor"


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
        self._reading: dict[tuple[WorkspaceId, ...], asyncio.Task[None]] = {}
        self._look_ups = LookUps("installs")

    def __len__(self) -> int:
        return len(self._by_workspace)

    def __bool__(self) -> bool:
        """Whether the bot is installed anywhere yet."""
        return bool(self._by_workspace)

    @property
    def unreadable(self) -> int:
        """How many workspaces need a new install, since their stored token cannot be opened."""
        return len(self._unreadable)

    @property
    def _age(self) -> float:
        """Seconds since the last look at all that changed."""
        return 0.0 if self._refreshed_at is None else self._monotonic() - self._refreshed_at

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
            OperatorFixableError: The bot is installed there, by a token that cannot be opened now.
        """
        known = next((found for one in workspaces if (found := self.get(one))), None)
        if known is None and self.is_waiting and not self._by_workspace:
            # To answer "not installed" would be the end of a delivery that Slack can make again.
            raise RetryableError("Slack has not said yet whose token this is.")
        if self._db is None or not self._has_stored_tokens:
            return known
        if known is not None:
            self._look_ups.hit(self._age)
            return known
        self._look_ups.miss()
        unknown = tuple(WorkspaceId(one) for one in workspaces if isinstance(one, str) and one)
        if not all(self._is_stranger(one) or one in self._unreadable for one in unknown):
            await self._look_up(unknown)
        found = next((found for one in unknown if (found := self.get(one))), None)
        broken = next((self._unreadable[one] for one in unknown if one in self._unreadable), None)
        if found is None and broken is not None:
            raise OperatorFixableError(
                f"The token of workspace {broken.workspace} cannot be opened: {broken.cause}",
                fix=broken.fix,
                check=_CHECK,
            )
        return found

    async def _look_up(self, unknown: tuple[WorkspaceId, ...]) -> None:
        """Look in the database, once for all who ask for the same at the same moment."""
        reading = self._reading.get(unknown)
        if reading is None:
            reading = self._reading[unknown] = asyncio.create_task(self._read(unknown))
            reading.add_done_callback(lambda _done: self._reading.pop(unknown))
        # Whoever goes away meanwhile must not take it from the others.
        await asyncio.shield(reading)

    async def _read(self, unknown: Sequence[WorkspaceId]) -> None:
        await self._read_tokens(unknown)
        for one in unknown:
            if self.get(one) is None and one not in self._unreadable:
                self._strangers[one] = self._monotonic()

    async def _read_tokens(self, workspaces: Sequence[WorkspaceId]) -> None:
        if self._db is None:
            return
        opened, broken = await self._db.read(stored_tokens, *workspaces)
        for installation in opened:
            self.put(installation)
        self._note_unreadable(broken)

    async def note_removal(self, workspace: WorkspaceId, *, at: datetime, reason: str) -> bool:
        """Forget the token everywhere, unless it is newer; return whether it is."""
        if self._db is not None:
            await self._db.write(note_removal, workspace, at=at, reason=reason)
        if self._has_stored_tokens:
            # Another process may have installed it a moment ago.
            self._unreadable.pop(workspace, None)
            if self.get(workspace) is None:
                await self._look_up((workspace,))
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
        if not self._has_stored_tokens:
            return
        for start in range(0, len(changed), _AT_ONCE):
            await self._read_tokens(changed[start : start + _AT_ONCE])
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
                    check=_CHECK,
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
