"""`import`: an assumption log kept as CSV, or a whole export of another database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.data import in_workspace
from bot.domain.ids import ProjectKey

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.usecases.import_log import Imported

_SHOWN = 5


def import_(  # noqa: PLR0917 - options, always by name
    file: Annotated[
        Path | None,
        typer.Argument(
            dir_okay=False, exists=True, help="CSV, its first line with the names of the columns."
        ),
    ] = None,
    project: Annotated[str, typer.Option(help="The key of the project they belong to.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="The columns are right: store it.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Store the good lines although others are not.")
    ] = False,
    from_export: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, exists=True, help="A folder of `stilltrue export`, for a new database."
        ),
    ] = None,
    workspace: Annotated[
        str | None, typer.Option(help="The workspace's id, where there are several.")
    ] = None,
) -> None:
    """Log the assumptions of a file. Exits with 1, and stores nothing, if a line has a problem."""
    from bot import main
    from bot.usecases.import_log import import_log

    settings = main.read_settings()
    if from_export is not None:
        _import_export(settings, from_export)
        return
    if file is None or not project:
        raise typer.BadParameter("name a file and its --project, or a folder by --from-export")
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from None
    found = in_workspace(
        settings,
        workspace,
        import_log,
        text,
        project=ProjectKey(project.upper()),
        is_dry_run=dry_run or not yes,
        skips_bad=skip_bad,
        now=datetime.now(UTC),
        cadence=settings.tuning.cadence,
    )
    _show(found)
    if found.keys:
        print(f"Logged {len(found.keys)}: {found.keys[0]} to {found.keys[-1]}.")
    elif found.problems and not skip_bad:
        print("Nothing was stored. Mend these lines, or leave them out with --skip-bad.")
    elif not dry_run:
        print("Nothing was stored yet. If the columns are right, run it again with --yes.")
    if found.problems:
        raise typer.Exit(1)


def _show(found: "Imported") -> None:
    print("Columns:")
    for meaning, name in found.columns:
        print(f"  {meaning:<12} from “{name}”")
    if found.ignored:
        print(f"  not read: {', '.join(found.ignored)}")
    for draft in found.drafts[:_SHOWN]:
        needed = f", needed by {draft.validate_by}" if draft.validate_by else ""
        print(f"- {' '.join(draft.statement.split())[:80]} ({draft.impact}{needed})")
    if len(found.drafts) > _SHOWN:
        print(f"- and {len(found.drafts) - _SHOWN} more")
    for problem in found.problems:
        print(problem)
    print(
        f"{len(found.drafts)} assumptions, {found.skipped} lines that are none or closed, "
        f"{len(found.problems)} problems."
    )


def _import_export(settings: "Settings", folder: Path) -> None:
    from bot import main
    from bot.usecases.transfer import import_export

    files: dict[str, str] = {}
    for path in [*folder.glob("*.jsonl"), *folder.glob("*.csv")]:
        with path.open(encoding="utf-8", newline="") as file:
            files[path.name] = file.read()

    async def run() -> dict[str, int]:
        db = await main.open_checked(settings)
        try:
            return await db.write(import_export, files)
        finally:
            await db.close()

    counts = main.run_in_loop(run())
    for name, count in counts.items():
        if count:
            print(f"{count:>8}  {name}")
