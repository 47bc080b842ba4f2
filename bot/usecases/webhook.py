"""Endpoints for incident tools, and what arrives at them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

import structlog
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import ChannelId, ProjectKey, WorkspaceId
from bot.domain.setback import Setback
from bot.domain.setback_update import (
    Origin,
    SetbackUpdate,
    first_draft,
    first_origin,
    is_another,
    is_of_before,
    merge,
)
from bot.domain.webhook import WebhookEndpoint, WebhookSecret, WebhookSource
from bot.store import inbox, setback_origin
from bot.store import project as projects
from bot.store import setback as setbacks
from bot.store import webhook as endpoints
from bot.store import workspace as workspaces
from bot.usecases.setback import record_setback, revise

log = structlog.get_logger()

OVERLAP = timedelta(hours=24)  # an old secret is accepted for as long, unless said otherwise
_SECRET_LEAST = 16  # characters of a secret that a person brings
_SECRET_MOST = 500
_PREFIX = "whsec_"  # of Standard Webhooks, which incident.io signs by


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEndpoint:
    endpoint: WebhookEndpoint
    secret: str | None  # to be shown once; None: the tool makes it, and it has to be brought here


def add_endpoint(
    tx: Connection,
    workspace: WorkspaceId,
    source: WebhookSource,
    *,
    channel: ChannelId,
    project: ProjectKey | None,
    now: datetime,
) -> OpenedEndpoint:
    """Make an address for a tool, with a secret of its own.

    `project` None: each setback belongs to the one whose home `channel` is then, if there is one.

    Raises:
        NotFoundError: There is no such project, or no such workspace.
    """
    if workspaces.get(tx, workspace) is None:
        raise NotFoundError(f"I know no workspace {workspace}.")
    if project is not None and projects.get(tx, workspace, project) is None:
        raise NotFoundError(f"I know no project {project} here.")
    secret = None if source.makes_secret else secrets.token_urlsafe(32)
    endpoint = WebhookEndpoint(
        workspace=workspace,
        id=secrets.token_hex(4),
        source=source,
        token=secrets.token_hex(16),
        channel=channel,
        project=project,
        secrets=() if secret is None else (_kept(source, secret),),
        added_at=now,
    )
    endpoints.add(tx, endpoint)
    log.info("webhook.added", endpoint=endpoint.id, source=source.value)
    return OpenedEndpoint(endpoint=endpoint, secret=secret)


def list_endpoints(tx: Connection, workspace: WorkspaceId) -> list[WebhookEndpoint]:
    return endpoints.all_of(tx, workspace)


def get_endpoint(
    tx: Connection, workspace: WorkspaceId, id_: str, *, to_change: bool = False
) -> WebhookEndpoint:
    """Return the endpoint of that id; `to_change` keeps others from changing it until commit.

    Raises:
        NotFoundError: There is none in this workspace.
    """
    found = endpoints.get(tx, workspace, id_, to_change=to_change)
    if found is None:
        raise NotFoundError(f"I know no webhook {id_} here.")
    return found


def remove_endpoint(tx: Connection, workspace: WorkspaceId, id_: str) -> None:
    """Accept nothing at that address any more; the setbacks from there stay.

    Raises:
        NotFoundError: There is none in this workspace.
    """
    if not endpoints.remove(tx, workspace, id_):
        raise NotFoundError(f"I know no webhook {id_} here.")
    log.info("webhook.removed", endpoint=id_)


def rotate_secret(
    tx: Connection,
    workspace: WorkspaceId,
    id_: str,
    *,
    secret: str | None,
    overlap: timedelta = OVERLAP,
    now: datetime,
) -> OpenedEndpoint:
    """Take a new secret; the ones before it are accepted for `overlap` more.

    `secret` is the one that the tool made; None makes one.

    Raises:
        NotFoundError: There is none in this workspace.
        UserFixableError: The tool makes the secret and none was given, or it cannot be one.
    """
    endpoint = get_endpoint(tx, workspace, id_, to_change=True)
    if secret is None and endpoint.source.makes_secret:
        raise UserFixableError(f"Give the secret that {endpoint.source} shows you.")
    value = secrets.token_urlsafe(32) if secret is None else _checked(endpoint.source, secret)
    until = now + overlap
    earlier = tuple(
        WebhookSecret(value=one.value, expires_at=min(one.expires_at or until, until))
        for one in endpoint.secrets
        if one.expires_at is None or now < one.expires_at
    )
    kept = _kept(endpoint.source, value)
    endpoints.put_secrets(tx, workspace, id_, (kept, *earlier))
    log.info("webhook.secret_changed", endpoint=id_, also_accepted=len(earlier))
    changed = get_endpoint(tx, workspace, id_)
    return OpenedEndpoint(endpoint=changed, secret=value if secret is None else None)


def lend_secret(
    tx: Connection, workspace: WorkspaceId, id_: str, *, until: datetime
) -> OpenedEndpoint:
    """Accept one more secret until then, to try the endpoint with; the others stay.

    Raises:
        NotFoundError: There is none in this workspace.
    """
    endpoint = get_endpoint(tx, workspace, id_, to_change=True)
    value = _PREFIX + secrets.token_hex(24)
    lent = WebhookSecret(value=_kept(endpoint.source, value).value, expires_at=until)
    endpoints.put_secrets(tx, workspace, id_, (*endpoint.secrets, lent))
    return OpenedEndpoint(endpoint=endpoint, secret=value)


def take_back_secret(tx: Connection, workspace: WorkspaceId, id_: str, *, secret: str) -> None:
    """Accept a lent secret no more."""
    endpoint = get_endpoint(tx, workspace, id_, to_change=True)
    value = _kept(endpoint.source, secret).value
    left = tuple(one for one in endpoint.secrets if one.value != value)
    endpoints.put_secrets(tx, workspace, id_, left)


def _checked(source: WebhookSource, secret: str) -> str:
    secret = secret.strip()
    if not _SECRET_LEAST <= len(secret) <= _SECRET_MOST or not secret.isascii():
        raise UserFixableError(
            f"A secret has {_SECRET_LEAST} to {_SECRET_MOST} plain characters. Copy it again."
        )
    if source is WebhookSource.INCIDENTIO and not secret.startswith(_PREFIX):
        raise UserFixableError(f"incident.io's secret begins with {_PREFIX}. Copy it again.")
    return secret


def _kept(source: WebhookSource, secret: str) -> WebhookSecret:
    value = sha256(secret.encode()).hexdigest() if source.sends_secret else secret
    return WebhookSecret(value=value)


class Outcome(StrEnum):
    """What became of one update."""

    RECORDED = "recorded"
    CHANGED = "changed"
    UNCHANGED = "unchanged"  # out of date, or nothing new in it
    DUPLICATE = "duplicate"


def find_endpoint(
    tx: Connection, workspace: WorkspaceId, id_: str, token: str
) -> WebhookEndpoint | None:
    """Return the endpoint at that address; None where there is none, or its token differs."""
    found = endpoints.get(tx, workspace, id_)
    if found is None or not secrets.compare_digest(found.token.encode(), token.encode()):
        return None
    return found


def note_heard(tx: Connection, endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Remember that something genuine came, whatever it was."""
    endpoints.heard(tx, endpoint.workspace, endpoint.id, at=now)


