"""Prompts: what is planned, what was handed over, what Slack accepted, what was answered."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Update,
    and_,
    case,
    literal_column,
    select,
    update,
)

from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, UserId, WorkspaceId
from bot.domain.prompt import Planned, Prompt, PromptKey, PromptKind, PromptState
from bot.store.installation import is_not_gone
from bot.store.prepared import its, named
from bot.store.tables import prompt as table
from bot.store.tables import stakeholder as stakeholder_table
from bot.store.upsert import Insert, insert_of

_QUESTIONS = (PromptKind.ASK, PromptKind.REMIND, PromptKind.REFRESH)
_CAME_TO_NOTHING = (PromptState.CANCELLED, PromptState.SKIPPED)
KEY = tuple(table.primary_key)
is_planned = table.c.state == literal_column("'planned'")  # literal, or no partial index serves
NO_LEASE: dict[str, Any] = {"leased_until": None, "lease_token": None, "lapses": 0}
_is_of_batch = and_(
    table.c.workspace == its(table.c.workspace), table.c.batch == its(table.c.batch)
)
_OF_BATCH = select(table).where(_is_of_batch)
_SENT = (
    update(table)
    .where(_is_of_batch, table.c.sent_at.is_(None))
    .values(
        state=case((table.c.state == PromptState.ATTEMPTED, PromptState.SENT), else_=table.c.state)
    )
    .returning(table)
)
# By way of what the person is asked about, since no index of prompts begins with people.
_PLANNED_FOR = (
    select(table)
    .join(
        stakeholder_table,
        and_(
            stakeholder_table.c.workspace == table.c.workspace,
            stakeholder_table.c.assumption == table.c.assumption,
            stakeholder_table.c.user_id == table.c.stakeholder,
        ),
    )
    .where(
        stakeholder_table.c.workspace == its(stakeholder_table.c.workspace),
        stakeholder_table.c.user_id == its(stakeholder_table.c.user_id),
        ~stakeholder_table.c.is_released,  # as the partial index has it
        is_planned,
    )
)


def plan(tx: Connection, workspace: WorkspaceId, planned: Planned) -> bool:
    """Plan a prompt; False where it was planned before, unless it came to nothing."""
    values = {
        "due_at": planned.due_at,
        "first_due_at": planned.due_at,
        "reason": planned.reason,
        "waited": "",
        "state": PromptState.PLANNED,
        "outcome": "",
    }
    insert = _plan(tx.dialect.name, tuple(values))
    return tx.execute(insert, {**key_values(workspace, planned.key), **values}).rowcount == 1


@cache
def _plan(dialect: str, columns: tuple[str, ...]) -> Insert:
    insert = insert_of(dialect, table)
    return insert.on_conflict_do_update(
        index_elements=list(KEY),
        set_={name: insert.excluded[name] for name in columns},
        where=table.c.state.in_(_CAME_TO_NOTHING),
    )


def sent(
    tx: Connection,
    workspace: WorkspaceId,
    batch: str,
    *,
    channel: ChannelId,
    ts: MessageTs,
    at: datetime,
) -> list[Prompt]:
    """Note that Slack accepted the message that carries the batch; return its prompts.

    A second time changes nothing and returns none. What was answered meanwhile stays answered.
    """
    said = {"channel": channel, "ts": ts, "sent_at": at}
    return _in_order(tx.execute(_SENT, {**named(workspace=workspace, batch=batch), **said}))


def give_back(
    tx: Connection, workspace: WorkspaceId, batch: str, *, due_at: datetime, waited: str = ""
) -> int:
    """Plan again what a message would have asked that was not sent; return how many they were.

    `waited` says why it is late; empty keeps what was said before.
    """
    refused = and_(
        table.c.workspace == workspace,
        table.c.batch == batch,
        table.c.state == PromptState.ATTEMPTED,
    )
    again = {"state": PromptState.PLANNED, "due_at": due_at, "batch": None, "attempted_at": None}
    if waited:
        again["waited"] = waited
    return tx.execute(update(table).where(refused).values(again)).rowcount


def of_batch(tx: Connection, workspace: WorkspaceId, batch: str) -> list[Prompt]:
    """Return the prompts that one message carries, by due moment."""
    return _in_order(tx.execute(_OF_BATCH, named(workspace=workspace, batch=batch)))


def of_message(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, ts: MessageTs
) -> list[Prompt]:
    """Return the prompts that the message at that place carries, by due moment."""
    return _find(tx, table.c.workspace == workspace, table.c.channel == channel, table.c.ts == ts)


def of_assumption(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> list[Prompt]:
    """Return every prompt about the assumption, in whatever state, by due moment."""
    return _find(tx, *_about(workspace, key))


def planned_for(tx: Connection, workspace: WorkspaceId, user: UserId) -> list[Prompt]:
    """Return what is planned about that person's answers, by due moment."""
    return _in_order(tx.execute(_PLANNED_FOR, named(workspace=workspace, user_id=user)))


