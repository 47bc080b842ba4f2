"""Assumptions with their stakeholders."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select
from sqlalchemy import update as update_

from bot.domain.assumption import (
    AcceptedRisk,
    Assumption,
    Expected,
    Filter,
    Stakeholder,
    Status,
)
from bot.domain.errors import StaleWriteError
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import Sight
from bot.store import full_text
from bot.store.chunks import chunks
from bot.store.log_assumption import FirstAsk, NewAssumption, log
from bot.store.prepared import Among, its
from bot.store.tables import assumption as table
from bot.store.tables import member, stakeholder
from bot.store.upsert import upsert

__all__ = [
    "FirstAsk",
    "NewAssumption",
    "asked_of",
    "get",
    "get_many",
    "log",
    "orphans",
    "page",
    "put_stakeholder",
    "retrieve",
    "similar",
    "update",
    "validated_after",
]


_is_tracked = table.c.status.in_((Status.UNVALIDATED, Status.VALIDATED))
_OF_KEYS = Among(
    select(table).where(table.c.workspace == its(table.c.workspace)), table.c.assumption
)
_STAKEHOLDERS = Among(
    select(stakeholder)
    .where(stakeholder.c.workspace == its(stakeholder.c.workspace))
    .order_by(stakeholder.c.position, stakeholder.c.user_id),
    stakeholder.c.assumption,
)


def get(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> Assumption | None:
    return get_many(tx, workspace, [key]).get(key)


def get_many(
    tx: Connection, workspace: WorkspaceId, keys: Iterable[AssumptionKey]
) -> dict[AssumptionKey, Assumption]:
    """Return those of `keys` that there are, in the order of `keys`."""
    wanted = list(dict.fromkeys(keys))
    found: dict[AssumptionKey, Assumption] = {}
    for some in chunks(wanted):
        rows = _OF_KEYS.run(tx, some, workspace=workspace)
        found |= {one.key: one for one in _with_stakeholders(tx, workspace, rows)}
    return {key: found[key] for key in wanted if key in found}


def update(tx: Connection, assumption: Assumption) -> Assumption:
    """Write the assumption as it is now and return it with its next version.

    Its stakeholders are written as well; nobody is ever removed, only released.

    Raises:
        StaleWriteError: Somebody else wrote it since it was read, or it is not there.
    """
    before = get(tx, assumption.workspace, assumption.key)
    changed = (
        update_(table)
        .where(
            table.c.workspace == assumption.workspace,
            table.c.assumption == assumption.key,
            table.c.version == assumption.version,
        )
        .values(**_values(assumption), version=assumption.version + 1)
        .returning(table)
    )
    row = tx.execute(changed).one_or_none()
    if row is None or before is None:
        raise StaleWriteError(f"{assumption.key} changed meanwhile.")
    if _found_by(before) != _found_by(assumption):
        full_text.put(tx, assumption.workspace, assumption.key, *_found_by(assumption))
    for position, person in enumerate(assumption.stakeholders):
        if before.stakeholders[position : position + 1] != (person,):
            _put_at(tx, assumption, position, person)
    return _to_assumption(row, assumption.stakeholders)


def put_stakeholder(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, person: Stakeholder
) -> None:
    """Add a stakeholder after the others, or write that person's row as it is now.

    The assumption's version does not move.
    """
    known = tx.execute(
        select(stakeholder.c.user_id, stakeholder.c.position).where(
            stakeholder.c.workspace == workspace, stakeholder.c.assumption == key
        )
    ).all()
    positions = {row.user_id: row.position for row in known}
    position = positions.get(person.user, max(positions.values(), default=-1) + 1)
    upsert(tx, stakeholder, _stakeholder_values(workspace, key, position, person))


def page(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    filter: Filter,
    sight: Sight,
    now: datetime,
    limit: int,
    after: AssumptionKey | None,
) -> list[Assumption]:
    """Return up to `limit` that the filter lets pass and that are seen, by project, newest first.

    `after` is the last key of the page before; None begins.
    """
    wanted = select(table).where(table.c.workspace == workspace, *_conditions(filter, now))
    if sight.channels is not None:
        wanted = wanted.where(is_seen(sight.user, sight.channels))
    if after is not None:
        older = and_(table.c.project == after.project, table.c.number < after.number)
        wanted = wanted.where(or_(table.c.project > after.project, older))
    rows = tx.execute(wanted.order_by(table.c.project, table.c.number.desc()).limit(limit)).all()
    return _with_stakeholders(tx, workspace, rows)


def similar(
    tx: Connection, workspace: WorkspaceId, project: ProjectKey, text: str, *, limit: int
) -> list[Assumption]:
    """Return the project's open assumptions that share words with `text`, best first."""
    found = full_text.find(tx, workspace, text, limit=limit, open_in=project)
    return _in_order(tx, workspace, found)


