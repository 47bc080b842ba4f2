"""Where the bot is installed, with its sealed tokens.

Installs and removals may be heard in any order, twice, or late: the newest word counts, so that
the end is the same whatever the order.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, literal_column, select, update

from bot.domain.ids import WorkspaceId
from bot.domain.installation import Installation, InstallationState, UnreadableToken
from bot.domain.workspace import Workspace
from bot.store.cipher import CannotOpenError, KeyMissingError, cipher_of
from bot.store.moments import DbNow, DbNowPlus
from bot.store.tables import installation as table
from bot.store.tables import workspace as workspace_table
from bot.store.upsert import insert_into

_COLUMN = "installation.bot_token"
_JOINED = table.join(workspace_table, workspace_table.c.workspace == table.c.workspace)


def put(tx: Connection, new: Installation, *, keeps_token: bool) -> bool:
    """Note an install; False, and nothing changed, where a newer word of it is known.

    `keeps_token` False: the token is in the environment, and stays there.
    """
    workspace, at = new.workspace.id, new.workspace.installed_at
    before = lock(tx, workspace)
    is_older = before.installed_at is not None and before.installed_at > at
    if is_older or (before.removed_at is not None and before.removed_at >= at):
        return False
    token = cipher_of(tx).seal(new.bot_token, workspace, _COLUMN) if keeps_token else None
    _change(
        tx,
        workspace,
        bot_token=token,
        scopes=sorted(new.scopes),
        app_id=new.app_id,
        installed_by=new.installed_by,
        is_org=new.is_org,
        is_installed=True,
        installed_at=at,
    )
    return True


def remove(tx: Connection, workspace: WorkspaceId, *, at: datetime, reason: str) -> bool:
    """Note a removal at `at`, and forget the token unless it is newer; return whether it went.

    One that is heard before its install counts as soon as that comes.
    """
    before = lock(tx, workspace)
    if before.removed_at is None or at > before.removed_at:
        _change(tx, workspace, removed_at=at, removed_for=reason)
    if not before.is_installed or (before.installed_at is not None and before.installed_at > at):
        return False
    _change(tx, workspace, bot_token=None, is_installed=False)
    return True


def state_of(tx: Connection, workspace: WorkspaceId) -> InstallationState | None:
    row = tx.execute(select(table).where(table.c.workspace == workspace)).one_or_none()
    return None if row is None else _to_state(row)


def states(tx: Connection, *, changed_within: timedelta | None = None) -> list[InstallationState]:
    """Return how every workspace stands, or those that changed in the last while."""
    found = select(table).order_by(table.c.workspace)
    if changed_within is not None:
        found = found.where(table.c.changed_at > DbNowPlus(-changed_within))
    return [_to_state(row) for row in tx.execute(found)]


def with_token(tx: Connection, *workspaces: WorkspaceId) -> list[Installation]:
    """Return those of `workspaces` whose token is here and can be opened."""
    rows = tx.execute(
        select(table, *_named_columns())
        .select_from(_JOINED)
        .where(table.c.workspace.in_(workspaces), table.c.bot_token.is_not(None))
    )
    opened = ((row, _open(tx, row.workspace, row.bot_token)) for row in rows)
    return [_to_installation(row, token) for row, token in opened if isinstance(token, str)]


def unreadable_tokens(
    tx: Connection, *, among: Collection[WorkspaceId] | None = None
) -> list[UnreadableToken]:
    """Return every token, or of those `among`, that is here and cannot be opened."""
    kept = select(table.c.workspace, table.c.bot_token).where(table.c.bot_token.is_not(None))
    if among is not None:
        kept = kept.where(table.c.workspace.in_(among))
    rows = tx.execute(kept.order_by(table.c.workspace))
    opened = (_open(tx, row.workspace, row.bot_token) for row in rows)
    return [token for token in opened if isinstance(token, UnreadableToken)]


def seal_anew(tx: Connection) -> int:
    """Seal every token with the first key; return how many were sealed with another.

    One that was changed in the database is left as it is: no key opens it.

    Raises:
        KeyMissingError: A key that one of them needs is not there.
    """
    cipher, count = cipher_of(tx), 0
    kept = select(table.c.workspace, table.c.bot_token).where(table.c.bot_token.is_not(None))
    for row in tx.execute(kept.with_for_update()).all():
        token = _open(tx, row.workspace, row.bot_token)
        if isinstance(token, UnreadableToken):
            if token.needs_key:
                raise KeyMissingError(token.cause)
        elif not cipher.is_current(row.bot_token):
            _change(tx, row.workspace, bot_token=cipher.seal(token, row.workspace, _COLUMN))
            count += 1
    return count


def is_not_gone(workspace: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the bot may still act there; a workspace of which nothing is noted counts as such."""
    gone = select(table.c.workspace).where(literal_column("NOT is_installed"))
    return workspace.not_in(gone)


def _named_columns() -> list[ColumnElement[object]]:
    return [workspace_table.c.name, workspace_table.c.bot_user, workspace_table.c.bot_id]


def lock(tx: Connection, workspace: WorkspaceId) -> InstallationState:
    """Return how it stands, for this transaction alone; a second one waits."""
    nothing_yet = {
        "workspace": workspace,
        "scopes": [],
        "app_id": "",
        "is_org": False,
        "is_installed": False,
        "removed_for": "",
    }
    insert = insert_into(tx, table).values(**nothing_yet, changed_at=DbNow())
    tx.execute(insert.on_conflict_do_nothing())
    mine = select(table).where(table.c.workspace == workspace)
    return _to_state(tx.execute(mine.with_for_update()).one())  # SQLite has one writer


def _change(tx: Connection, workspace: WorkspaceId, **values: object) -> None:
    mine = update(table).where(table.c.workspace == workspace)
    tx.execute(mine.values(**values, changed_at=DbNow()))


def _open(tx: Connection, workspace: WorkspaceId, sealed: str) -> str | UnreadableToken:
    try:
        return cipher_of(tx).open(sealed, workspace, _COLUMN)
    except CannotOpenError as error:
        needs_key = isinstance(error, KeyMissingError)
        return UnreadableToken(workspace=workspace, cause=str(error), needs_key=needs_key)


def _to_installation(row: Row[Any], bot_token: str) -> Installation:
    return Installation(
        workspace=Workspace(
            id=row.workspace,
            name=row.name,
            bot_user=row.bot_user,
            bot_id=row.bot_id,
            installed_at=row.installed_at,
        ),
        bot_token=bot_token,
        scopes=frozenset(row.scopes),
        app_id=row.app_id,
        installed_by=row.installed_by,
        is_org=row.is_org,
    )


def _to_state(row: Row[tuple[object, ...]]) -> InstallationState:
    return InstallationState(
        workspace=row.workspace,
        is_installed=row.is_installed,
        installed_at=row.installed_at,
        removed_at=row.removed_at,
        removed_for=row.removed_for,
        scopes=frozenset(row.scopes),
        is_org=row.is_org,
    )
