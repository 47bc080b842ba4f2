"""Confirming what was underneath a setback: people decide, a suggestion never counts as a link."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption, AssumptionDraft
from bot.domain.cadence import Cadence
from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.permission import Reader
from bot.domain.project import Project
from bot.domain.setback import Setback
from bot.domain.trace import Role, Trace, TraceState
from bot.store import history
from bot.store import trace as traces
from bot.usecases.assumption import (
    check_may_record,
    get_assumption,
    log_assumption,
    refresh_messages,
)
from bot.usecases.channel import reader_for
from bot.usecases.follow import refresh_homes
from bot.usecases.setback import get_unmerged, show_in_channel

log = structlog.get_logger()


def decide_trace(
    tx: Connection,
    workspace: WorkspaceId,
    number: int,
    key: AssumptionKey,
    *,
    by: UserId,
    role: Role | None,
    now: datetime,
    reader: Reader | None = None,
) -> Trace:
    """Confirm that the assumption caused the setback or contributed to it; `role` None rejects it.

    A later decision replaces an earlier one. Both messages, the setback's and the card, follow.
    One that was only looked at so far, behind the message's button, can be decided as well.

    Raises:
        NotFoundError: The setback or the assumption is not in this workspace, or not theirs to see.
    """
    setback = get_unmerged(tx, workspace, number, by=by, reader=reader)
    reader = reader or reader_for(tx, workspace, by)
    assumption = get_assumption(tx, workspace, key, reader=reader)
    trace = traces.get(tx, workspace, number, key) or _found(tx, setback, assumption)
    decided = replace(
        trace,
        state=TraceState.REJECTED if role is None else TraceState.CONFIRMED,
        role=role,
        decided_by=by,
        decided_at=now,
        is_unlogged=assumption.logged_at > setback.started_at,
    )
    traces.put(tx, decided)
    _refresh(tx, setback, assumption, now=now, by=by)
    log.info("trace.decided", setback=number, assumption=str(key), state=decided.state.value)
    return decided


def name_trace(
    tx: Connection,
    workspace: WorkspaceId,
    number: int,
    key: AssumptionKey,
    *,
    by: UserId,
    role: Role,
    now: datetime,
    reader: Reader | None = None,
) -> Trace:
    """Confirm an assumption that a person named themselves, suggested or not.

    Raises:
        NotFoundError: The setback or the assumption is not in this workspace, or not theirs to see.
    """
    setback = get_unmerged(tx, workspace, number, by=by, reader=reader)
    reader = reader or reader_for(tx, workspace, by)
    assumption = get_assumption(tx, workspace, key, reader=reader)
    earlier = traces.get(tx, workspace, number, key)
    trace = replace(
        _found(tx, setback, assumption),
        state=TraceState.CONFIRMED,
        role=role,
        is_unlogged=assumption.logged_at > setback.started_at,
        rank=earlier.rank if earlier else 0,
        reasons=earlier.reasons if earlier else (),
        decided_by=by,
        decided_at=now,
    )
    traces.put(tx, trace)
    _refresh(tx, setback, assumption, now=now, by=by)
    log.info("trace.named", setback=number, assumption=str(key), role=role.value)
    return trace


def _found(tx: Connection, setback: Setback, assumption: Assumption) -> Trace:
    """Return a trace that nobody suggested: a person found it."""
    events = history.read(tx, setback.workspace, assumption.key)
    return Trace(
        workspace=setback.workspace,
        setback=setback.number,
        assumption=assumption.key,
        state=TraceState.CANDIDATE,
        as_of=rules.as_of(events, setback.started_at),
        rank=0,
        reasons=(),
    )


def log_missing(
    tx: Connection,
    number: int,
    draft: AssumptionDraft,
    *,
    project: Project,
    by: UserId,
    now: datetime,
    cadence: Cadence,
    reader: Reader | None = None,
) -> AssumptionKey:
    """*Something we never wrote down*: log it now, found late, as what caused the setback.

    Raises:
        NotFoundError: There is no such setback in the project's workspace, or one of both is not
            theirs to see.
        UserFixableError: The statement is empty or too long.
    """
    get_unmerged(tx, project.workspace, number, by=by, reader=reader)
    check_may_record(tx, project, reader or reader_for(tx, project.workspace, by))
    key = log_assumption(tx, draft, project=project, by=by, asked=(), now=now, cadence=cadence)
    if key is None:
        raise NotFoundError("This was stored a moment ago.")
    name_trace(tx, project.workspace, number, key, by=by, role=Role.CAUSED, now=now, reader=reader)
    return key


def _refresh(
    tx: Connection, setback: Setback, assumption: Assumption, *, now: datetime, by: UserId
) -> None:
    show_in_channel(tx, setback, now=now)
    refresh_messages(tx, assumption, now=now)
    refresh_homes(tx, setback.workspace, [by], now=now, by=by)  # who decides may look at it