def retrieve(
    tx: Connection, workspace: WorkspaceId, text: str, *, limit: int, services: Iterable[str] = ()
) -> list[Assumption]:
    """Return the workspace's assumptions that share words with `text` or one of `services`.

    The best come first.
    """
    found = full_text.find(tx, workspace, text, limit=limit, services=services)
    return _in_order(tx, workspace, found)


def asked_of(tx: Connection, workspace: WorkspaceId, user: UserId) -> list[Assumption]:
    """Return the open assumptions that the person is asked about, by key; not as a backup."""
    theirs = exists().where(
        stakeholder.c.workspace == table.c.workspace,
        stakeholder.c.assumption == table.c.assumption,
        stakeholder.c.user_id == user,
        ~stakeholder.c.is_released,
        ~stakeholder.c.is_backup,
    )
    wanted = select(table).where(table.c.workspace == workspace, _is_tracked, theirs)
    rows = tx.execute(wanted.order_by(table.c.project, table.c.number)).all()
    return _with_stakeholders(tx, workspace, rows)


def validated_after(tx: Connection, workspace: WorkspaceId, at: datetime) -> list[Assumption]:
    """Return those whose answer was alive at `at`, by key."""
    alive = and_(table.c.status == Status.VALIDATED, table.c.valid_until > at)
    wanted = select(table).where(table.c.workspace == workspace, alive)
    rows = tx.execute(wanted.order_by(table.c.project, table.c.number)).all()
    return _with_stakeholders(tx, workspace, rows)


def orphans(tx: Connection, workspace: WorkspaceId) -> list[Assumption]:
    """Return the open assumptions whose owner was deactivated when last seen, by key."""
    owner = and_(member.c.workspace == table.c.workspace, member.c.user_id == table.c.owner)
    wanted = select(table).join(member, owner).where(table.c.workspace == workspace, _is_tracked)
    gone = wanted.where(member.c.is_deactivated).order_by(table.c.project, table.c.number)
    return _with_stakeholders(tx, workspace, tx.execute(gone).all())


def _in_order(tx: Connection, workspace: WorkspaceId, names: list[str]) -> list[Assumption]:
    keys = (AssumptionKey.parse(name) for name in names)
    return list(get_many(tx, workspace, (key for key in keys if key is not None)).values())


def _found_by(assumption: Assumption) -> tuple[str, tuple[str, ...]]:
    return assumption.statement, assumption.services


