"""What Slack says of a token, for `stilltrue doctor`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.slack.client import SlackClient
from bot.slack.errors import Sort, code_of, sort_of, translated

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One answer of auth.test. `error` is Slack's code where it refused the token."""

    team: str = ""
    bot_user: str = ""
    scopes: frozenset[str] | None = None  # None: the server does not say
    clock_ahead: timedelta | None = None  # this machine's clock against Slack's
    error: str = ""


async def probe(bot_token: str, *, base_url: str) -> Probe:
    """Ask Slack about the token.

    Raises:
        RetryableError: Slack did not answer.
    """
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        client = SlackClient(token=bot_token, base_url=base_url, session=session)
        try:
            found = await client.auth_test()
        except SlackApiError as error:
            if sort_of(error) in {Sort.OPERATOR, Sort.GONE, Sort.OURS}:
                return Probe(error=code_of(error))
            raise translated(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error
    headers = {name.lower(): value for name, value in found.headers.items()}
    return Probe(
        team=str(found.get("team") or found.get("team_id") or ""),
        bot_user=str(found.get("user") or ""),
        scopes=_scopes(headers.get("x-oauth-scopes")),
        clock_ahead=_ahead(headers.get("date")),
    )


async def probe_app(app_token: str, *, base_url: str) -> str:
    """Ask Slack for a socket, which nobody then uses; return its code where it refuses.

    Raises:
        RetryableError: Slack did not answer.
    """
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        client = SlackClient(base_url=base_url, session=session)
        try:
            await client.apps_connections_open(app_token=app_token)
        except SlackApiError as error:
            if sort_of(error) in {Sort.NOT_SENT, Sort.AMBIGUOUS}:
                raise translated(error) from error
            return code_of(error)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from error
    return ""


async def reach(url: str) -> str:
    """Ask an address of the bot's own; return what is wrong with the answer."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return "" if answer.status == _OK else f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


def _scopes(header: str | None) -> frozenset[str] | None:
    if header is None:
        return None
    return frozenset(scope.strip() for scope in header.split(",") if scope.strip())


def _ahead(header: str | None) -> timedelta | None:
    if header is None:
        return None
    try:
        return datetime.now(UTC) - parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
