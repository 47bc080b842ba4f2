"""The tenants: which workspaces installed the bot, and as whom it acts there."""

from sqlalchemy import Connection

from bot.domain.ids import WorkspaceId
from bot.domain.workspace import Workspace
from bot.store import workspace as workspaces


def remember_workspace(tx: Connection, workspace: Workspace) -> None:
    workspaces.put(tx, workspace)


def workspace_of(tx: Connection, workspace: WorkspaceId) -> Workspace | None:
    return workspaces.get(tx, workspace)


def all_workspaces(tx: Connection) -> list[Workspace]:
    return workspaces.all_of(tx)
