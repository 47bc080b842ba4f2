"""Where the bot is installed, with its tokens, in memory: no request waits for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import FatalError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.workspace import Workspace
from bot.slack.errors import Sort, code_of, sort_of, translated


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    workspace: Workspace
    bot_token: str = field(repr=False)
    scopes: frozenset[str] = frozenset()  # what Slack says the token may do; empty: not said


class Installations:
    """The installed workspaces. A request from any other is answered with nothing."""

    def __init__(self, installed: Iterable[Installation] = ()) -> None:
        self._by_workspace = {one.workspace.id: one for one in installed}

    def __len__(self) -> int:
        return len(self._by_workspace)

    def __bool__(self) -> bool:
        """Whether the bot is installed anywhere yet."""
        return bool(self._by_workspace)

    def get(self, workspace: WorkspaceId | str | None) -> Installation | None:
        # What a payload says may be of any type.
        is_name = isinstance(workspace, str) and bool(workspace)
        return self._by_workspace.get(WorkspaceId(str(workspace))) if is_name else None

    def put(self, installation: Installation) -> None:
        self._by_workspace[installation.workspace.id] = installation

    def remove(self, workspace: WorkspaceId) -> None:
        self._by_workspace.pop(workspace, None)


async def identify(bot_token: str, *, base_url: str, now: datetime) -> Installation:
    """Ask Slack once whose token this is.

    Raises:
        FatalError: Slack refuses the token.
        RetryableError: Slack did not answer.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = AsyncWebClient(
            token=bot_token, base_url=base_url, session=session, retry_handlers=[]
        )
        try:
            found = await client.auth_test()
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
    enterprise = found.get("enterprise_id") if found.get("is_enterprise_install") else None
    return Installation(
        workspace=Workspace(
            id=WorkspaceId(str(enterprise or found["team_id"])),
            name=str(found.get("team") or ""),
            bot_user=UserId(str(found["user_id"])),
            bot_id=str(found.get("bot_id") or ""),
            installed_at=now,
        ),
        bot_token=bot_token,
        scopes=scopes_of(found),
    )


def scopes_of(response: AsyncSlackResponse) -> frozenset[str]:
    """What the token may do, from the answer's header; empty where the server does not say."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return frozenset(
        scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip()
    )
