"""`doctor`: looks at each part, one line each, with the fix beside what is wrong."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.probe import Probe

_SKEW_MAX = timedelta(seconds=60)  # a signature is refused at 300


class Mark(StrEnum):
    WELL = "✓"
    WARN = "!"
    WRONG = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    mark: Mark
    part: str
    text: str
    fix: str = ""


def doctor() -> None:
    """Check each part, and say how to mend what is wrong. Exits with 1 if something is."""
    from rich.console import Console
    from rich.text import Text

    from bot import main

    settings = main.read_settings()
    console = Console(highlight=False, soft_wrap=True)
    colors = {Mark.WELL: "green", Mark.WARN: "yellow", Mark.WRONG: "red"}
    is_wrong = False

    async def show() -> None:
        nonlocal is_wrong
        async for found in examine(settings):
            is_wrong |= found.mark is Mark.WRONG
            line = Text.assemble((found.mark, colors[found.mark]), f" {found.part}: {found.text}")
            console.print(line.append(f" {found.fix}" if found.fix else ""))

    main.run_in_loop(show())
    if is_wrong:
        raise typer.Exit(1)


async def examine(settings: "Settings") -> AsyncIterator[Finding]:
    """Look at one part after the other."""
    yield _tuning(settings)
    yield await _database(settings)
    async for found in _slack(settings):
        yield found
    yield _transport(settings)
    yield _zones()


def _tuning(settings: "Settings") -> Finding:
    """The variables were read before anything else; the files are read when they are used."""
    from bot.domain.errors import FatalError

    try:
        _ = settings.tuning
    except FatalError as error:
        return Finding(Mark.WRONG, "settings", str(error))
    return Finding(Mark.WELL, "settings", "every value can be read")


async def _database(settings: "Settings") -> Finding:
    from bot import main
    from bot.domain.errors import BotError, RetryableError

    where = main.describe_database(settings.database_url)
    try:
        db = await main.open_checked(settings)
    except RetryableError as error:
        fix = "See that the server runs, and compare the host and the port in DATABASE_URL with it."
        return Finding(Mark.WRONG, "database", f"{where}: {error}", fix)
    except BotError as error:
        return Finding(Mark.WRONG, "database", f"{where}:", str(error))
    await db.close()
    return Finding(Mark.WELL, "database", f"{where}, at revision {main.needed_revision()}")


async def _slack(settings: "Settings") -> AsyncIterator[Finding]:
    from bot.domain.errors import BotError
    from bot.slack.probe import probe

    if settings.slack_bot_token is None:
        fix = "Copy the Bot User OAuth Token from your app's page, OAuth & Permissions."
        yield Finding(Mark.WRONG, "token", "SLACK_BOT_TOKEN is not set.", fix)
        return
    token = settings.slack_bot_token.get_secret_value()
    try:
        found = await probe(token, base_url=str(settings.slack_api_url))
    except BotError as error:
        fix = f"Check the network and SLACK_API_URL ({settings.slack_api_url})."
        yield Finding(Mark.WRONG, "slack", str(error), fix)
        return
    if found.error:
        fix = "Install the app again and copy the new SLACK_BOT_TOKEN."
        yield Finding(Mark.WRONG, "token", f"Slack refuses it ({found.error}).", fix)
        return
    yield Finding(Mark.WELL, "token", f"works as {found.bot_user} in {found.team}")
    yield _scopes(found)
    yield _clock(found)


def _scopes(found: "Probe") -> Finding:
    from bot.slack.scopes import BOT_SCOPES

    if found.scopes is None:
        return Finding(Mark.WARN, "scopes", "the server does not say which ones the token has")
    missing = sorted(set(BOT_SCOPES) - found.scopes)
    if missing:
        fix = "Add them under OAuth & Permissions and reinstall; `stilltrue manifest` lists all."
        return Finding(Mark.WRONG, "scopes", f"missing: {', '.join(missing)}.", fix)
    return Finding(Mark.WELL, "scopes", "all that are needed")


def _clock(found: "Probe") -> Finding:
    if found.clock_ahead is None:
        return Finding(Mark.WARN, "clock", "the server does not say what time it is")
    seconds = round(found.clock_ahead.total_seconds())
    if abs(found.clock_ahead) > _SKEW_MAX:
        fix = "Turn time synchronisation on: at 300 s every request from Slack is refused."
        return Finding(Mark.WRONG, "clock", f"{seconds:+d} s against Slack's.", fix)
    return Finding(Mark.WELL, "clock", f"{seconds:+d} s against Slack's")


def _transport(settings: "Settings") -> Finding:
    if settings.slack_app_token is not None:
        return Finding(Mark.WELL, "events", "by Socket Mode")
    if settings.signing_secrets:
        return Finding(Mark.WELL, "events", f"by HTTP, at /slack/events on port {settings.port}")
    fix = "Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
    return Finding(Mark.WRONG, "events", "Slack cannot reach the bot.", fix)


def _zones() -> Finding:
    from zoneinfo import available_timezones

    known = len(available_timezones())
    if known == 0:
        return Finding(Mark.WRONG, "zones", "no time zones.", "Reinstall: tzdata is missing.")
    return Finding(Mark.WELL, "zones", f"{known} time zones")
