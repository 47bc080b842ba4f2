"""What `doctor` asks Slack: tokens, scopes, tabs, clock, and whether each can reach the other."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.cli.findings import Finding, Mark

if TYPE_CHECKING:
    from bot.domain.ids import WorkspaceId
    from bot.settings import Settings
    from bot.slack.probe import Probe
    from bot.usecases.ports import Database

_SKEW_MAX = timedelta(seconds=60)  # a signature is refused at 300
_ASKED_MAX = 50  # workspaces whose token is tried
_REINSTALL = "Add them under OAuth & Permissions and reinstall; `stilltrue manifest` lists all."


async def look_at_slack(settings: "Settings", db: "Database | None") -> AsyncIterator[Finding]:
    """`db` is None where it cannot be opened; then what is stored is not looked at."""
    looks = _workspaces(settings, db) if settings.is_distributed else _workspace(settings)
    async for found in looks:
        yield found
    if settings.slack_app_token is not None:
        yield await _socket(settings)
    yield _transport(settings)
    if settings.public_url is not None:
        yield await _address(settings)
    if db is not None:
        yield await _tabs(db)


async def _workspace(settings: "Settings") -> AsyncIterator[Finding]:
    from bot.domain.errors import BotError
    from bot.slack.errors import FIXES
    from bot.slack.probe import probe

    if settings.slack_bot_token is None:
        fix = "Copy the Bot User OAuth Token from your app's page, OAuth & Permissions."
        yield Finding(Mark.WRONG, "token", "SLACK_BOT_TOKEN is not set.", fix)
        return
    token = settings.slack_bot_token.get_secret_value()
    try:
        found = await probe(token, base_url=str(settings.slack_api_url))
    except BotError as error:
        yield _no_answer(settings, error)
        return
    if found.error:
        fix = FIXES.get(found.error, "Install the app again and copy the new SLACK_BOT_TOKEN.")
        yield Finding(Mark.WRONG, "token", f"Slack refuses it ({found.error}).", fix)
        return
    yield Finding(Mark.WELL, "token", f"works as {found.bot_user} in {found.team}")
    yield _scopes("scopes", found)
    yield _clock(found)


async def _workspaces(settings: "Settings", db: "Database | None") -> AsyncIterator[Finding]:
    """Try the token of each workspace that installed the bot."""
    from bot.usecases.installation import installation_states, unreadable_tokens

    yield _install(settings)
    if db is None:
        return
    states = await db.read(installation_states)
    installed = [one.workspace for one in states if one.is_installed]
    broken = {one.workspace: one.cause for one in await db.read(unreadable_tokens)}
    told = f"{len(installed)} with the bot, {len(states) - len(installed)} without it now"
    left = f"; the first {_ASKED_MAX} are tried" if len(installed) > _ASKED_MAX else ""
    yield Finding(Mark.WELL, "workspaces", told + left)
    for workspace, cause in [*broken.items()][:_ASKED_MAX]:
        part = f"workspace {workspace}"
        yield Finding(Mark.WRONG, part, "its token cannot be opened:", cause)
    clock: Finding | None = None
    for workspace in [one for one in installed if one not in broken][:_ASKED_MAX]:
        found, clock_found = await _installed(settings, db, workspace)
        clock = clock or clock_found
        yield found
    if clock is not None:
        yield clock


async def _installed(
    settings: "Settings", db: "Database", workspace: "WorkspaceId"
) -> tuple[Finding, Finding | None]:
    from bot.domain.errors import BotError
    from bot.slack.errors import FIXES
    from bot.slack.probe import probe
    from bot.usecases.installation import installations_of

    part = f"workspace {workspace}"
    kept = await db.read(installations_of, workspace)
    if not kept:
        fix = "Install the app there again."
        return Finding(Mark.WRONG, part, "no token is stored.", fix), None
    try:
        found = await probe(kept[0].bot_token, base_url=str(settings.slack_api_url))
    except BotError as error:
        return _no_answer(settings, error, part), None
    if found.error:
        fix = FIXES.get(found.error, "Install the app there again.")
        return Finding(Mark.WRONG, part, f"Slack refuses its token ({found.error}).", fix), None
    return _scopes(part, found), _clock(found)


def _install(settings: "Settings") -> Finding:
    from bot.slack.scopes import BOT_SCOPES

    lacking = sorted(BOT_SCOPES.keys() - (settings.install_scopes or BOT_SCOPES.keys()))
    if lacking:
        fix = "Add them to SLACK_SCOPES."
        return Finding(Mark.WRONG, "install", f"it does not ask for {', '.join(lacking)}.", fix)
    if settings.public_url is None and not settings.is_slack_local:
        fix = "Set it to the address at which the world reaches the bot, like https://your.host."
        return Finding(Mark.WRONG, "install", "STILLTRUE_PUBLIC_URL is not set.", fix)
    if settings.public_url is None:
        return Finding(Mark.WELL, "install", "people add the bot at its own port, /slack/install")
    at = str(settings.public_url).rstrip("/")
    return Finding(Mark.WELL, "install", f"people add the bot at {at}/slack/install")


def _no_answer(settings: "Settings", error: Exception, part: str = "slack") -> Finding:
    fix = f"Check the network and SLACK_API_URL ({settings.slack_api_url})."
    return Finding(Mark.WRONG, part, str(error), fix)


def _scopes(part: str, found: "Probe") -> Finding:
    """Compare what the token may do with the core, and with each feature that it begins."""
    from bot.slack.scopes import BOT_SCOPES, FEATURES

    name = f"{found.team}: " if part != "scopes" else ""
    if found.scopes is None:
        text = f"{name}the server does not say which scopes the token has"
        return Finding(Mark.WARN, part, text)
    missing = sorted(BOT_SCOPES.keys() - found.scopes)
    if missing:
        return Finding(Mark.WRONG, part, f"{name}missing: {', '.join(missing)}.", _REINSTALL)
    asked = {one: scopes.keys() for one, (scopes, _) in FEATURES.items() if scopes}
    on = [one for one, scopes in asked.items() if scopes <= found.scopes]
    covered = frozenset().union(*(asked[one] for one in on))
    begun = {
        one: sorted(scopes - found.scopes)
        for one, scopes in asked.items()
        if one not in on and (scopes & found.scopes) - covered
    }
    if begun:
        lacking = "; ".join(f"{one} needs {', '.join(scopes)}" for one, scopes in begun.items())
        return Finding(Mark.WARN, part, f"{name}half of a feature: {lacking}.", _REINSTALL)
    beside = f", and for {', '.join(on)}" if on else ""
    return Finding(Mark.WELL, part, f"{name}all that are needed{beside}")


def _clock(found: "Probe") -> Finding:
    if found.clock_ahead is None:
        return Finding(Mark.WARN, "clock", "the server does not say what time it is")
    seconds = round(found.clock_ahead.total_seconds())
    if abs(found.clock_ahead) > _SKEW_MAX:
        fix = "Turn time synchronisation on: at 300 s every request from Slack is refused."
        return Finding(Mark.WRONG, "clock", f"{seconds:+d} s against Slack's.", fix)
    return Finding(Mark.WELL, "clock", f"{seconds:+d} s against Slack's")


async def _socket(settings: "Settings") -> Finding:
    from bot.domain.errors import BotError
    from bot.slack.probe import probe_app

    token = settings.slack_app_token
    if token is None:
        raise ValueError("asked for only where it is set")
    try:
        refused = await probe_app(token.get_secret_value(), base_url=str(settings.slack_api_url))
    except BotError as error:
        return _no_answer(settings, error, "socket")
    if refused:
        fix = (
            "Turn Socket Mode on on your app's page, and make an app-level token with "
            "connections:write there, under Basic Information."
        )
        return Finding(Mark.WRONG, "socket", f"Slack opens none ({refused}).", fix)
    return Finding(Mark.WELL, "socket", "Slack opens one for SLACK_APP_TOKEN")


def _transport(settings: "Settings") -> Finding:
    if settings.slack_app_token is not None:
        return Finding(Mark.WELL, "events", "by Socket Mode")
    if settings.signing_secrets:
        return Finding(Mark.WELL, "events", f"by HTTP, at /slack/events on port {settings.port}")
    fix = "Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
    return Finding(Mark.WRONG, "events", "Slack cannot reach the bot.", fix)


async def _address(settings: "Settings") -> Finding:
    """From here, which is not from Slack: a name that resolves here alone looks well."""
    from bot.slack.probe import reach

    at = f"{str(settings.public_url).rstrip('/')}/healthz"
    problem = await reach(at)
    if problem:
        fix = "Start the bot, and see that STILLTRUE_PUBLIC_URL leads to it."
        return Finding(Mark.WARN, "address", f"{at} does not answer from here: {problem}.", fix)
    return Finding(Mark.WELL, "address", f"{at} answers from here")


async def _tabs(db: "Database") -> Finding:
    """Slack tells nobody how the tabs are set, but what it refuses for them is kept."""
    from bot.usecases.dead_letter import troubles

    refused = {one.error for one in await db.read(troubles)}
    off = [tab for code, tab in _TABS.items() if code in refused]
    if off:
        fix = "Turn it on under App Home on your app's page; `stilltrue outbox retry --all` after."
        return Finding(Mark.WRONG, "tabs", f"Slack says that {' and '.join(off)} is off.", fix)
    return Finding(Mark.WELL, "tabs", "Slack refused nothing for want of Home or Messages")


_TABS = {"not_enabled": "the Home tab", "messages_tab_disabled": "the Messages tab"}
