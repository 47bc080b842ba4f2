"""The endpoints of incident tools. Their secrets are sealed where there is a key to seal with."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.domain.ids import WorkspaceId
from bot.domain.webhook import WebhookEndpoint, WebhookSecret
from bot.store.cipher import CannotOpenError, KeyMissingError, cipher_of
from bot.store.tables import webhook_endpoint as table

_COLUMN = "webhook_endpoint.secrets"


def add(tx: Connection, endpoint: WebhookEndpoint) -> None:
    tx.execute(
        insert(table).values(
            workspace=endpoint.workspace,
            endpoint=endpoint.id,
            source=endpoint.source,
            token=endpoint.token,
            channel=endpoint.channel,
            project=endpoint.project,
            secrets=_written(tx, endpoint.workspace, endpoint.id, endpoint.secrets),
            added_at=endpoint.added_at,
            heard_at=endpoint.heard_at,
        )
    )


def get(
    tx: Connection, workspace: WorkspaceId, id_: str, *, to_change: bool = False
) -> WebhookEndpoint | None:
    """Return the endpoint of that id; None where there is none.

    `to_change`: of two at once the second waits until the first has committed, and sees its change.
    """
    found = select(table).where(*_named(workspace, id_))
    row = tx.execute(found.with_for_update() if to_change else found).one_or_none()
    return None if row is None else _to_endpoint(tx, row)


def all_of(tx: Connection, workspace: WorkspaceId) -> list[WebhookEndpoint]:
    """Return the workspace's endpoints, the oldest first."""
    found = select(table).where(table.c.workspace == workspace)
    rows = tx.execute(found.order_by(table.c.added_at, table.c.endpoint))
    return [_to_endpoint(tx, row) for row in rows]


def remove(tx: Connection, workspace: WorkspaceId, id_: str) -> bool:
    """Forget the endpoint and its secrets; False where there is none of that id."""
    return tx.execute(delete(table).where(*_named(workspace, id_))).rowcount == 1


def put_secrets(
    tx: Connection, workspace: WorkspaceId, id_: str, secrets: tuple[WebhookSecret, ...]
) -> None:
    written = _written(tx, workspace, id_, secrets)
    tx.execute(update(table).where(*_named(workspace, id_)).values(secrets=written))


def check_sealed(tx: Connection) -> list[tuple[WorkspaceId, str, str]]:
    """Open every secret; return which endpoints' cannot be, each with the cause.

    Raises:
        KeyMissingError: Not one can be opened, since a key is not there.
    """
    rows = tx.execute(select(table).order_by(table.c.workspace, table.c.endpoint)).all()
    failed = [(row, error) for row in rows if (error := _failure(tx, row)) is not None]
    if rows and len(failed) == len(rows):
        for _, error in failed:
            if isinstance(error, KeyMissingError):
                raise error
    return [(row.workspace, row.endpoint, str(error)) for row, error in failed]


def _failure(tx: Connection, row: Row[Any]) -> CannotOpenError | None:
    try:
        _to_endpoint(tx, row)
    except CannotOpenError as error:
        return error
    return None


def seal_anew(tx: Connection) -> int:
    """Seal every secret with the first key; return how many endpoints needed it.

    What was changed in the database is left as it is: no key opens it.

    Raises:
        KeyMissingError: A key that one of them needs is not there.
    """
    cipher, count = cipher_of(tx), 0
    for row in tx.execute(select(table).with_for_update()).all():
        failure = _failure(tx, row)
        if isinstance(failure, KeyMissingError):
            raise failure
        sealed = [secret.get("sealed") for secret in row.secrets]
        is_current = all(text is not None and cipher.is_current(text) for text in sealed)
        if failure is None and not is_current:
            put_secrets(tx, row.workspace, row.endpoint, _to_endpoint(tx, row).secrets)
            count += 1
    return count


def heard(tx: Connection, workspace: WorkspaceId, id_: str, *, at: datetime) -> None:
    """Note when something genuine came last."""
    tx.execute(update(table).where(*_named(workspace, id_)).values(heard_at=at))


def _named(workspace: WorkspaceId, id_: str) -> tuple[Any, ...]:
    return table.c.workspace == workspace, table.c.endpoint == id_


def _written(
    tx: Connection, workspace: WorkspaceId, id_: str, secrets: tuple[WebhookSecret, ...]
) -> list[dict[str, str | None]]:
    cipher = cipher_of(tx)

    def hidden(value: str) -> dict[str, str | None]:
        if not cipher.has_keys:
            return {"value": value}
        return {"sealed": cipher.seal(value, workspace, _COLUMN, id_)}

    return [
        hidden(secret.value)
        | {"expires_at": None if secret.expires_at is None else secret.expires_at.isoformat()}
        for secret in secrets
    ]


def _value(tx: Connection, workspace: WorkspaceId, id_: str, written: dict[str, str]) -> str:
    if "sealed" in written:
        return cipher_of(tx).open(written["sealed"], workspace, _COLUMN, id_)
    return written["value"]


def _to_endpoint(tx: Connection, row: Row[tuple[object, ...]]) -> WebhookEndpoint:
    return WebhookEndpoint(
        workspace=row.workspace,
        id=row.endpoint,
        source=row.source,
        token=row.token,
        channel=row.channel,
        project=row.project,
        secrets=tuple(
            WebhookSecret(
                value=_value(tx, row.workspace, row.endpoint, secret),
                expires_at=secret["expires_at"] and datetime.fromisoformat(secret["expires_at"]),
            )
            for secret in row.secrets
        ),
        added_at=row.added_at,
        heard_at=row.heard_at,
    )
