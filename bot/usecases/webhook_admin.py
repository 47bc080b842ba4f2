"""Webhooks of one project, for those who may lead it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import ProjectKey, UserId, WorkspaceId
from bot.domain.permission import may_lead
from bot.domain.project import Project
from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.webhook import (
    OpenedEndpoint,
    add_endpoint,
    get_endpoint,
    lend_secret,
    list_endpoints,
    remove_endpoint,
    rotate_secret,
)

TRY_FOR = timedelta(seconds=60)  # as long a lent secret is accepted


def webhooks_of(
    tx: Connection, workspace: WorkspaceId, key: ProjectKey, *, by: UserId
) -> list[WebhookEndpoint]:
    """Return the endpoints whose setbacks belong to the project.

    Raises:
        UserFixableError: `by` is neither the project's lead nor an admin of the workspace.
    """
    project = _led(tx, workspace, key, by)
    return [one for one in list_endpoints(tx, workspace) if _belongs(one, project)]


def add_webhook(
    tx: Connection,
    workspace: WorkspaceId,
    key: ProjectKey,
    source: WebhookSource,
    *,
    by: UserId,
    now: datetime,
) -> OpenedEndpoint:
    """Make an address whose setbacks are shown in the project's channel.

    Raises:
        UserFixableError: `by` is neither the project's lead nor an admin of the workspace.
    """
    project = _led(tx, workspace, key, by)
    return add_endpoint(tx, workspace, source, channel=project.channel, project=key, now=now)


def see_webhook(
    tx: Connection, workspace: WorkspaceId, key: ProjectKey, id_: str, *, by: UserId
) -> WebhookEndpoint:
    """Return one of the project's endpoints.

    Raises:
        NotFoundError: The project has none of that id.
        UserFixableError: `by` is neither the project's lead nor an admin of the workspace.
    """
    project = _led(tx, workspace, key, by)
    found = get_endpoint(tx, workspace, id_)
    if not _belongs(found, project):
        raise NotFoundError(f"I know no webhook {id_} here.")
    return found


def rotate_webhook(
    tx: Connection,
    workspace: WorkspaceId,
    key: ProjectKey,
    id_: str,
    *,
    by: UserId,
    secret: str | None,
    now: datetime,
) -> OpenedEndpoint:
    """Take a new secret; see `rotate_secret` and, for who may, `see_webhook`."""
    see_webhook(tx, workspace, key, id_, by=by)
    return rotate_secret(tx, workspace, id_, secret=secret, now=now)


def lend_webhook(
    tx: Connection,
    workspace: WorkspaceId,
    key: ProjectKey,
    id_: str,
    *,
    by: UserId,
    until: datetime,
) -> OpenedEndpoint:
    """Accept one more secret until then; see `lend_secret` and, for who may, `see_webhook`."""
    see_webhook(tx, workspace, key, id_, by=by)
    return lend_secret(tx, workspace, id_, until=until)


def remove_webhook(
    tx: Connection, workspace: WorkspaceId, key: ProjectKey, id_: str, *, by: UserId
) -> None:
    """Accept nothing at that address any more; for who may, see `see_webhook`."""
    see_webhook(tx, workspace, key, id_, by=by)
    remove_endpoint(tx, workspace, id_)


def _led(tx: Connection, workspace: WorkspaceId, key: ProjectKey, by: UserId) -> Project:
    project = projects.get(tx, workspace, key)
    if project is None or not may_lead(by, members.get(tx, workspace, by), project):
        raise UserFixableError(
            f"Only the lead of {key} or a workspace admin can connect incident tools."
        )
    return project


def _belongs(endpoint: WebhookEndpoint, project: Project) -> bool:
    if endpoint.project is not None:
        return endpoint.project == project.key
    return endpoint.channel == project.channel
