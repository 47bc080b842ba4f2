"""What was delivered to us, so that a second copy changes nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete

from bot.domain.ids import WorkspaceId
from bot.store.tables import inbox as table
from bot.store.upsert import insert_if_absent


def first_time(
    tx: Connection, workspace: WorkspaceId, source: str, delivery_key: str, *, now: datetime
) -> bool:
    """Note the delivery; False where it was noted before.

    Of two copies at once the second waits until the first has committed, and gets False, or has
    rolled back, and is then the first.
    """
    values = {
        "workspace": workspace,
        "source": source,
        "delivery": delivery_key,
        "received_at": now,
    }
    return insert_if_absent(tx, table, values)


def forget_before(tx: Connection, moment: datetime) -> int:
    """Forget what arrived before `moment`, in every workspace; return how many rows it was."""
    return tx.execute(delete(table).where(table.c.received_at < moment)).rowcount
