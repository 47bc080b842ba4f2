"""Which assumptions depend on which."""

from sqlalchemy import Connection, delete, select

from bot.domain.ids import AssumptionKey, WorkspaceId
from bot.store.tables import dependency as table
from bot.store.upsert import insert_if_absent


def add(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, on: AssumptionKey) -> bool:
    """Let `key` depend on `on`; False where it does already."""
    values = {"workspace": workspace, "assumption": key, "depends_on": on}
    return insert_if_absent(tx, table, values)


def remove(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, on: AssumptionKey) -> bool:
    """Let `key` depend on `on` no more; False where it did not."""
    mine = (
        table.c.workspace == workspace,
        table.c.assumption == key,
        table.c.depends_on == on,
    )
    return tx.execute(delete(table).where(*mine)).rowcount == 1


def foundations_of(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey
) -> list[AssumptionKey]:
    """Return what the assumption depends on, by key."""
    mine = select(table.c.depends_on).where(
        table.c.workspace == workspace, table.c.assumption == key
    )
    return sorted(tx.execute(mine).scalars())


def dependants_of(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey
) -> list[AssumptionKey]:
    """Return what depends on the assumption, by key."""
    mine = select(table.c.assumption).where(
        table.c.workspace == workspace, table.c.depends_on == key
    )
    return sorted(tx.execute(mine).scalars())
