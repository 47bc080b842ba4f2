"""People, as the directory last saw them."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, select

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member, OwnHours
from bot.store.chunks import chunks
from bot.store.prepared import Among, its
from bot.store.tables import member as table
from bot.store.tables import working_hours as hours
from bot.store.upsert import upsert

_HOURS = (hours.c.starts, hours.c.ends, hours.c.weekdays, hours.c.country, hours.c.away_until)
_same = and_(hours.c.workspace == table.c.workspace, hours.c.user_id == table.c.user_id)
_OF_USERS = Among(
    select(table, *_HOURS)
    .join(hours, _same, isouter=True)
    .where(table.c.workspace == its(table.c.workspace)),
    table.c.user_id,
)
_HOURS_OF = Among(select(hours).where(hours.c.workspace == its(hours.c.workspace)), hours.c.user_id)


def put(tx: Connection, member: Member) -> None:
    """Keep what Slack says now; it replaces what it said before. Their own hours stay."""
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
    """Return those of `users` whom the directory ever saw, with the hours that they set."""
    rows = _OF_USERS.run(tx, users, workspace=workspace)
    return {row.user_id: _to_member(row) for row in rows}


def all_of(tx: Connection, workspace: WorkspaceId) -> list[Member]:
    """Return everybody whom the directory ever saw, by id."""
    ids = tx.execute(
        select(table.c.user_id).where(table.c.workspace == workspace).order_by(table.c.user_id)
    ).scalars()
    found: list[Member] = []
    for some in chunks(ids.all()):
        found += get_many(tx, workspace, some).values()
    return sorted(found, key=lambda member: member.user)


def hours_of(
    tx: Connection, workspace: WorkspaceId, users: Iterable[UserId]
) -> dict[UserId, OwnHours]:
    """Return the hours of those of `users` who set any."""
    rows = _HOURS_OF.run(tx, users, workspace=workspace)
    return {row.user_id: _to_hours(row) for row in rows}


def put_hours(tx: Connection, workspace: WorkspaceId, user: UserId, own: OwnHours) -> None:
    """Keep what a person sets; it replaces all that they had set."""
    upsert(
        tx,
        hours,
        {
            "workspace": workspace,
            "user_id": user,
            "starts": own.starts,
            "ends": own.ends,
            "weekdays": None if own.weekdays is None else sorted(own.weekdays),
            "country": own.country,
            "away_until": own.away_until,
        },
    )


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
        hours=_to_hours(row),
    )


def _to_hours(row: Row[tuple[object, ...]]) -> OwnHours:
    return OwnHours(
        starts=row.starts,
        ends=row.ends,
        weekdays=None if row.weekdays is None else frozenset(row.weekdays),
        country=row.country,
        away_until=row.away_until,
    )
