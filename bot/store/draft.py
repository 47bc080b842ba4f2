"""Long text, kept for a day while a form is open."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.store.tables import draft as table
from bot.store.upsert import upsert

_KEPT_FOR = timedelta(days=1)


def put(
    tx: Connection,
    workspace: WorkspaceId,
    draft_id: str,
    *,
    by: UserId,
    text: str,
    channel: ChannelId | None,
    now: datetime,
) -> None:
    """Keep `text` under `draft_id`; the workspace's drafts of more than a day ago are forgotten."""
    tx.execute(
        delete(table).where(table.c.workspace == workspace, table.c.kept_at < now - _KEPT_FOR)
    )
    upsert(
        tx,
        table,
        {
            "workspace": workspace,
            "draft": draft_id,
            "by_user": by,
            "text": text,
            "channel": channel,
            "kept_at": now,
        },
    )


def get(tx: Connection, workspace: WorkspaceId, draft_id: str, by: UserId) -> str | None:
    """Return the text; None where it is not there, or somebody else's."""
    kept = select(table.c.text).where(
        table.c.workspace == workspace, table.c.draft == draft_id, table.c.by_user == by
    )
    return tx.execute(kept).scalar_one_or_none()


def take(tx: Connection, workspace: WorkspaceId, draft_id: str, by: UserId) -> str | None:
    """Return the text and forget it; None where it is not there, or somebody else's."""
    taken = delete(table).where(
        table.c.workspace == workspace, table.c.draft == draft_id, table.c.by_user == by
    )
    return tx.execute(taken.returning(table.c.text)).scalar_one_or_none()


def forget_before(tx: Connection, moment: datetime) -> int:
    """Forget what was kept before `moment`, in every workspace; return how many texts it was."""
    return tx.execute(delete(table).where(table.c.kept_at < moment)).rowcount
