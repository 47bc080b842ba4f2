"""The cadence of a project: the settings' own, and what its lead changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.domain.cadence import Cadence
from bot.domain.errors import UserFixableError
from bot.domain.ids import ProjectKey, UserId, WorkspaceId
from bot.domain.permission import may_lead
from bot.domain.project import Project
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.channel import reader_for
from bot.usecases.project import get_project

log = structlog.get_logger()


def cadence_of(project: Project | None, default: Cadence) -> Cadence:
    """Return the rhythm of the project; `default` is the settings'. Every planner asks here."""
    if project is None or not project.cadence:
        return default
    return default.with_overrides(project.cadence)


def cadence_for(
    tx: Connection, workspace: WorkspaceId, key: ProjectKey, default: Cadence
) -> Cadence:
    return cadence_of(projects.get(tx, workspace, key), default)


def change_cadence(
    tx: Connection,
    workspace: WorkspaceId,
    key: ProjectKey,
    *,
    by: UserId,
    overrides: Mapping[str, Any],
    default: Cadence,
    now: datetime,
) -> Project:
    """Keep what differs from the settings in this project; what is planned already stays.

    Args:
        tx: The transaction.
        workspace: Whose.
        key: The project.
        by: Its lead, or an admin of the workspace.
        overrides: As `Cadence.with_overrides` reads it; what equals the settings is not kept.
        default: The settings' cadence.
        now: Aware UTC.

    Raises:
        NotFoundError: There is no such project here.
        UserFixableError: `by` may not, or a value is out of bounds; the text says which.
    """
    project = get_project(tx, workspace, key, reader=reader_for(tx, workspace, by))
    if not may_lead(by, members.get(tx, workspace, by), project):
        raise UserFixableError(
            f"Only the lead of {key} or a workspace admin can change when people are asked."
        )
    try:
        wanted = default.with_overrides(overrides)
    except ValueError as error:
        raise UserFixableError(f"That cannot be: {error}.") from error
    changed = replace(project, cadence=wanted.differing_from(default))
    projects.put_cadence(tx, changed)
    log.info("cadence.changed", project=key, by=by, at=now.isoformat())
    return changed
