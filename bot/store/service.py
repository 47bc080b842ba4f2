"""Services."""

from collections.abc import Collection

from sqlalchemy import Connection, Row, delete, select

from bot.domain.ids import WorkspaceId
from bot.domain.permission import Sight
from bot.domain.service import Link, Service, key_of
from bot.store import assumption as assumptions
from bot.store import setback as setbacks
from bot.store.tables import assumption, setback
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


def named_in(tx: Connection, workspace: WorkspaceId, sight: Sight) -> frozenset[str]:
    """Return the services, by `key_of`, that an assumption or a setback in sight names."""
    told = [
        select(assumption.c.services).where(assumption.c.workspace == workspace),
        select(setback.c.services).where(setback.c.workspace == workspace),
    ]
    if sight.channels is not None:
        told = [
            told[0].where(assumptions.is_seen(sight.user, sight.channels)),
            told[1].where(setbacks.is_seen(sight, sight.channels)),
        ]
    rows = (row for query in told for row in tx.execute(query))
    return frozenset(key_of(name) for row in rows for name in row.services)


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
