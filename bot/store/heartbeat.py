"""When due work was last looked for, in each workspace."""

from datetime import datetime

from sqlalchemy import Connection, select

from bot.domain.ids import WorkspaceId
from bot.store.tables import heartbeat as table
from bot.store.upsert import insert_if_absent, upsert


def lock(tx: Connection, workspace: WorkspaceId, *, now: datetime) -> datetime:
    """Return when it was, for this transaction alone; `now` where it never was.

    Of two workers at once the second waits, and finds what the first wrote.
    """
    insert_if_absent(tx, table, {"workspace": workspace, "at": now})
    mine = select(table.c.at).where(table.c.workspace == workspace)
    found: datetime = tx.execute(mine.with_for_update()).scalar_one()  # SQLite has one writer
    return found


def put(tx: Connection, workspace: WorkspaceId, at: datetime) -> None:
    upsert(tx, table, {"workspace": workspace, "at": at})
