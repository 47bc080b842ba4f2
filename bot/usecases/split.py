"""Splitting a statement that depends on something into two that can be answered plainly."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption, AssumptionDraft, Stakeholder
from bot.domain.cadence import Cadence
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.history import SplitOff
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import Message
from bot.domain.permission import may_edit
from bot.store import history
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.assumption import (
    AssumptionRetiredError,
    MayNotChangeError,
    get_assumption,
    log_assumption,
    retire_assumption,
)
from bot.usecases.audience import about
from bot.usecases.channel import reader_for
from bot.usecases.contents import DependsContent

log = structlog.get_logger()


def split_assumption(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    statements: tuple[str, str],
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> tuple[AssumptionKey, AssumptionKey]:
    """Log both halves, with the owner, people, day and impact of the whole, and retire the whole.

    Raises:
        NotFoundError, AssumptionRetiredError, MayNotChangeError: As named.
        UserFixableError: A statement is empty, too long, or both are the same.
    """
    whole = get_assumption(tx, workspace, key, reader=reader_for(tx, workspace, by))
    project = projects.get(tx, workspace, key.project)
    if not may_edit(by, members.get(tx, workspace, by), whole, project):
        raise MayNotChangeError(key)
    if not whole.is_open:
        raise AssumptionRetiredError(key)
    if statements[0].strip() == statements[1].strip():
        raise UserFixableError("Write two statements that differ.")
    if project is None:
        raise NotFoundError(f"I know no project {key.project} here.")
    first, second = (
        log_assumption(
            tx,
            _half(whole, statement),
            project=project,
            by=by,
            asked=asked,
            now=now,
            cadence=cadence,
        )
        for statement in statements
    )
    if first is None or second is None:
        raise RuntimeError("without a delivery an assumption is always logged")
    for half in (first, second):
        history.append(tx, workspace, half, SplitOff(whole=str(key)), by=by, at=now)
    reason = f"split into {first} and {second}"
    retire_assumption(tx, workspace, key, by=by, reason=reason, now=now)
    log.info("assumption.split", assumption=str(key), into=[str(first), str(second)])
    return first, second


def _half(whole: Assumption, statement: str) -> AssumptionDraft:
    """The confidence is left out: it was about the whole."""
    return AssumptionDraft(
        statement=statement,
        owner=whole.owner,
        impact=whole.impact,
        validate_by=whole.validate_by,
        consequence=whole.consequence,
        quorum=whole.quorum,
        tags=whole.tags,
        services=whole.services,
        permalink=whole.permalink,
        channel=whole.channel,
        stakeholders=tuple(
            Stakeholder(user=person.user, is_backup=person.is_backup)
            for person in whole.stakeholders
            if not person.is_released
        ),
    )


def read_depends(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> DependsContent | None:
    assumption = about(tx, message)
    if assumption is None:
        return None
    given = rules.validations(history.read(tx, message.workspace, assumption.key), assumption.key)
    unsure = next((v for v in given if str(v.seq) == message.key.occasion), None)
    if unsure is None or (unsure.undone_at is not None and message.ts is None):
        return None
    return DependsContent(assumption=assumption, validation=unsure)
