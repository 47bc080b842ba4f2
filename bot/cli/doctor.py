"""`doctor`: looks at each part, one line each, with the fix beside what is wrong."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.doctor_slack import look_at_slack
from bot.cli.findings import Finding, Mark

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.usecases.ports import Database

_BLOCKED_MOST = 50  # workspaces that are named
_NAMED = 3  # reasons for which messages are parked, the most frequent first
_WORDS = {Mark.WELL: "well", Mark.WARN: "warning", Mark.WRONG: "wrong"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for a program.")] = False,
) -> None:
    """Check each part, and say how to mend what is wrong. Exits with 1 if something is."""
    from bot import main

    settings = main.read_settings()
    show = _Lines() if not as_json else None
    seen: list[Finding] = []

    async def look() -> None:
        async for found in examine(settings):
            seen.append(found)
            if show is not None:
                show(found)

    main.run_in_loop(look())
    if as_json:
        print(_as_json(seen))
    if any(found.mark is Mark.WRONG for found in seen):
        raise typer.Exit(1)


class _Lines:
    """Shows each finding as soon as it is there: some take seconds."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, soft_wrap=True)

    def __call__(self, found: Finding) -> None:
        from rich.text import Text

        colors = {Mark.WELL: "green", Mark.WARN: "yellow", Mark.WRONG: "red"}
        line = Text.assemble((found.mark, colors[found.mark]), f" {found.part}: {found.text}")
        self._console.print(line.append(f" {found.fix}" if found.fix else ""))


def _as_json(findings: Sequence[Finding]) -> str:
    import json

    told = [
        {"part": one.part, "state": _WORDS[one.mark], "text": one.text, "fix": one.fix}
        for one in findings
    ]
    return json.dumps(told, indent=2, ensure_ascii=False)


async def examine(settings: "Settings") -> AsyncIterator[Finding]:
    """Look at one part after the other."""
    yield _tuning(settings)
    keys = _keys(settings)
    yield keys
    if keys.mark is Mark.WRONG:  # said once; the rest is looked at all the same
        settings = settings.model_copy(update={"encryption_keys": None})
    found, db = await _database(settings)
    yield found
    try:
        async for found in look_at_slack(settings, db):
            yield found
        if db is not None:
            yield await _messages(db)
            for blocked in await _blocked(db):
                yield blocked
    finally:
        if db is not None:
            await db.close()
    yield _zones()


def _tuning(settings: "Settings") -> Finding:
    """The variables were read before anything else; the files are read when they are used."""
    from bot.domain.errors import FatalError

    try:
        _ = settings.tuning
    except FatalError as error:
        return Finding(Mark.WRONG, "settings", str(error))
    return Finding(Mark.WELL, "settings", "every value can be read")


def _keys(settings: "Settings") -> Finding:
    from bot import main
    from bot.domain.errors import FatalError

    fix = "Set STILLTRUE_ENCRYPTION_KEYS; `stilltrue key new` prints a key."
    try:
        count = main.count_keys(settings)
    except FatalError as error:
        return Finding(Mark.WRONG, "keys", str(error))
    if count:
        return Finding(Mark.WELL, "keys", f"{count} to open what is stored, the first to seal it")
    if settings.is_distributed:
        return Finding(Mark.WRONG, "keys", "no token is stored without one.", fix)
    return Finding(Mark.WELL, "keys", "none set, and one workspace by its token needs none")


async def _database(settings: "Settings") -> "tuple[Finding, Database | None]":
    from bot import main
    from bot.domain.errors import BotError, RetryableError

    where = main.describe_database(settings.database_url)
    try:
        db = await main.open_checked(settings)
    except RetryableError as error:
        fix = "See that the server runs, and compare the host and the port in DATABASE_URL with it."
        return Finding(Mark.WRONG, "database", f"{where}: {error}", fix), None
    except BotError as error:
        return Finding(Mark.WRONG, "database", f"{where}:", str(error)), None
    text = f"{where}, at revision {main.needed_revision()}"
    return Finding(Mark.WELL, "database", text), db


async def _messages(db: "Database") -> Finding:
    from bot.usecases.dead_letter import troubles

    found = await db.read(troubles)
    parked = {one.error: one.count for one in found if one.is_parked}
    waiting = sum(one.count for one in found if not one.is_parked)
    if parked:
        why = ", ".join(f"{error} ({count})" for error, count in [*parked.items()][:_NAMED])
        fix = "See `stilltrue outbox list`; mend it, then `stilltrue outbox retry --all`."
        return Finding(Mark.WRONG, "messages", f"{sum(parked.values())} parked: {why}.", fix)
    if waiting:
        return Finding(Mark.WARN, "messages", f"{waiting} wait after a try that failed")
    return Finding(Mark.WELL, "messages", "none parked")


async def _blocked(db: "Database") -> list[Finding]:
    """Say of each workspace for which Slack takes nothing why, and what mends it."""
    from bot.slack.errors import FIXES
    from bot.usecases.dead_letter import held_back

    found = await db.read(held_back, FIXES.keys())
    return [
        Finding(
            Mark.WRONG,
            f"messages of {one.workspace}",
            f"Slack says {one.cause}: {one.count} refused and waiting, and all that comes after.",
            f"{FIXES[one.cause]} They go out by themselves within a minute or two; `stilltrue "
            f"outbox list --workspace {one.workspace}` shows whether they did.",
        )
        for one in found[:_BLOCKED_MOST]
    ]


def _zones() -> Finding:
    """The bot reads time zones from the pinned package alone, whatever the machine has."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        pinned = version("tzdata")
    except PackageNotFoundError:
        fix = "Install the bot again: the package belongs to it."
        return Finding(Mark.WRONG, "zones", "the package tzdata is not there.", fix)
    return Finding(Mark.WELL, "zones", f"as tzdata {pinned} has them")
