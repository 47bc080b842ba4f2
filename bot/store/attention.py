"""What is remembered of asking each person."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.domain.attention import Attention
from bot.domain.breaker import Breaker
from bot.domain.ids import UserId, WorkspaceId
from bot.store.prepared import is_row, named
from bot.store.tables import attention as table
from bot.store.upsert import insert_of, upsert

_GET = select(table).where(is_row(table))


def get(tx: Connection, workspace: WorkspaceId, user: UserId) -> Attention:
    """Return what is remembered; of somebody never asked, that there is nothing."""
    row = tx.execute(_GET, named(workspace=workspace, user_id=user)).one_or_none()
    return Attention() if row is None else _to_attention(row)


def lock(tx: Connection, workspace: WorkspaceId, user: UserId) -> Attention:
    """Return it, for this transaction alone: another that asks the same person waits."""
    nothing_yet = {"workspace": workspace, "user_id": user, "silent_in_a_row": 0}
    return _to_attention(tx.execute(_lock(tx.dialect.name), nothing_yet).one())


@cache
def _lock(dialect: str) -> ReturningInsert[Any]:
    insert = insert_of(dialect, table)
    unchanged = {"silent_in_a_row": table.c.silent_in_a_row}  # a row that is written is locked
    key = list(table.primary_key)
    return insert.on_conflict_do_update(index_elements=key, set_=unchanged).returning(table)


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


def _to_attention(row: Row[Any]) -> Attention:
    return Attention(
        digest_at=row.digest_at,
        urgent_at=row.urgent_at,
        unreachable_at=row.unreachable_at,
        breaker=Breaker(
            silent_in_a_row=row.silent_in_a_row, open_until=row.open_until, trial=row.trial
        ),
    )
