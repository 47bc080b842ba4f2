"""`export`: everything of a workspace, to take away."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.data import in_workspace


class Format(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"


def export(
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="A new or empty folder; one file for a table.")
    ],
    format: Annotated[Format, typer.Option(help="How to write it.")] = Format.JSON_LINES,
    workspace: Annotated[
        str | None, typer.Option(help="The workspace's id, where there are several.")
    ] = None,
) -> None:
    """Write everything of a workspace into a folder, without tokens and secrets.

    `stilltrue import --from-export FOLDER` puts it into a new database, exactly as it was.
    """
    write_export(folder, format, workspace)


def write_export(folder: Path, format: Format, workspace: str | None) -> None:
    """Write a file for each table; `workspace` None is the only one there is."""
    from bot import main
    from bot.usecases.transfer import ExportFormat, export_workspace

    if folder.exists() and any(folder.iterdir()):
        raise typer.BadParameter("the folder is not empty", param_hint="FOLDER")
    files = in_workspace(
        main.read_settings(), workspace, export_workspace, ExportFormat(format.value)
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8", newline="")
    print(f"Wrote {len(files)} files to {folder}.")
