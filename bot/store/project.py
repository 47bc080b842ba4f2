"""Projects."""

import hashlib
from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, Row, Select, Sequence, select, text, update
from sqlalchemy.schema import CreateSequence

from bot.domain.ids import ChannelId, ProjectKey, WorkspaceId
from bot.domain.project import Project
from bot.store.prepared import is_row, its, named
from bot.store.tables import project as table
from bot.store.upsert import insert_if_absent

_GET = select(table).where(is_row(table))
_OF_CHANNEL = select(table).where(
    table.c.workspace == its(table.c.workspace), table.c.channel == its(table.c.channel)
)


def add(tx: Connection, project: Project) -> bool:
    """Add a project; False, and nothing written, where its key or its channel is taken."""
    is_new = insert_if_absent(
        tx,
        table,
        {
            "workspace": project.workspace,
            "project": project.key,
            "name": project.name,
            "channel": project.channel,
            "lead": project.lead,
            "created_at": project.created_at,
            "cycle_start": project.cycle_start,
            "cadence": dict(project.cadence),
            "last_number": 0,
        },
    )
    if is_new and tx.dialect.name == "postgresql":
        numbers = Sequence(numbers_of(project.workspace, project.key), data_type=Integer())
        tx.execute(CreateSequence(numbers))
        tx.execute(text(f"ALTER SEQUENCE {numbers.name} OWNED BY project.last_number"))
    return is_new


def put_cadence(tx: Connection, project: Project) -> None:
    """Write what of its cadence differs from the settings."""
    mine = (table.c.workspace == project.workspace, table.c.project == project.key)
    tx.execute(update(table).where(*mine).values(cadence=dict(project.cadence)))


def numbers_of(workspace: WorkspaceId, project: ProjectKey) -> str:
    """Return the name of the sequence from which PostgreSQL numbers the project's assumptions.

    A counter in the project's row would be locked until the commit is on the disk, so that those
    who log in one project at once would queue for the disk (measured: 0.6 × the throughput).
    """
    named = f"{workspace} {project}".encode()
    return f"number_{hashlib.sha256(named).hexdigest()[:40]}"


def set_cycle_start(
    tx: Connection, workspace: WorkspaceId, key: ProjectKey, first_day: date
) -> bool:
    """Count its cycles from another day; False where there is no such project."""
    mine = (table.c.workspace == workspace, table.c.project == key)
    return tx.execute(update(table).where(*mine).values(cycle_start=first_day)).rowcount == 1


def get(tx: Connection, workspace: WorkspaceId, key: ProjectKey) -> Project | None:
    return _one(tx, _GET, workspace=workspace, project=key)


def of_channel(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> Project | None:
    """Return the project whose home the channel is."""
    return _one(tx, _OF_CHANNEL, workspace=workspace, channel=channel)


def all_of(tx: Connection, workspace: WorkspaceId) -> list[Project]:
    """Return the workspace's projects, by key."""
    rows = tx.execute(select(table).where(table.c.workspace == workspace).order_by(table.c.project))
    return [_to_project(row) for row in rows]


def _one(tx: Connection, wanted: Select[Any], **named_by: str) -> Project | None:
    row = tx.execute(wanted, named(**named_by)).one_or_none()
    return None if row is None else _to_project(row)


def _to_project(row: Row[tuple[object, ...]]) -> Project:
    return Project(
        workspace=row.workspace,
        key=row.project,
        name=row.name,
        channel=row.channel,
        lead=row.lead,
        created_at=row.created_at,
        cycle_start=row.cycle_start,
        cadence=row.cadence,
    )
