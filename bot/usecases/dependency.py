"""Assumptions that depend on others, and who hears that one of those no longer holds."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption
from bot.domain.cadence import Cadence
from bot.domain.errors import UserFixableError
from bot.domain.history import DependencyChanged
from bot.domain.ids import AssumptionKey, ChannelId, UserId, WorkspaceId
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.domain.permission import Reader, may_depend, may_see
from bot.domain.validation import Validation
from bot.store import assumption as assumptions
from bot.store import dependency as dependencies
from bot.store import history, outbox
from bot.store import project as projects
from bot.usecases.assumption import get_assumption, missing
from bot.usecases.audience import names_in
from bot.usecases.channel import is_person, sight_of, sight_of_recipient
from bot.usecases.contents import ShakenContent, WithdrawnContent

log = structlog.get_logger()


def depend_on(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    on: AssumptionKey,
    *,
    reader: Reader,
    now: datetime,
) -> bool:
    """Note that `key` depends on `on`, so that its owner hears when that fails.

    Returns:
        False where that is known already.

    Raises:
        NotFoundError: One of them is not in this workspace, or the reader may not see it.
        UserFixableError: `on` depends on `key`, directly or by others, or is the same.
    """
    _check_may_depend(tx, workspace, key, on, reader=reader)
    if key == on:
        raise UserFixableError("An assumption cannot depend on itself. Name another one.")
    if key in _below(tx, workspace, on):
        raise UserFixableError(f"{on} depends on {key} already, so it cannot be the other way too.")
    is_new = dependencies.add(tx, workspace, key, on)
    if is_new:
        _note(tx, workspace, key, on, depends=True, by=reader.user, now=now)
        log.info("dependency.added", assumption=str(key), on=str(on))
    return is_new


def depend_no_more(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    on: AssumptionKey,
    *,
    reader: Reader,
    now: datetime,
) -> bool:
    """Forget that `key` depends on `on`; False where nobody had said so.

    Raises:
        NotFoundError: As `depend_on`.
    """
    _check_may_depend(tx, workspace, key, on, reader=reader)
    was_there = dependencies.remove(tx, workspace, key, on)
    if was_there:
        _note(tx, workspace, key, on, depends=False, by=reader.user, now=now)
        log.info("dependency.removed", assumption=str(key), on=str(on))
    return was_there


def _check_may_depend(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    on: AssumptionKey,
    *,
    reader: Reader,
) -> None:
    one, other = (get_assumption(tx, workspace, each, reader=reader) for each in (key, on))
    if not may_depend(sight_of(tx, workspace, reader), one, other):
        raise missing(key)


def _note(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    on: AssumptionKey,
    *,
    depends: bool,
    by: UserId | None,
    now: datetime,
) -> None:
    changed = DependencyChanged(on=str(on), depends=depends)
    history.append(tx, workspace, key, changed, by=by, at=now)


def foundations(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> list[AssumptionKey]:
    """Return what the assumption depends on."""
    return dependencies.foundations_of(tx, workspace, key)


def _below(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> set[AssumptionKey]:
    """Return everything that `key` depends on, directly or by others."""
    found: set[AssumptionKey] = set()
    waiting = [key]
    while waiting:
        for one in dependencies.foundations_of(tx, workspace, waiting.pop()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found


def warn_dependants(
    tx: Connection, assumption: Assumption, *, occasion: str, by: UserId | None, now: datetime
) -> None:
    """Tell the owners of what depends on it, once for an occasion, and other projects' channels.

    Args:
        tx: The transaction.
        assumption: What was refuted, or went stale.
        occasion: The seq of the answer that refuted it; anything else for an expiry.
        by: Who refuted it: they know.
        now: Aware UTC.
    """
    dependants = _open_dependants(tx, assumption)
    told: dict[str, None] = dict.fromkeys(one.owner for one in dependants)
    for key in sorted({one.key.project for one in dependants} - {assumption.key.project}):
        project = projects.get(tx, assumption.workspace, key)
        if project is not None:
            told[project.channel] = None
    for to in told:
        if to != by:
            key_ = MessageKey(
                kind=MessageKind.SHAKEN, about=str(assumption.key), to=to, occasion=occasion
            )
            outbox.want(tx, assumption.workspace, key_, now=now)
    if told:
        log.info("dependants.warned", assumption=str(assumption.key), count=len(dependants))


def _open_dependants(tx: Connection, assumption: Assumption) -> list[Assumption]:
    keys = dependencies.dependants_of(tx, assumption.workspace, assumption.key)
    known = assumptions.get_many(tx, assumption.workspace, keys)
    return [one for one in known.values() if one.is_open]


def read_shaken(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> ShakenContent | WithdrawnContent | None:
    """Return what the reader relies on that no longer stands; None where it stands again.

    Where others read the channel now than when it was posted, it is taken back.
    """
    key = AssumptionKey.parse(message.key.about)
    on = assumptions.get(tx, message.workspace, key) if key else None
    sight = sight_of_recipient(tx, message.workspace, message.key.to)
    if on is None or not may_see(sight, on):
        is_there = on is not None and message.ts is not None and not is_person(message.key.to)
        return WithdrawnContent() if is_there else None
    answer = _answer(tx, on, message.key.occasion)
    stands_again = answer.undone_at is not None if answer else not on.is_stale(now)
    mine = [
        one
        for one in _open_dependants(tx, on)
        if may_see(sight, one) and _is_for(tx, one, message.key.to)
    ]
    if message.ts is None and (stands_again or not mine):
        return None
    by = [answer.by] if answer is not None else []
    return ShakenContent(
        on=on,
        validation=answer,
        dependants=tuple(mine),
        stands_again=stands_again,
        names=names_in(tx, message, [*by, *(one.owner for one in mine)]),
    )


def _answer(tx: Connection, on: Assumption, occasion: str) -> Validation | None:
    given = rules.validations(history.read(tx, on.workspace, on.key), on.key)
    return next((one for one in given if str(one.seq) == occasion), None)


def _is_for(tx: Connection, dependant: Assumption, to: str) -> bool:
    if dependant.owner == to:
        return True
    home = projects.of_channel(tx, dependant.workspace, ChannelId(to))
    return home is not None and home.key == dependant.key.project
