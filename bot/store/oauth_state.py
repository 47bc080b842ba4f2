"""Installs that somebody began and has not finished: each can be finished once, by that browser."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from bot.store.tables import oauth_state as table


@dataclass(frozen=True, slots=True, kw_only=True)
class OauthState:
    state: str  # a hash: what the database holds finishes nothing
    browser: str  # as well
    expires_at: datetime


def add(tx: Connection, begun: OauthState) -> None:
    values = {"state": begun.state, "browser": begun.browser, "expires_at": begun.expires_at}
    tx.execute(insert(table).values(values))


def take(tx: Connection, state: str, browser: str) -> OauthState | None:
    """Take it away, whether or not it is too late; of several at once one gets it."""
    taken = delete(table).where(table.c.state == state, table.c.browser == browser)
    row = tx.execute(taken.returning(table)).one_or_none()
    if row is None:
        return None
    return OauthState(state=row.state, browser=row.browser, expires_at=row.expires_at)


def is_known(tx: Connection, state: str) -> bool:
    return bool(tx.execute(select(func.count()).where(table.c.state == state)).scalar_one())


def count(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def forget_before(tx: Connection, moment: datetime) -> None:
    tx.execute(delete(table).where(table.c.expires_at < moment))


def forget_oldest(tx: Connection, count: int) -> None:
    oldest = select(table.c.state).order_by(table.c.expires_at).limit(count)
    tx.execute(delete(table).where(table.c.state.in_(oldest)))