def receive(
    tx: Connection, endpoint: WebhookEndpoint, update: SetbackUpdate, *, now: datetime
) -> Outcome:
    """Record what the tool says, or change what is recorded; each delivery once.

    Of two at once in one workspace the second waits until the first has committed.

    Raises:
        UserFixableError: What it says cannot be a setback.
        StaleWriteError: A person changed the setback at the same moment.
    """
    setbacks.take_turns(tx, endpoint.workspace)
    heard_from = f"webhook {endpoint.id}"
    if not inbox.first_time(tx, endpoint.workspace, heard_from, update.delivery, now=now):
        return Outcome.DUPLICATE
    origin = setback_origin.get(tx, endpoint.workspace, endpoint.id, update.external_id)
    known = None if origin is None else setbacks.get(tx, endpoint.workspace, origin.number)
    if origin is None or known is None or is_another(known, update):
        return _record(tx, endpoint, update, now=now)
    if is_of_before(known, update):
        return Outcome.UNCHANGED
    return _change(tx, endpoint, known, origin, update, now=now)


def _record(
    tx: Connection, endpoint: WebhookEndpoint, update: SetbackUpdate, *, now: datetime
) -> Outcome:
    workspace = workspaces.get(tx, endpoint.workspace)
    if update.is_withdrawn or workspace is None:
        return Outcome.UNCHANGED
    home = projects.of_channel(tx, endpoint.workspace, endpoint.channel)
    draft = first_draft(
        update,
        channel=endpoint.channel,
        project=endpoint.project or (home.key if home else None),
        source=endpoint.source.value,
        now=now,
    )
    setback = record_setback(tx, endpoint.workspace, draft, by=workspace.bot_user, now=now)
    if setback is None:
        return Outcome.DUPLICATE
    origin = first_origin(update, draft, setback.number)
    setback_origin.put(tx, endpoint.workspace, endpoint.id, update.external_id, origin)
    return Outcome.RECORDED


def _change(
    tx: Connection,
    endpoint: WebhookEndpoint,
    before: Setback,
    origin: Origin,
    update: SetbackUpdate,
    *,
    now: datetime,
) -> Outcome:
    after, followed = merge(before, origin, update, now=now)
    if followed != origin:
        setback_origin.put(tx, endpoint.workspace, endpoint.id, update.external_id, followed)
    if revise(tx, before, after, now=now) == before:
        return Outcome.UNCHANGED
    log.info("setback.updated", setback=origin.number, endpoint=endpoint.id)
    return Outcome.CHANGED