def _conditions(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    equal = {
        "project": wanted.project,
        "owner": wanted.owner,
        "impact": wanted.impact,
        "status": wanted.status,
    }
    conditions = [table.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.owner_or_stakeholder is not None:
        conditions.append(_is_of(wanted.owner_or_stakeholder))
    if wanted.is_open:
        conditions.append(_is_tracked)
    if wanted.overdue:
        passed = table.c.validate_by < now.date()
        conditions.append(and_(table.c.status == Status.UNVALIDATED, passed))
    if wanted.stale:
        expired = table.c.valid_until <= now
        conditions.append(and_(table.c.status == Status.VALIDATED, expired))
    return conditions


def is_seen(user: UserId | None, channels: Iterable[ChannelId]) -> ColumnElement[bool]:
    """Say in SQL what `permission.may_see` says; a test holds them together."""
    is_read = table.c.channel.in_(sorted(channels))
    return is_read if user is None else or_(is_read, _is_of(user))


def _is_of(user: UserId) -> ColumnElement[bool]:
    is_asked = exists().where(
        stakeholder.c.workspace == table.c.workspace,
        stakeholder.c.assumption == table.c.assumption,
        stakeholder.c.user_id == user,
        ~stakeholder.c.is_released,  # as the partial index has it
    )
    return or_(table.c.owner == user, is_asked)


def _with_stakeholders(
    tx: Connection, workspace: WorkspaceId, rows: Iterable[Row[Any]]
) -> list[Assumption]:
    found = list(rows)
    people: defaultdict[AssumptionKey, list[Stakeholder]] = defaultdict(list)
    if found:
        keys = [row.assumption for row in found]
        for row in _STAKEHOLDERS.run(tx, keys, workspace=workspace):
            people[row.assumption].append(_to_stakeholder(row))
    return [_to_assumption(row, tuple(people[row.assumption])) for row in found]


def _put_at(tx: Connection, assumption: Assumption, position: int, person: Stakeholder) -> None:
    values = _stakeholder_values(assumption.workspace, assumption.key, position, person)
    upsert(tx, stakeholder, values)


def _values(assumption: Assumption) -> dict[str, Any]:
    """Return the columns that may change."""
    return {
        "statement": assumption.statement,
        "owner": assumption.owner,
        "impact": assumption.impact,
        "confidence_percent": assumption.confidence_percent,
        "validate_by": assumption.validate_by,
        "consequence": assumption.consequence,
        "quorum": assumption.quorum,
        "tags": assumption.tags,
        "services": assumption.services,
        "permalink": assumption.permalink,
        "status": assumption.status,
        "valid_until": assumption.valid_until,
        "accepted_until": assumption.accepted.until if assumption.accepted else None,
        "accepted_reason": assumption.accepted.reason if assumption.accepted else "",
        "expected": str(assumption.expected.figure) if assumption.expected else None,
        "unit": assumption.expected.unit if assumption.expected else "",
        "check_on": assumption.expected.check_on if assumption.expected else None,
        "actual": None if assumption.actual is None else str(assumption.actual),
    }


def _stakeholder_values(
    workspace: WorkspaceId, key: AssumptionKey, position: int, person: Stakeholder
) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "assumption": key,
        "user_id": person.user,
        "position": position,
        "is_backup": person.is_backup,
        "is_released": person.is_released,
        "round": person.round,
    }


def _to_stakeholder(row: Row[Any]) -> Stakeholder:
    return Stakeholder(
        user=row.user_id,
        is_backup=row.is_backup,
        is_released=row.is_released,
        round=row.round,
    )


def _to_assumption(row: Row[Any], stakeholders: tuple[Stakeholder, ...]) -> Assumption:
    return Assumption(
        workspace=row.workspace,
        key=row.assumption,
        statement=row.statement,
        owner=row.owner,
        impact=row.impact,
        confidence_percent=row.confidence_percent,
        validate_by=row.validate_by,
        consequence=row.consequence,
        quorum=row.quorum,
        tags=tuple(row.tags),
        services=tuple(row.services),
        permalink=row.permalink,
        channel=row.channel,
        status=row.status,
        valid_until=row.valid_until,
        accepted=_to_accepted(row),
        expected=_to_expected(row),
        actual=None if row.actual is None else Decimal(row.actual),
        logged_by=row.logged_by,
        logged_at=row.logged_at,
        version=row.version,
        stakeholders=stakeholders,
    )


def _to_accepted(row: Row[Any]) -> AcceptedRisk | None:
    if row.accepted_until is None:
        return None
    return AcceptedRisk(until=row.accepted_until, reason=row.accepted_reason)


def _to_expected(row: Row[Any]) -> Expected | None:
    if row.expected is None:
        return None
    return Expected(figure=Decimal(row.expected), unit=row.unit, check_on=row.check_on)
