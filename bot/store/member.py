"""People, as the directory last saw them."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member
from bot.store.tables import member as table
from bot.store.upsert import upsert


def put(tx: Connection, member: Member) -> None:
    """Keep what Slack says now; it replaces what it said before."""
    upsert(
        tx,
        table,
        {
            "workspace": member.workspace,
            "user_id": member.user,
            "name": member.name,
            "zone": member.zone.key,
            "locale": member.locale,
            "is_bot": member.is_bot,
            "is_deactivated": member.is_deactivated,
            "is_admin": member.is_admin,
            "is_guest": member.is_guest,
            "is_stranger": member.is_stranger,
            "seen_at": member.seen_at,
        },
    )


def get(tx: Connection, workspace: WorkspaceId, user: UserId) -> Member | None:
    return get_many(tx, workspace, [user]).get(user)


def get_many(
    tx: Connection, workspace: WorkspaceId, users: Iterable[UserId]
) -> dict[UserId, Member]:
    """Return those of `users` whom the directory ever saw."""
    rows = tx.execute(
        select(table).where(table.c.workspace == workspace, table.c.user_id.in_(list(users)))
    )
    return {row.user_id: _to_member(row) for row in rows}


def _to_member(row: Row[tuple[object, ...]]) -> Member:
    return Member(
        workspace=row.workspace,
        user=row.user_id,
        name=row.name,
        zone=ZoneInfo(row.zone),
        locale=row.locale,
        is_bot=row.is_bot,
        is_deactivated=row.is_deactivated,
        is_admin=row.is_admin,
        is_guest=row.is_guest,
        is_stranger=row.is_stranger,
        seen_at=row.seen_at,
    )
