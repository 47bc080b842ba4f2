"""`workspace`: whose data is here, to take it away or to erase it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.data import in_database
from bot.cli.export import Format, write_export

if TYPE_CHECKING:
    from bot.usecases.workspace import Tenant

app = typer.Typer(
    help="The workspaces whose data is here: list, export, erase.", no_args_is_help=True
)

Id = Annotated[str, typer.Argument(metavar="ID", help="As `stilltrue workspace list` shows it.")]


@app.command("list")
def list_() -> None:
    """List the workspaces, whether the bot is installed there, and how much is stored."""
    from bot import main
    from bot.usecases.workspace import all_tenants

    found = in_database(main.read_settings(), all_tenants)
    for tenant in found:
        print("  ".join(_line(tenant)))
    if not found:
        print("There are none yet: the first comes when the bot is started or installed.")


@app.command()
def export(
    id_: Id,
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="A new or empty folder; one file for a table.")
    ],
    format: Annotated[Format, typer.Option(help="How to write it.")] = Format.JSON_LINES,
) -> None:
    """Write everything of a workspace into a folder, without tokens and secrets."""
    write_export(folder, format, id_)


@app.command()
def erase(
    id_: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the id again.")] = False,
) -> None:
    """Delete everything of a workspace, for good.

    Remove the bot in Slack first, or stop it: else the workspace begins anew with its next word.
    Backups keep what they hold until you delete them, and so do logs, which name ids only.
    PostgreSQL overwrites the deleted rows after its next VACUUM; a SQLite file is written anew.
    """
    from bot import main
    from bot.domain.ids import WorkspaceId
    from bot.usecases.workspace import erase_workspace

    settings = main.read_settings()
    where = main.describe_database(settings.database_url)
    if not yes and typer.prompt(f"Type {id_} to erase all of it from {where}") != id_:
        print("That is another id, so nothing was erased.")
        raise typer.Exit(1)
    counts = in_database(settings, erase_workspace, WorkspaceId(id_))
    is_scrubbed = main.scrub(settings)
    print(f"Erased {sum(counts.values())} rows from {len(counts)} tables.")
    if not is_scrubbed:
        print("The file's log still holds some of it: stop the bot, then start it again.")


def _line(tenant: "Tenant") -> list[str]:
    name = tenant.workspace.name if tenant.workspace is not None else "-"
    return [f"{tenant.id:<12}", f"{name:<24}", _standing(tenant), f"{tenant.rows} rows"]


def _standing(tenant: "Tenant") -> str:
    state = tenant.installation
    if state is None:
        return "never installed here"
    if tenant.unreadable is not None:
        why = "needs a key that is not set" if tenant.unreadable.needs_key else "cannot be opened"
        return f"needs a new install: its token {why}"
    if state.is_installed and state.installed_at is not None:
        return f"installed {state.installed_at:%Y-%m-%d %H:%M} UTC"
    when = f" {state.removed_at:%Y-%m-%d %H:%M} UTC" if state.removed_at is not None else ""
    return f"removed{when} ({state.removed_for})"
