"""What is remembered of asking each person."""

from sqlalchemy import Connection, select

from bot.domain.attention import Attention
from bot.domain.breaker import Breaker
from bot.domain.ids import UserId, WorkspaceId
from bot.store.tables import attention as table
from bot.store.upsert import insert_if_absent, upsert


def get(tx: Connection, workspace: WorkspaceId, user: UserId) -> Attention:
    """Return what is remembered; of somebody never asked, that there is nothing."""
    return _read(tx, workspace, user, is_locked=False)


def lock(tx: Connection, workspace: WorkspaceId, user: UserId) -> Attention:
    """Return it, for this transaction alone: another that asks the same person waits."""
    values = {"workspace": workspace, "user_id": user, "silent_in_a_row": 0}
    insert_if_absent(tx, table, values)
    return _read(tx, workspace, user, is_locked=True)


def put(tx: Connection, workspace: WorkspaceId, user: UserId, attention: Attention) -> None:
    upsert(
        tx,
        table,
        {
            "workspace": workspace,
            "user_id": user,
            "digest_at": attention.digest_at,
            "urgent_at": attention.urgent_at,
            "unreachable_at": attention.unreachable_at,
            "silent_in_a_row": attention.breaker.silent_in_a_row,
            "open_until": attention.breaker.open_until,
            "trial": attention.breaker.trial,
        },
    )


def _read(tx: Connection, workspace: WorkspaceId, user: UserId, *, is_locked: bool) -> Attention:
    wanted = select(table).where(table.c.workspace == workspace, table.c.user_id == user)
    if is_locked:
        wanted = wanted.with_for_update()  # SQLite has one writer and leaves it out
    row = tx.execute(wanted).one_or_none()
    if row is None:
        return Attention()
    return Attention(
        digest_at=row.digest_at,
        urgent_at=row.urgent_at,
        unreachable_at=row.unreachable_at,
        breaker=Breaker(
            silent_in_a_row=row.silent_in_a_row, open_until=row.open_until, trial=row.trial
        ),
    )