def planned_after(
    tx: Connection, workspace: WorkspaceId, since: datetime, *, kinds: Collection[PromptKind]
) -> list[Prompt]:
    """Return what of those kinds is planned for later than `since`, by due moment."""
    later = and_(table.c.workspace == workspace, table.c.due_at > since)
    return _find(tx, later, table.c.kind.in_(kinds), is_planned)


def answered(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    stakeholder: UserId,
    round: int,
    *,
    at: datetime,
) -> None:
    """Mark what that person was asked in the round as answered; `cancel` ends what is planned."""
    open_ones = table.c.state.in_((PromptState.ATTEMPTED, PromptState.SENT))
    tx.execute(
        _of_round(workspace, key, stakeholder, round)
        .where(open_ones)
        .values(state=PromptState.ANSWERED, answered_at=at)
    )


def unanswered(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    stakeholder: UserId,
    round: int,
) -> None:
    """Take `answered` back."""
    before = case((table.c.sent_at.is_(None), PromptState.ATTEMPTED), else_=PromptState.SENT)
    tx.execute(
        _of_round(workspace, key, stakeholder, round)
        .where(table.c.state == PromptState.ANSWERED)
        .values(state=before, answered_at=None)
    )


def cancel(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    stakeholder: UserId | None = None,
    round: int | None = None,
    outcome: str,
    keeps_notice: bool = False,
    keeps_check: bool = True,
) -> int:
    """End what is planned about the assumption, of one person or round or of all.

    Args:
        tx: The transaction.
        workspace: Whose.
        key: What it is about.
        stakeholder: None for everybody's.
        round: None for every round.
        outcome: Why, in words.
        keeps_notice: Keep what the owner will hear when the answer that was given expires.
        keeps_check: Keep what asks for the figure that it came to: no answer makes it needless.

    A worker that has claimed one of them loses it. Returns how many they were.
    """
    conditions = [*_about(workspace, key), is_planned]
    if stakeholder is not None:
        conditions.append(table.c.stakeholder == stakeholder)
    if round is not None:
        conditions.append(table.c.round == round)
    if keeps_check:
        conditions.append(table.c.kind != PromptKind.MEASURE)
    if keeps_notice:
        conditions.append(table.c.kind != PromptKind.STALE)
    ended = {"state": PromptState.CANCELLED, "outcome": outcome, **NO_LEASE}
    return tx.execute(update(table).where(*conditions).values(ended)).rowcount


def cancel_checks(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, outcome: str
) -> int:
    """End what will ask for the figure that it came to; return how many they were."""
    return _cancel_kind(tx, workspace, key, PromptKind.MEASURE, outcome=outcome)


def cancel_notices(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, outcome: str
) -> int:
    """End what will tell the owner that the answer has expired; return how many they were."""
    return _cancel_kind(tx, workspace, key, PromptKind.STALE, outcome=outcome)


def _cancel_kind(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, kind: PromptKind, *, outcome: str
) -> int:
    of_kind = and_(*_about(workspace, key), is_planned, table.c.kind == kind)
    ended = {"state": PromptState.CANCELLED, "outcome": outcome, **NO_LEASE}
    return tx.execute(update(table).where(of_kind).values(ended)).rowcount


def reopen(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    stakeholder: UserId,
    *,
    outcome: str,
) -> int:
    """Plan again what `cancel` ended with exactly that outcome; return how many they were."""
    ended = and_(table.c.state == PromptState.CANCELLED, table.c.outcome == outcome)
    again = (
        update(table)
        .where(*_about(workspace, key), table.c.stakeholder == stakeholder, ended)
        .values(state=PromptState.PLANNED, outcome="")
    )
    return tx.execute(again).rowcount


