"""What was delivered to us, so that a second copy changes nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from bot.domain.ids import WorkspaceId
from bot.store.tables import inbox as table
from bot.store.upsert import insert_if_absent

Place = tuple[WorkspaceId, str, str]  # workspace, source, delivery: where a walk has come to

_KEY = tuple(table.primary_key)


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


def forget_before(
    tx: Connection, moment: datetime, *, after: Place | None, limit: int
) -> tuple[int, Place | None]:
    """Of the next `limit` deliveries, in every workspace, forget what arrived before `moment`.

    They are walked through by key, since an index by moment would cost each delivery a page.

    Returns:
        How many it was, and what to go on `after`; None: that was the last of them.
    """
    beyond = [tuple_(*_KEY) > after] if after is not None else []
    step = tx.execute(select(*_KEY).where(*beyond).order_by(*_KEY).limit(limit)).all()
    if not step:
        return 0, None
    last: Place = (step[-1].workspace, step[-1].source, step[-1].delivery)
    old = delete(table).where(*beyond, tuple_(*_KEY) <= last, table.c.received_at < moment)
    return tx.execute(old).rowcount, last if len(step) == limit else None
