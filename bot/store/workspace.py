"""The tenants."""

from sqlalchemy import Connection, Row, select

from bot.domain.ids import WorkspaceId
from bot.domain.workspace import Workspace
from bot.store.installation import is_not_gone
from bot.store.tables import workspace as table
from bot.store.upsert import upsert


def put(tx: Connection, workspace: Workspace) -> None:
    upsert(
        tx,
        table,
        {
            "workspace": workspace.id,
            "name": workspace.name,
            "bot_user": workspace.bot_user,
            "bot_id": workspace.bot_id,
            "installed_at": workspace.installed_at,
        },
    )


def get(tx: Connection, workspace: WorkspaceId) -> Workspace | None:
    row = tx.execute(select(table).where(table.c.workspace == workspace)).one_or_none()
    return None if row is None else _to_workspace(row)


def all_of(tx: Connection) -> list[Workspace]:
    """Return every workspace, by id."""
    return [_to_workspace(row) for row in tx.execute(select(table).order_by(table.c.workspace))]


def installed(tx: Connection) -> list[Workspace]:
    """Return those where the bot may act, by id."""
    found = select(table).where(is_not_gone(table.c.workspace)).order_by(table.c.workspace)
    return [_to_workspace(row) for row in tx.execute(found)]


def _to_workspace(row: Row[tuple[object, ...]]) -> Workspace:
    return Workspace(
        id=row.workspace,
        name=row.name,
        bot_user=row.bot_user,
        bot_id=row.bot_id,
        installed_at=row.installed_at,
    )
