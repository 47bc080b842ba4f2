"""Whom the owner asks instead of somebody who cannot, or does not, answer."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption
from bot.domain.cadence import Cadence
from bot.domain.errors import UserFixableError
from bot.domain.history import StakeholderReleased
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import Message
from bot.domain.permission import OPERATOR, may_edit
from bot.store import assumption as assumptions
from bot.store import history, prompt
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.assumption import (
    AssumptionRetiredError,
    MayNotChangeError,
    add_stakeholder,
    get_assumption,
    refold,
    refresh_messages,
)
from bot.usecases.audience import about
from bot.usecases.channel import reader_for
from bot.usecases.contents import HandedBackContent
from bot.usecases.renewal import renew

log = structlog.get_logger()

_REASON = "somebody else is asked instead"


def ask_instead(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    instead_of: UserId,
    to: Member,
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Ask `to` in place of one of the stakeholders, who is asked no more.

    Raises:
        NotFoundError, AssumptionRetiredError, MayNotChangeError: As named.
        UserFixableError: `to` is asked already.
    """
    assumption = get_assumption(tx, workspace, key, reader=reader_for(tx, workspace, by))
    project = projects.get(tx, workspace, key.project)
    if not may_edit(by, members.get(tx, workspace, by), assumption, project):
        raise MayNotChangeError(key)
    if not assumption.is_open:
        raise AssumptionRetiredError(key)
    active = {p.user: p for p in assumption.stakeholders if not p.is_released}
    if to.user in active and not active[to.user].is_backup:
        raise UserFixableError(f"{to.name} is asked about {key} already. Choose somebody else.")
    gone = active.get(instead_of)
    if gone is not None:
        assumptions.put_stakeholder(tx, workspace, key, replace(gone, is_released=True))
        released = StakeholderReleased(stakeholder=instead_of, reason=_REASON)
        history.append(tx, workspace, key, released, by=by, at=now)
        prompt.cancel(tx, workspace, key, stakeholder=instead_of, outcome=_REASON)
    add_stakeholder(tx, assumption, to, by=by, reason="", now=now, cadence=cadence)
    after = refold(tx, get_assumption(tx, workspace, key, reader=OPERATOR))
    renew(tx, after, now=now, cadence=cadence)
    refresh_messages(tx, after, now=now, by=by)
    log.info("question.reassigned", assumption=str(key), to=to.user)
    return after


def read_handed_back(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> HandedBackContent | None:
    assumption = about(tx, message)
    if assumption is None:
        return None
    released = rules.release_of(
        history.read(tx, message.workspace, assumption.key), int(message.key.occasion)
    )
    if released is None:
        return None
    is_asked_again = any(
        p.user == released.stakeholder and not p.is_released for p in assumption.stakeholders
    )
    if is_asked_again and message.ts is None:
        return None
    return HandedBackContent(
        assumption=assumption,
        stakeholder=released.stakeholder,
        reason=released.reason,
        is_taken_back=is_asked_again,
    )
