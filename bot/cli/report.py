"""`report`: what went wrong in a time, and what had not been validated when it began."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.data import in_workspace
from bot.domain.permission import OPERATOR
from bot.domain.report_words import Format

Workspace = Annotated[str | None, typer.Option(help="The workspace's id, where there are several.")]


def report(  # noqa: PLR0917 - options, always by name
    project: Annotated[str, typer.Option(help="The project's key, or all.")] = "all",
    period: Annotated[
        str,
        typer.Option(help="this cycle, last cycle, 90 days, last month, march 1 to march 31, …"),
    ] = "quarter",
    format: Annotated[Format, typer.Option(help="How to write it.")] = Format.TABLE,
    zone: Annotated[str, typer.Option(help="Where days begin, like Europe/Lisbon.")] = "UTC",
    pictures: Annotated[
        Path | None,
        typer.Option(help="Also draw the charts into this folder, as PNG.", file_okay=False),
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Print the report of a project or of all of them."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from bot import main
    from bot.usecases.report import account_for
    from bot.usecases.report_formats import RENDERERS

    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter("no such zone", param_hint="--zone") from None
    account = in_workspace(
        main.read_settings(),
        workspace,
        account_for,
        f"{project.upper()} {period}",
        here=None,
        zone=place,
        now=datetime.now(UTC),
        reader=OPERATOR,
    )
    if pictures is not None:
        from bot.pictures.painter import paint

        pictures.mkdir(parents=True, exist_ok=True)
        for picture in main.run_in_loop(paint(account.report)):
            (pictures / picture.name).write_bytes(picture.png)
    print(RENDERERS[format](account), end="")
