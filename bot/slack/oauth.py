"""*Add to Slack*: where a person is sent to, and what comes of the code that they bring back."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError, OperatorFixableError, UserFixableError
from bot.domain.ids import UserId
from bot.domain.installation import Installation
from bot.slack.api import SlackApi
from bot.slack.errors import Sort, code_of, sort_of, translated
from bot.slack.installation import Installations, whose
from bot.slack.scopes import LISTEN_SCOPES, MENTION_SCOPES, PICTURE_SCOPES, REPLY_SCOPES
from bot.usecases.installation import install, installation_state
from bot.usecases.ports import Clock, Database, Installed

log = structlog.get_logger()

_OLD_CODES = frozenset({"invalid_code", "code_already_used", "code_expired"})
_FEATURES: Mapping[str, frozenset[str]] = {
    "pictures in the report, and lists as files": frozenset(PICTURE_SCOPES),
    "answers in words": frozenset(REPLY_SCOPES),
    "questions to the bot by its name": frozenset(MENTION_SCOPES),
    "listening, in channels that turn it on": frozenset(LISTEN_SCOPES),
}
_OPERATOR_FIXES = {
    "bad_redirect_uri": "Add STILLTRUE_PUBLIC_URL/slack/oauth_redirect to the app's page OAuth & "
    "Permissions, under Redirect URLs.",
    "invalid_team_for_non_distributed_app": "Activate public distribution on the app's page "
    "Manage Distribution.",
}
_CREDENTIALS = "Copy SLACK_CLIENT_ID and SLACK_CLIENT_SECRET from the app's page Basic Information."


class OAuth:
    """The port `Installer`, for the app of one client id."""

    def __init__(
        self,
        *,
        api: SlackApi,
        db: Database,
        clock: Clock,
        installations: Installations,
        client_id: str,
        client_secret: str,
        scopes: frozenset[str],
        redirect_uri: Callable[[], str],
    ) -> None:
        """Args: `redirect_uri` is where Slack sends people back to, once the port is known."""
        self._api = api
        self._db = db
        self._clock = clock
        self._installations = installations
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._redirect_uri = redirect_uri

    def address(self, state: str) -> str:
        """Where Slack asks a person whether they want the bot."""
        wanted = {
            "client_id": self._client_id,
            "scope": ",".join(sorted(self._scopes)),
            "state": state,
            "redirect_uri": self._redirect_uri(),
        }
        return f"{self._slack}oauth/v2/authorize?{urlencode(wanted)}"

    @property
    def _slack(self) -> str:
        return self._api.client.base_url.removesuffix("api/")

    def _home_of(self, installation: Installation) -> str:
        if not self._slack.startswith("https://"):
            return self._slack  # one that runs on this machine has a page of its own
        named = {"team": installation.workspace.id, "id": installation.app_id, "tab": "home"}
        return f"slack://app?{urlencode(named)}"

    async def install(self, code: str) -> Installed:
        """Exchange the code for a token and keep it; this process serves the workspace at once.

        Raises:
            UserFixableError: The code is too old, or was used.
            RetryableError: Slack or the database did not answer.
            OperatorFixableError: The app is set up in another way than these settings.
        """
        new = await self._redeem(code)
        before = await self._db.read(installation_state, new.workspace.id)
        kept = await self._db.write(install, new, keeps_token=True)
        if kept is None:  # removed since, or our clock is behind Slack's: Slack knows
            again = await self._ask(new)
            kept = await self._db.write(install, again, keeps_token=True, is_alive=True)
        if kept is None:
            raise UserFixableError("The app was removed while it was being installed.")
        self._installations.put(kept)
        return Installed(
            workspace=kept.workspace,
            address=self._home_of(kept),
            is_org=kept.is_org,
            is_back=before is not None and before.installed_at is not None,
            gained=_gained(before.scopes if before is not None else frozenset(), kept.scopes),
        )

    async def _redeem(self, code: str) -> Installation:
        asked_at = self._clock.now()
        try:
            answer = await self._api.client.api_call(
                "oauth.v2.access",
                data={  # as a form: the SDK's own way uses what aiohttp gives up
                    "client_id": self._client_id,
                    "client_secret": self._client_secret,
                    "code": code,
                    "redirect_uri": self._redirect_uri(),
                },
            )
            found = await whose(self._api.client, str(answer["access_token"]), now=asked_at)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise _explained(error) from error
        if answer.get("expires_in"):
            raise OperatorFixableError(
                "Slack gives this app tokens that end after 12 hours.",
                fix="Make an app without token rotation, which cannot be turned off again, from "
                "the manifest that `stilltrue manifest --mode distributed` prints.",
                check="stilltrue doctor",
            )
        by = (answer.get("authed_user") or {}).get("id")
        return Installation(
            workspace=found.workspace,
            bot_token=found.bot_token,
            scopes=found.scopes or _listed(answer.get("scope")),
            app_id=str(answer.get("app_id") or ""),
            installed_by=UserId(by) if by else None,
            is_org=found.is_org,
        )

    async def _ask(self, new: Installation) -> Installation:
        """Return it if Slack says that its token works."""
        try:
            await whose(self._api.client, new.bot_token, now=new.workspace.installed_at)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise _explained(error) from error
        return new


def _explained(error: Exception) -> BotError:
    if not isinstance(error, SlackApiError):
        return translated(error)
    code = code_of(error)
    if code in _OLD_CODES:
        return UserFixableError("Slack gives each code for ten minutes, and once.")
    match sort_of(error):
        case Sort.GONE:
            return UserFixableError("The app was removed while it was being installed.")
        case Sort.NOT_SENT | Sort.AMBIGUOUS:
            return translated(error)
        case _:
            return OperatorFixableError(
                f"Slack refused the install: {code}.",
                fix=_OPERATOR_FIXES.get(code, _CREDENTIALS),
                check="stilltrue doctor",
            )


def _listed(scope: object) -> frozenset[str]:
    return frozenset(filter(None, str(scope or "").split(",")))


def _gained(before: frozenset[str], after: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        feature for feature, needed in _FEATURES.items() if needed <= after and not needed <= before
    )
