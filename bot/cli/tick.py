"""`tick`: all due work once, for hosts that run a command every few minutes."""

from datetime import UTC, datetime
from typing import Annotated

import typer


def tick(
    now: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="Let it be this moment, for example 2026-03-02T09:30 (UTC unless it says "
            "otherwise). Only where SLACK_API_URL is on this machine.",
        ),
    ] = None,
) -> None:
    """Do all due work once, and say how much it was."""
    from bot import main

    moment = _moment(now)
    settings = main.read_settings()
    counts = main.run_in_loop(main.tick(settings, now=moment))
    print(f"{counts.prompts} prompts handed over, {counts.messages} messages sent or updated.")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"“{text}” is not a moment like 2026-03-02T09:30", param_hint="--now"
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
