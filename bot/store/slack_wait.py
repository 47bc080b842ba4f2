"""How long Slack asked us to wait with a kind of call, for every process to heed."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, select

from bot.domain.ids import WorkspaceId
from bot.domain.outbox import CallKind
from bot.store.moments import DbNow, DbNowPlus
from bot.store.tables import slack_wait as table
from bot.store.upsert import insert_into


def begin(tx: Connection, workspace: WorkspaceId, call: CallKind, wait: timedelta) -> None:
    """Let nobody make such a call for the workspace before `wait` is over; none ends earlier."""
    insert = insert_into(tx, table).values(workspace=workspace, call=call, until=DbNowPlus(wait))
    later = insert.excluded.until
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=[table.c.workspace, table.c.call],
            set_={"until": later},
            where=later > table.c.until,
        )
    )


def is_over(
    workspace: ColumnElement[WorkspaceId], call: ColumnElement[CallKind]
) -> ColumnElement[bool]:
    """Whether such a call may be made for the workspace, as a condition on another table."""
    waiting = select(table.c.workspace).where(
        table.c.workspace == workspace, table.c.call == call, table.c.until > DbNow()
    )
    return ~waiting.exists()
