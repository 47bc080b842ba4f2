"""The append-only history of each assumption."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, insert, select, type_coerce, update

from bot.domain.errors import NotFoundError
from bot.domain.history import Answered, Event, Happening
from bot.domain.ids import AssumptionKey, ProjectKey, UserId, WorkspaceId
from bot.store import happenings
from bot.store.chunks import chunks
from bot.store.prepared import Among, is_row, its, named
from bot.store.tables import assumption, stakeholder
from bot.store.tables import history as table

# Its columns in the order in which `_to_event` reads them; the data as text.
_EVENT = select(
    table.c.assumption,
    table.c.seq,
    table.c.at,
    table.c.by_user,
    table.c.kind,
    type_coerce(table.c.data, Text),
)
_IN_ORDER = (table.c.assumption, table.c.seq)
_OF_KEYS = Among(
    _EVENT.where(table.c.workspace == its(table.c.workspace)).order_by(*_IN_ORDER),
    table.c.assumption,
)
_INSERT = insert(table)
_COUNT = (
    update(assumption)
    .where(is_row(assumption))
    .values(last_seq=assumption.c.last_seq + 1)
    .returning(assumption.c.last_seq)
)


def append(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    what: Happening,
    *,
    by: UserId | None,
    at: datetime,
) -> int:
    """Add what happened and return its seq.

    The assumption's row hands out the numbers: of two transactions at once the second waits,
    and the order of the history is the order of the commits.

    Raises:
        NotFoundError: There is no such assumption in this workspace.
    """
    mine = named(workspace=workspace, assumption=key)
    seq: int | None = tx.execute(_COUNT, mine).scalar_one_or_none()
    if seq is None:
        raise NotFoundError(f"I know no {key} here.")
    values = {
        "workspace": workspace,
        "assumption": key,
        "seq": seq,
        "at": at,
        "by_user": by,
        "kind": happenings.kind_of(what),
        "data": happenings.to_data(what),
    }
    tx.execute(_INSERT, values)
    return seq


def read(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> list[Event]:
    """Return what happened to one assumption, in order; empty where there is none of that key."""
    return read_many(tx, workspace, [key])[key]


def read_many(
    tx: Connection, workspace: WorkspaceId, keys: Iterable[AssumptionKey]
) -> dict[AssumptionKey, list[Event]]:
    """Return the history of each of `keys`, in order; an empty one for a key that is not there."""
    found: dict[AssumptionKey, list[Event]] = {key: [] for key in keys}
    for some in chunks(found):
        for row in _OF_KEYS.run(tx, some, workspace=workspace):
            found[row[0]].append(_to_event(row))
    return found


def answered_by(
    tx: Connection, workspace: WorkspaceId, user: UserId, *, since: datetime
) -> list[AssumptionKey]:
    """Return what the person answered since then, taken back or not.

    Found by way of what they are asked about, since no index of the history begins with people.
    """
    theirs = and_(
        stakeholder.c.workspace == table.c.workspace,
        stakeholder.c.assumption == table.c.assumption,
    )
    answers = (
        select(table.c.assumption)
        .join(stakeholder, theirs)
        .where(
            stakeholder.c.workspace == workspace,
            stakeholder.c.user_id == user,
            ~stakeholder.c.is_released,  # as the partial index has it
            table.c.kind == happenings.kind_named(Answered),
            table.c.by_user == user,
            table.c.at >= since,
        )
        .distinct()
        .order_by(table.c.assumption)
    )
    return list(tx.execute(answers).scalars())


def of_workspace(
    tx: Connection, workspace: WorkspaceId, project: ProjectKey | None
) -> dict[AssumptionKey, list[Event]]:
    """Return the history of every assumption of the project, or (None) of the workspace."""
    wanted = _EVENT.where(table.c.workspace == workspace)
    if project is not None:
        wanted = wanted.join(
            assumption,
            (assumption.c.workspace == table.c.workspace)
            & (assumption.c.assumption == table.c.assumption),
        ).where(assumption.c.project == project)
    found: defaultdict[AssumptionKey, list[Event]] = defaultdict(list)
    for row in tx.execute(wanted.order_by(*_IN_ORDER)):
        found[row[0]].append(_to_event(row))
    return dict(found)


def _to_event(row: Any) -> Event:
    what = happenings.from_text(row[4], row[5])
    return Event(seq=row[1], at=row[2], by=row[3], what=what)
