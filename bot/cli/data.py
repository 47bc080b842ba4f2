"""One unit of work on the database, for a command that runs once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.domain.ids import WorkspaceId
    from bot.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


def in_workspace(
    settings: "Settings",
    name: str | None,
    unit: "Callable[Concatenate[Connection, WorkspaceId, P], R]",
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run `unit` in one transaction for a workspace.

    Args:
        settings: Say where the database is.
        name: The workspace's id; None takes the only one.
        unit: Gets the transaction and the workspace first.
        *args: For `unit`.
        **kwargs: For `unit`.

    Raises:
        typer.BadParameter: There is no such workspace, or it is not clear which one is meant.
    """

    def _run(tx: "Connection") -> R:
        return unit(tx, _workspace(tx, name), *args, **kwargs)

    return in_database(settings, _run)


def in_database(
    settings: "Settings",
    unit: "Callable[Concatenate[Connection, P], R]",
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run `unit` in one transaction, for what is about no workspace, or about all."""
    from bot import main

    async def run() -> R:
        db = await main.open_checked(settings)
        try:
            return await db.write(unit, *args, **kwargs)
        finally:
            await db.close()

    return main.run_in_loop(run())


def _workspace(tx: "Connection", name: str | None) -> "WorkspaceId":
    from bot.usecases.workspace import all_workspaces

    known = [workspace.id for workspace in all_workspaces(tx)]
    if not known:
        raise typer.BadParameter(
            "no workspace is known yet: start the bot once, so that Slack says which one it is",
            param_hint="--workspace",
        )
    found = [id_ for id_ in known if name in {None, id_}]
    if len(found) != 1:
        raise typer.BadParameter(f"say which one: {', '.join(known)}", param_hint="--workspace")
    return found[0]
