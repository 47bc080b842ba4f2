"""Which channels are listened to, and who was offered what when; never what anybody said."""

from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.store.tables import listening as table
from bot.store.tables import listening_offer as offer
from bot.store.upsert import insert_if_absent, insert_into, upsert


def is_on(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> bool:
    found = select(table.c.channel).where(
        table.c.workspace == workspace, table.c.channel == channel
    )
    return tx.execute(found).one_or_none() is not None


def turn_on(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, by: UserId, now: datetime
) -> bool:
    """Begin; False where it was on already."""
    row = {"workspace": workspace, "channel": channel, "by_user": by, "since": now}
    return insert_if_absent(tx, table, row)


def turn_off(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> bool:
    """End; False where it was off already. Who wants no offers there stays as they said."""
    mine = delete(table).where(table.c.workspace == workspace, table.c.channel == channel)
    return tx.execute(mine).rowcount == 1


def take_turn(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, user: UserId, *, today: date
) -> bool:
    """Note that the person is offered something today; False where they were, or want none.

    Of two messages at once one takes the turn: the condition stands on the UPDATE.
    """
    new = insert_into(tx, offer).values(
        workspace=workspace, channel=channel, user_id=user, offered_on=today, is_refused=False
    )
    taken = new.on_conflict_do_update(
        index_elements=[column.name for column in offer.primary_key],
        set_={"offered_on": new.excluded.offered_on},
        where=(offer.c.offered_on < new.excluded.offered_on) & ~offer.c.is_refused,
    )
    return tx.execute(taken.returning(offer.c.user_id)).one_or_none() is not None


def refuse(tx: Connection, workspace: WorkspaceId, channel: ChannelId, user: UserId) -> None:
    """Note that the person wants no offers in that channel."""
    row = {"workspace": workspace, "channel": channel, "user_id": user, "is_refused": True}
    upsert(tx, offer, row)
