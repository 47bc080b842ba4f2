"""Which setback it is that a tool calls so, and how far its updates have been followed."""

from sqlalchemy import Connection, select, update

from bot.domain.ids import WorkspaceId
from bot.domain.setback_update import Origin
from bot.store.tables import setback_origin as table
from bot.store.upsert import upsert


def get(tx: Connection, workspace: WorkspaceId, endpoint: str, external_id: str) -> Origin | None:
    row = tx.execute(
        select(table).where(
            table.c.workspace == workspace,
            table.c.endpoint == endpoint,
            table.c.external_id == external_id,
        )
    ).one_or_none()
    if row is None:
        return None
    return Origin(
        number=row.setback,
        at=row.at,
        knows_start=row.knows_start,
        over_at=row.over_at,
        is_merged=row.is_merged,
    )


def move(tx: Connection, workspace: WorkspaceId, number: int, *, into: int) -> None:
    """Let what tools say of one setback reach another from now on."""
    tx.execute(
        update(table)
        .where(table.c.workspace == workspace, table.c.setback == number)
        .values(setback=into, is_merged=True)
    )


def put(
    tx: Connection, workspace: WorkspaceId, endpoint: str, external_id: str, origin: Origin
) -> None:
    upsert(
        tx,
        table,
        {
            "workspace": workspace,
            "endpoint": endpoint,
            "external_id": external_id,
            "setback": origin.number,
            "at": origin.at,
            "knows_start": origin.knows_start,
            "over_at": origin.over_at,
            "is_merged": origin.is_merged,
        },
    )
