"""Traces between setbacks and assumptions."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, or_, select

from bot.domain.assumption import Status
from bot.domain.history import AsOf
from bot.domain.ids import AssumptionKey, ProjectKey, WorkspaceId
from bot.domain.linking import Decision
from bot.domain.trace import Trace, TraceState
from bot.store.prepared import its, named
from bot.store.tables import assumption, setback
from bot.store.tables import trace as table
from bot.store.types import utc
from bot.store.upsert import upsert

_BEGINNING = 1_000  # characters
_OF_SETBACK = select(table).where(
    table.c.workspace == its(table.c.workspace), table.c.setback == its(table.c.setback)
)


def put(tx: Connection, trace: Trace) -> None:
    """Write the link between that setback and that assumption as it is now."""
    as_of: dict[str, Any] = asdict(trace.as_of)
    refuted_at = trace.as_of.refuted_at
    as_of["refuted_at"] = None if refuted_at is None else utc(refuted_at).isoformat()
    upsert(
        tx,
        table,
        {
            "workspace": trace.workspace,
            "setback": trace.setback,
            "assumption": trace.assumption,
            "state": trace.state,
            "role": trace.role,
            "as_of": as_of,
            "is_unlogged": trace.is_unlogged,
            "rank": trace.rank,
            "reasons": trace.reasons,
            "decided_by": trace.decided_by,
            "decided_at": trace.decided_at,
        },
    )


def drop_candidates(tx: Connection, workspace: WorkspaceId, number: int) -> None:
    """Remove what was suggested for a setback and nobody has decided about."""
    tx.execute(
        delete(table).where(
            table.c.workspace == workspace,
            table.c.setback == number,
            table.c.state == TraceState.CANDIDATE,
        )
    )


def drop_all(tx: Connection, workspace: WorkspaceId, number: int) -> None:
    """Remove every trace of a setback that turned out to be another one."""
    tx.execute(delete(table).where(table.c.workspace == workspace, table.c.setback == number))


def get(tx: Connection, workspace: WorkspaceId, number: int, key: AssumptionKey) -> Trace | None:
    found = _find(tx, workspace, table.c.setback == number, table.c.assumption == key)
    return found[0] if found else None


def of_setback(tx: Connection, workspace: WorkspaceId, number: int) -> list[Trace]:
    """Return the traces of one setback by rank; those that people named (rank 0) come first."""
    return _in_order(tx.execute(_OF_SETBACK, named(workspace=workspace, setback=number)))


def of_assumption(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> list[Trace]:
    """Return the traces to one assumption, the earliest setback first."""
    return _find(tx, workspace, table.c.assumption == key)


def before(
    tx: Connection, workspace: WorkspaceId, *, until: datetime, project: ProjectKey | None
) -> list[Trace]:
    """Return the traces of the setbacks that began before `until`.

    Of a project: those of its setbacks, and those to its assumptions, whose setback it was.
    `project` None takes all.
    """
    conditions = [setback.c.started_at < until]
    if project is not None:
        its_own = select(assumption.c.assumption).where(
            assumption.c.workspace == workspace, assumption.c.project == project
        )
        conditions.append(or_(setback.c.project == project, table.c.assumption.in_(its_own)))
    began = (setback.c.workspace == table.c.workspace) & (setback.c.number == table.c.setback)
    return _read(tx, select(table).join(setback, began).where(*conditions), workspace)


def decisions(tx: Connection, workspace: WorkspaceId, *, limit: int) -> list[Decision]:
    """Return the latest of what people decided, the newest first; hindsight is left out.

    Of long texts only the beginning is read.
    """
    of_setback = and_(setback.c.workspace == table.c.workspace, setback.c.number == table.c.setback)
    of_assumption = and_(
        assumption.c.workspace == table.c.workspace, assumption.c.assumption == table.c.assumption
    )
    rows = tx.execute(
        select(
            func.substr(setback.c.text, 1, _BEGINNING).label("text"),
            setback.c.services,
            func.substr(assumption.c.statement, 1, _BEGINNING).label("statement"),
            assumption.c.services.label("relied_on"),
            table.c.state,
        )
        .select_from(table.join(setback, of_setback).join(assumption, of_assumption))
        .where(
            table.c.workspace == workspace,
            table.c.state != TraceState.CANDIDATE,
            ~table.c.is_unlogged,
        )
        .order_by(table.c.decided_at.desc(), table.c.setback, table.c.assumption)
        .limit(limit)
    )
    return [
        Decision(
            setback_text=row.text,
            setback_services=tuple(row.services),
            statement=row.statement,
            services=tuple(row.relied_on),
            is_confirmed=row.state is TraceState.CONFIRMED,
        )
        for row in rows
    ]


def _find(tx: Connection, workspace: WorkspaceId, *conditions: ColumnElement[bool]) -> list[Trace]:
    return _read(tx, select(table).where(*conditions), workspace)


def _read(
    tx: Connection, wanted: Select[tuple[object, ...]], workspace: WorkspaceId
) -> list[Trace]:
    return _in_order(tx.execute(wanted.where(table.c.workspace == workspace)))


def _in_order(rows: Iterable[Row[Any]]) -> list[Trace]:
    return sorted((_to_trace(row) for row in rows), key=lambda t: (t.setback, t.rank, t.assumption))


def _to_trace(row: Row[tuple[object, ...]]) -> Trace:
    as_of = row.as_of
    refuted_at = as_of["refuted_at"]
    return Trace(
        workspace=row.workspace,
        setback=row.setback,
        assumption=row.assumption,
        state=row.state,
        role=row.role,
        as_of=AsOf(
            status=Status(as_of["status"]),
            is_stale=as_of["is_stale"],
            was_asked=as_of["was_asked"],
            was_unanswered=as_of["was_unanswered"],
            refuted_at=None if refuted_at is None else datetime.fromisoformat(refuted_at),
        ),
        is_unlogged=row.is_unlogged,
        rank=row.rank,
        reasons=tuple(row.reasons),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
