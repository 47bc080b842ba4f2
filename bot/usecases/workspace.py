"""The tenants: which workspaces installed the bot, and as whom it acts there."""

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError
from bot.domain.ids import WorkspaceId
from bot.domain.installation import InstallationState, UnreadableToken
from bot.domain.workspace import Workspace
from bot.store import erase, installation
from bot.store import workspace as workspaces

log = structlog.get_logger()


def remember_workspace(tx: Connection, workspace: Workspace) -> None:
    workspaces.put(tx, workspace)


def workspace_of(tx: Connection, workspace: WorkspaceId) -> Workspace | None:
    return workspaces.get(tx, workspace)


def all_workspaces(tx: Connection) -> list[Workspace]:
    return workspaces.all_of(tx)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A workspace of which something is stored."""

    id: WorkspaceId
    workspace: Workspace | None  # None: Slack has not described it
    installation: InstallationState | None  # None: it was imported, and the bot never came there
    rows: int
    unreadable: UnreadableToken | None = None  # its token is here, and cannot be opened


def all_tenants(tx: Connection) -> list[Tenant]:
    """Return all of whom something is stored, by id."""
    known = {workspace.id: workspace for workspace in workspaces.all_of(tx)}
    states = {state.workspace: state for state in installation.states(tx)}
    rows = erase.count_rows(tx)
    unreadable = {one.workspace: one for one in installation.unreadable_tokens(tx)}
    return [
        Tenant(
            id=id_,
            workspace=known.get(id_),
            installation=states.get(id_),
            rows=rows[id_],
            unreadable=unreadable.get(id_),
        )
        for id_ in sorted(known.keys() | states.keys() | rows.keys())
    ]


def erase_workspace(tx: Connection, workspace: WorkspaceId) -> dict[str, int]:
    """Delete everything of a workspace, for good; return how many rows of each table that was.

    Raises:
        NotFoundError: Nothing of it is stored.
    """
    if not erase.count_rows(tx)[workspace]:
        raise NotFoundError(f"Nothing of a workspace {workspace} is stored.")
    counts = erase.erase(tx, workspace)
    log.warning("workspace.erased", workspace=workspace, rows=sum(counts.values()))
    return counts