def reschedule(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    stakeholder: UserId,
    *,
    due_at: datetime,
    reason: str,
) -> bool:
    """Move the questions that are planned for that person; False where there is none.

    A worker that has claimed one of them loses it.
    """
    moved = (
        update(table)
        .where(
            *_about(workspace, key),
            table.c.stakeholder == stakeholder,
            table.c.kind.in_(_QUESTIONS),
            is_planned,
        )
        .values(due_at=due_at, first_due_at=due_at, reason=reason, waited="", **NO_LEASE)
    )
    return tx.execute(moved).rowcount > 0


def move(tx: Connection, prompt: Prompt, *, due_at: datetime) -> bool:
    """Let a planned prompt be due at another moment, for the same reason.

    False where it is not planned any more. A worker that has claimed it loses it.
    """
    first = due_at if prompt.first_due_at == prompt.due_at else min(prompt.first_due_at, due_at)
    moved = (
        update(table)
        .where(*_is(prompt.workspace, prompt.key), is_planned)
        .values(due_at=due_at, first_due_at=first, **NO_LEASE)
    )
    return tx.execute(moved).rowcount == 1


def wait(tx: Connection, prompt: Prompt, *, due_at: datetime, waited: str) -> bool:
    """Let a planned prompt wait until `due_at`, since `waited`; when it was due first stays.

    False where it is not planned any more. A worker that has claimed it loses it.
    """
    later = (
        update(table)
        .where(*_is(prompt.workspace, prompt.key), is_planned)
        .values(due_at=due_at, waited=waited, **NO_LEASE)
    )
    return tx.execute(later).rowcount == 1


def batches_about(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey
) -> list[tuple[str, UserId]]:
    """Return the messages with a question about the assumption: batch, and who got it."""
    handed_over = (
        select(table.c.batch, table.c.stakeholder)
        .where(*_about(workspace, key), table.c.batch.is_not(None), table.c.kind.in_(_QUESTIONS))
        .distinct()
        .order_by(table.c.batch, table.c.stakeholder)
    )
    return [(row.batch, row.stakeholder) for row in tx.execute(handed_over)]


def next_due(tx: Connection) -> datetime | None:
    """Return when the next planned prompt is due, in any workspace where the bot is."""
    waiting = select(table.c.due_at).where(is_planned, is_not_gone(table.c.workspace))
    # Not `min`: that would read all of them, where the index gives the first.
    earliest = tx.execute(waiting.order_by(table.c.due_at).limit(1))
    return cast(datetime | None, earliest.scalar_one_or_none())


def key_values(workspace: WorkspaceId, key: PromptKey) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "assumption": key.assumption,
        "stakeholder": key.stakeholder,
        "round": key.round,
        "kind": key.kind,
        "attempt": key.attempt,
    }


def _is(workspace: WorkspaceId, key: PromptKey) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in key_values(workspace, key).items()]


def _about(workspace: WorkspaceId, key: AssumptionKey) -> list[ColumnElement[bool]]:
    return [table.c.workspace == workspace, table.c.assumption == key]


def _of_round(
    workspace: WorkspaceId, key: AssumptionKey, stakeholder: UserId, round_: int
) -> Update:
    return update(table).where(
        *_about(workspace, key), table.c.stakeholder == stakeholder, table.c.round == round_
    )


def _find(tx: Connection, *conditions: ColumnElement[bool]) -> list[Prompt]:
    return _in_order(tx.execute(select(table).where(*conditions)))


def _in_order(rows: Iterable[Row[Any]]) -> list[Prompt]:
    return sorted((to_prompt(row) for row in rows), key=due_first)


def due_first(prompt: Prompt) -> tuple[Any, ...]:
    key = prompt.key
    place = (key.assumption, key.stakeholder, key.round, key.kind, key.attempt)
    return (prompt.due_at, prompt.workspace, *place)


def to_prompt(row: Row[tuple[object, ...]]) -> Prompt:
    return Prompt(
        workspace=row.workspace,
        key=PromptKey(
            assumption=row.assumption,
            stakeholder=row.stakeholder,
            round=row.round,
            kind=row.kind,
            attempt=row.attempt,
        ),
        due_at=row.due_at,
        first_due_at=row.first_due_at,
        reason=row.reason,
        waited=row.waited,
        state=row.state,
        batch=row.batch,
        attempted_at=row.attempted_at,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        channel=row.channel,
        ts=row.ts,
        outcome=row.outcome,
    )
