"""Changing an assumption: its fields, and who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption, Impact, Quorum, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.history import Edited, StakeholderReleased
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.permission import OPERATOR, may_edit, may_reassign
from bot.store import assumption as assumptions
from bot.store import history, prompt
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.assumption import (
    AssumptionRetiredError,
    MayNotChangeError,
    add_stakeholder,
    check_statement,
    get_assumption,
    refold,
    refresh_messages,
)
from bot.usecases.channel import reader_for
from bot.usecases.follow import refresh_homes
from bot.usecases.owner import MayNotReassignError, is_there
from bot.usecases.renewal import ask_anew, hasten, renew

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionEdit:
    """The form's fields as they should be; stakeholders missing here are released."""

    statement: str
    owner: UserId
    impact: Impact
    confidence_percent: int | None
    validate_by: date | None
    consequence: str
    quorum: Quorum
    tags: tuple[str, ...]
    services: tuple[str, ...]
    stakeholders: tuple[UserId, ...]
    backup: UserId | None
    means_the_same: bool = False  # other words of the same statement: who confirmed it still does


def edit_assumption(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    edit: AssumptionEdit,
    *,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Change an assumption; what changed goes into its history, and new people get a first ask.

    Whoever confirmed it is asked again where the statement says something else now.

    Raises:
        NotFoundError, AssumptionRetiredError, MayNotChangeError, UserFixableError: As named.
        StaleWriteError: Somebody else changed it meanwhile.
    """
    check_statement(edit.statement)
    before = get_assumption(tx, workspace, key, reader=reader_for(tx, workspace, by))
    project, actor = projects.get(tx, workspace, key.project), members.get(tx, workspace, by)
    if not may_edit(by, actor, before, project):
        raise MayNotChangeError(key)
    has_left = not is_there(tx, workspace, before.owner)
    if edit.owner != before.owner and not may_reassign(
        by, actor, before, project, owner_has_left=has_left
    ):
        raise MayNotReassignError(key)
    if before.status is Status.RETIRED:
        raise AssumptionRetiredError(key)
    values = {f.name: getattr(edit, f.name) for f in fields(edit) if f.name not in _PEOPLE}
    after = replace(before, **values)
    changes = _changes(before, after)
    confirmed_by = _confirmed_other_words(tx, before, edit)
    if changes:
        what = Edited(changes=changes, asks_anew=bool(confirmed_by))
        history.append(tx, workspace, key, what, by=by, at=now)
        after = assumptions.update(tx, after)
    _release_missing(tx, after, edit, by=by, now=now)
    _ask_newcomers(tx, after, edit, by=by, asked=asked, now=now, cadence=cadence)
    after = refold(tx, get_assumption(tx, workspace, key, reader=OPERATOR))
    refresh_messages(tx, after, now=now, by=by)
    refresh_homes(tx, workspace, [before.owner], now=now)
    log.info("assumption.edited", assumption=str(key), fields=[change[0] for change in changes])
    if confirmed_by:
        ask_anew(tx, after, confirmed_by, now=now, cadence=cadence)
    renew(tx, after, now=now, cadence=cadence)
    hasten(tx, after, now=now, cadence=cadence)
    return after


def _confirmed_other_words(
    tx: Connection, before: Assumption, edit: AssumptionEdit
) -> frozenset[UserId]:
    """Return whose yes was about a statement that says something else now.

    A *no* stays: what is true instead is logged as an assumption of its own.
    """
    is_same = edit.means_the_same or edit.statement == before.statement
    if is_same or not before.is_open:
        return frozenset()
    return frozenset(rules.expiries(history.read(tx, before.workspace, before.key)))


_PEOPLE = frozenset({"stakeholders", "backup", "means_the_same"})


def _release_missing(
    tx: Connection, assumption: Assumption, edit: AssumptionEdit, *, by: UserId, now: datetime
) -> None:
    """Release who is not named any more; their answers stay in the history."""
    workspace, key = assumption.workspace, assumption.key
    for person in assumption.stakeholders:
        if person.is_released or person.user in {*edit.stakeholders, edit.backup}:
            continue
        assumptions.put_stakeholder(tx, workspace, key, replace(person, is_released=True))
        gone = StakeholderReleased(stakeholder=person.user, reason="no longer asked")
        history.append(tx, workspace, key, gone, by=by, at=now)
        prompt.cancel(tx, workspace, key, stakeholder=person.user, outcome=gone.reason)


def _ask_newcomers(
    tx: Connection,
    assumption: Assumption,
    edit: AssumptionEdit,
    *,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> None:
    """Ask who was not asked before; a backup only waits."""
    active = {p.user for p in assumption.stakeholders if not (p.is_released or p.is_backup)}
    known = {member.user: member for member in asked}
    for user in edit.stakeholders:
        if user not in active and user in known:
            add_stakeholder(tx, assumption, known[user], by=by, reason="", now=now, cadence=cadence)
    if edit.backup is not None and edit.backup not in edit.stakeholders:
        _let_wait(tx, assumption, edit.backup, by=by, now=now)


def _let_wait(
    tx: Connection, assumption: Assumption, backup: UserId, *, by: UserId, now: datetime
) -> None:
    """Make somebody the backup; one who is asked now is asked no more, until another cannot be."""
    workspace, key = assumption.workspace, assumption.key
    earlier = next((p for p in assumption.stakeholders if p.user == backup), None)
    if earlier is not None and earlier.is_backup and not earlier.is_released:
        return
    if earlier is not None and not earlier.is_released:
        gone = StakeholderReleased(stakeholder=backup, reason="waits as the backup")
        history.append(tx, workspace, key, gone, by=by, at=now)
        prompt.cancel(tx, workspace, key, stakeholder=backup, outcome=gone.reason)
    # A later round, since what they were asked in this one will not be asked again.
    round_ = earlier.round + 1 if earlier is not None else 1
    waiting = Stakeholder(user=backup, is_backup=True, round=round_)
    assumptions.put_stakeholder(tx, workspace, key, waiting)


def _changes(before: Assumption, after: Assumption) -> tuple[tuple[str, str, str], ...]:
    skipped = {"version", "stakeholders"}
    return tuple(
        (f.name, _as_text(getattr(before, f.name)), _as_text(getattr(after, f.name)))
        for f in fields(before)
        if f.name not in skipped and getattr(before, f.name) != getattr(after, f.name)
    )


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, tuple) else str(value)
