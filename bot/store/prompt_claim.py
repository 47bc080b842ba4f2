"""Claims on prompts: taking what is due, and saying what becomes of it, while they hold."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.ids import WorkspaceId
from bot.domain.lease import SUSPECT_LAPSES, Claimed
from bot.domain.prompt import Prompt, PromptState
from bot.store.chunks import chunks
from bot.store.installation import is_not_gone
from bot.store.moments import DbNow, DbNowPlus
from bot.store.prepared import is_row, its, named
from bot.store.prompt import KEY, NO_LEASE, due_first, is_planned, key_values, to_prompt
from bot.store.tables import prompt as table
from bot.store.types import UtcDateTime

_ran_out = table.c.lease_token.is_not(None)  # of what is free
_lapses = table.c.lapses + case((_ran_out, 1), else_=0)
_is_suspect = _lapses >= SUSPECT_LAPSES
_OF_CLAIM = update(table).where(
    is_row(table), is_planned, table.c.lease_token == its(table.c.lease_token)
)
_CLAIMED = _OF_CLAIM.values(NO_LEASE)
_LET_WAIT = _OF_CLAIM.values(lease_token=None)


def claim_due(
    tx: Connection,
    *,
    now: datetime,
    limit: int,
    lease: timedelta,
    but_not_of: Collection[WorkspaceId] = (),
) -> list[Claimed[Prompt]]:
    """Take up to `limit` prompts that are due at `now`, oldest first, with one lease token.

    Of the workspaces in `but_not_of` nothing is taken. With them, over the limit, comes what else
    is due to the same people: which questions go together can only be said of all of them. A claim
    ends by itself after `lease`: if this worker dies before it hands them over, another one picks
    them up; where that happened again and again they are left to `claim_suspect`. `now` is the
    product's clock and decides what is due; the lease runs on the database's. The condition stands
    on the UPDATE too, so that of two workers only the first to commit gets a row. One of the three
    queries that look across workspaces.
    """
    token = secrets.token_hex(16)
    given = {"now": now, "token": token}
    oldest = _claim_oldest(limit, lease, passes_over=bool(but_not_of))
    passed_over = {"passed_over": list(but_not_of)} if but_not_of else {}
    found = _claimed(tx.execute(oldest, {**given, **passed_over}), token)
    if len(found) == limit:
        people = {(one.item.workspace, one.item.key.stakeholder) for one in found}
        for some in chunks(sorted(people)):
            theirs = tuple_(table.c.workspace, table.c.stakeholder).in_(some)
            claimed = _claim(select(*KEY).where(_is_due(), ~_is_suspect, theirs), lease)
            found += _claimed(tx.execute(claimed, given), token)
    return sorted(found, key=lambda one: due_first(one.item))


def claim_suspects(tx: Connection, *, now: datetime, lease: timedelta) -> list[Claimed[Prompt]]:
    """Take what of one person's was claimed again and again and always ran out, due at `now`.

    Whose the oldest is; all of theirs, since they go into one message.
    """
    token = secrets.token_hex(16)
    given = {"now": now, "token": token}
    suspects = select(*KEY).where(_is_due(), _is_suspect)
    oldest = _claim(suspects.order_by(table.c.due_at).limit(1), lease)
    found = _claimed(tx.execute(oldest, given), token)
    for one in found[:1]:
        theirs = and_(
            table.c.workspace == one.item.workspace,
            table.c.stakeholder == one.item.key.stakeholder,
        )
        found += _claimed(tx.execute(_claim(suspects.where(theirs), lease), given), token)
    return sorted(found, key=lambda one: due_first(one.item))


def _claimed(rows: Iterable[Row[Any]], token: str) -> list[Claimed[Prompt]]:
    return [Claimed(to_prompt(row), token, row.lapses) for row in rows]


@lru_cache
def _claim_oldest(limit: int, lease: timedelta, *, passes_over: bool) -> ReturningUpdate[Any]:
    """Built once: each tick runs it, and building it costs more than it takes to find nothing."""
    wanted = select(*KEY).where(_is_due(), ~_is_suspect)
    if passes_over:
        some = bindparam("passed_over", type_=table.c.workspace.type, expanding=True)
        wanted = wanted.where(table.c.workspace.not_in(some))
    return _claim(wanted.order_by(table.c.due_at).limit(limit), lease)


def _claim(wanted: Select[tuple[Any, ...]], lease: timedelta) -> ReturningUpdate[Any]:
    """Take what `wanted` names, with the parameters `now` and `token`."""
    due = wanted.with_for_update(skip_locked=True).cte("due")  # SQLite has one writer: left out
    return (
        update(table)
        .where(*(column == due.c[column.name] for column in KEY), is_planned, _is_free())
        .values(
            leased_until=DbNowPlus(lease),
            lease_token=bindparam("token", type_=Text()),
            lapses=_lapses,
        )
        .returning(table)
    )


def _is_due() -> ColumnElement[bool]:
    due = table.c.due_at <= bindparam("now", type_=UtcDateTime())
    return and_(is_planned, due, _is_free(), is_not_gone(table.c.workspace))


def _is_free() -> ColumnElement[bool]:
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= DbNow())


def let_wait(tx: Connection, claimed: Claimed[Prompt]) -> bool:
    """Leave what was not begun until its lease is over; False where the lease was lost."""
    return tx.execute(_LET_WAIT, _claim_of(claimed)).rowcount == 1


def attempted(tx: Connection, claimed: Claimed[Prompt], *, batch: str, at: datetime) -> bool:
    """Note that the prompt is in the outbox; False where the lease was lost."""
    return _change_claimed(tx, claimed, state=PromptState.ATTEMPTED, batch=batch, attempted_at=at)


def skip(tx: Connection, claimed: Claimed[Prompt], *, outcome: str) -> bool:
    """Note that the prompt is not sent, and why; False where the lease was lost."""
    return _change_claimed(tx, claimed, state=PromptState.SKIPPED, outcome=outcome)


def postpone(
    tx: Connection, claimed: Claimed[Prompt], *, due_at: datetime, waited: str = ""
) -> bool:
    """Let the prompt be due later, free for any worker; False where the lease was lost.

    When it was due first stays. `waited` says why it waits; empty keeps what was said before.
    """
    said = {"waited": waited} if waited else {}
    return _change_claimed(tx, claimed, due_at=due_at, **said)


def _change_claimed(tx: Connection, claimed: Claimed[Prompt], **values: Any) -> bool:
    """Write and give the claim up, only while its token holds (fencing)."""
    return tx.execute(_CLAIMED, {**_claim_of(claimed), **values}).rowcount == 1


def _claim_of(claimed: Claimed[Prompt]) -> dict[str, Any]:
    row = key_values(claimed.item.workspace, claimed.item.key)
    return named(lease_token=claimed.token, **row)
