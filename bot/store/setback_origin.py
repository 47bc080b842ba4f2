"""Which setback it is that a tool calls so, and how far its updates have been followed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.domain.ids import WorkspaceId
from bot.domain.setback import SetbackKind, Severity
from bot.domain.setback_update import Origin, Told
from bot.store.tables import setback_origin as table
from bot.store.types import utc
from bot.store.upsert import upsert


def get(tx: Connection, workspace: WorkspaceId, endpoint: str, external_id: str) -> Origin | None:
    row = tx.execute(
        select(table).where(
            table.c.workspace == workspace,
            table.c.endpoint == endpoint,
            table.c.external_id == external_id,
        )
    ).one_or_none()
    if row is None:
        return None
    return Origin(
        number=row.setback,
        told=_to_told(row.told),
        at=row.at,
        knows_start=row.knows_start,
        over_at=row.over_at,
        is_merged=row.is_merged,
    )


def move(tx: Connection, workspace: WorkspaceId, number: int, *, into: int) -> None:
    """Let what tools say of one setback reach another from now on."""
    tx.execute(
        update(table)
        .where(table.c.workspace == workspace, table.c.setback == number)
        .values(setback=into, is_merged=True)
    )


def put(
    tx: Connection, workspace: WorkspaceId, endpoint: str, external_id: str, origin: Origin
) -> None:
    upsert(
        tx,
        table,
        {
            "workspace": workspace,
            "endpoint": endpoint,
            "external_id": external_id,
            "setback": origin.number,
            "told": _written(origin.told),
            "at": origin.at,
            "knows_start": origin.knows_start,
            "over_at": origin.over_at,
            "is_merged": origin.is_merged,
        },
    )


def _written(told: Told) -> dict[str, Any]:
    moments = {"started_at": told.started_at, "ended_at": told.ended_at}
    return asdict(told) | {
        name: None if at is None else utc(at).isoformat() for name, at in moments.items()
    }


def _to_told(data: Mapping[str, Any]) -> Told:
    severity, ended_at = data["severity"], data["ended_at"]
    return Told(
        kind=SetbackKind(data["kind"]),
        text=data["text"],
        started_at=datetime.fromisoformat(data["started_at"]),
        ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
        severity=None if severity is None else Severity(severity),
        services=tuple(data["services"]),
        permalink=data["permalink"],
    )
