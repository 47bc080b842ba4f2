"""`service`: who owns what runs, and where its runbook is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.data import in_workspace

if TYPE_CHECKING:
    from bot.domain.service import Service

app = typer.Typer(help="Services: their owners and runbooks.", no_args_is_help=True)

Workspace = Annotated[str | None, typer.Option(help="The workspace's id, where there are several.")]


@app.command("list")
def list_(workspace: Workspace = None) -> None:
    """List the services that are known."""
    from bot import main
    from bot.domain.permission import OPERATOR
    from bot.usecases.service import list_services

    found = in_workspace(main.read_settings(), workspace, list_services, reader=OPERATOR)
    for service in found:
        print(_line(service))
    if not found:
        print("There are none yet. Bring them: stilltrue service import catalog-info.yaml")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="A Backstage catalog-info.yaml, or CSV with name, owner, runbook and docs.",
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be added.")
    ] = False,
    workspace: Workspace = None,
) -> None:
    """Add services from a file. Exits with 1 if something in it could not be read."""
    from bot import main
    from bot.usecases.service import import_services

    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from None
    found = in_workspace(main.read_settings(), workspace, import_services, text, is_dry_run=dry_run)
    for service in found.services:
        print(_line(service))
    for problem in found.problems:
        print(problem)
    verb = "would be added or replaced" if dry_run else "added or replaced"
    print(f"{len(found.services)} {verb}, {len(found.problems)} problems.")
    if found.problems:
        raise typer.Exit(1)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The service.")], workspace: Workspace = None
) -> None:
    """Forget a service. Incidents that named it keep the name."""
    from bot import main
    from bot.usecases.service import remove_service

    in_workspace(main.read_settings(), workspace, remove_service, name)
    print(f"Removed {name}.")


def _line(service: "Service") -> str:
    owner = service.owner or "no owner"
    return "  ".join([service.name, owner, service.runbook or "no runbook"])
