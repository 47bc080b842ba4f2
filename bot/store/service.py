"""Services."""

from collections.abc import Collection

from sqlalchemy import Connection, Row, delete, select

from bot.domain.ids import WorkspaceId
from bot.domain.service import Link, Service, key_of
from bot.store.tables import service as table
from bot.store.upsert import upsert


def put(tx: Connection, service: Service) -> None:
    upsert(
        tx,
        table,
        {
            "workspace": service.workspace,
            "service": key_of(service.name),
            "name": service.name,
            "owner": service.owner,
            "runbook": service.runbook,
            "docs": [[link.title, link.url] for link in service.docs],
        },
    )


def named(tx: Connection, workspace: WorkspaceId, names: Collection[str]) -> list[Service]:
    """Return those of `names` that are known, by name."""
    keys = {key_of(name) for name in names}
    found = select(table).where(table.c.workspace == workspace, table.c.service.in_(keys))
    return [_to_service(row) for row in tx.execute(found.order_by(table.c.service))]


def all_of(tx: Connection, workspace: WorkspaceId) -> list[Service]:
    """Return the workspace's services, by name."""
    found = select(table).where(table.c.workspace == workspace)
    return [_to_service(row) for row in tx.execute(found.order_by(table.c.service))]


def remove(tx: Connection, workspace: WorkspaceId, name: str) -> bool:
    """Forget the service; False where there is none of that name."""
    gone = delete(table).where(table.c.workspace == workspace, table.c.service == key_of(name))
    return tx.execute(gone).rowcount == 1


def _to_service(row: Row[tuple[object, ...]]) -> Service:
    return Service(
        workspace=row.workspace,
        name=row.name,
        owner=row.owner,
        runbook=row.runbook,
        docs=tuple(Link(title=title, url=url) for title, url in row.docs),
    )
