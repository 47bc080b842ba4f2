"""Being asked no more: not mine, stop asking me, ask someone else."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Stakeholder
from bot.domain.cadence import Cadence
from bot.domain.chain import PASSED_ON
from bot.domain.errors import UserFixableError
from bot.domain.history import StakeholderReleased
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.permission import OPERATOR
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt
from bot.usecases.assumption import (
    add_stakeholder,
    assumption_for,
    get_assumption,
    refold,
    refresh_messages,
)
from bot.usecases.breaker import spoke_up
from bot.usecases.owner import owner_or_successor
from bot.usecases.renewal import renew
from bot.usecases.validation import asked_person

log = structlog.get_logger()


class AskedBeforeError(UserFixableError):
    """A question is passed on to somebody who has been asked already."""

    def __init__(self, key: AssumptionKey) -> None:
        super().__init__(
            f"That person has been asked about {key} already. Choose somebody else, "
            "or press Not mine to give it back to its owner."
        )


def hand_back(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """*Not mine*: the person is asked no more and the owner hears it; it does not count as silence.

    Raises:
        NotFoundError, AssumptionRetiredError, NotAskedError: As named.
    """
    return _release(
        tx, workspace, key, by=by, reason="said it is not theirs", now=now, cadence=cadence
    )


def stop_asking(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """*Stop asking me about this*: as `hand_back`, for someone who could answer but will not.

    Raises:
        NotFoundError, AssumptionRetiredError, NotAskedError: As named.
    """
    reason = "asked not to be asked about this"
    return _release(tx, workspace, key, by=by, reason=reason, now=now, cadence=cadence)


def ask_someone_else(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    to: Member,
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Pass the question on; the chain stays visible, and nobody gets it a second time.

    Raises:
        AskedBeforeError: `to` has been asked, so passing on would go round in circles.
        NotFoundError, AssumptionRetiredError, NotAskedError: As named.
    """
    assumption = assumption_for(tx, workspace, key, by=by)
    person = asked_person(assumption, by)
    if not assumption.is_open:
        raise UserFixableError(
            f"{key} was found not to be true, so nobody is asked about it now. If that is wrong, "
            "press Still true."
        )
    if any(p.user == to.user and not p.is_backup for p in assumption.stakeholders):
        raise AskedBeforeError(key)
    _set_released(tx, assumption, person, reason="passed the question on", now=now)
    add_stakeholder(tx, assumption, to, by=by, reason=PASSED_ON, now=now, cadence=cadence)
    after = refold(tx, get_assumption(tx, workspace, key, reader=OPERATOR))
    renew(tx, after, now=now, cadence=cadence)
    refresh_messages(tx, after, now=now, by=by)
    log.info("question.passed_on", assumption=str(key), to=to.user)
    return after


def _release(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    reason: str,
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    assumption = assumption_for(tx, workspace, key, by=by)
    person = asked_person(assumption, by)
    seq = _set_released(tx, assumption, person, reason=reason, now=now)
    if by != assumption.owner:
        told = MessageKey(
            kind=MessageKind.HANDED_BACK,
            about=str(key),
            to=owner_or_successor(tx, assumption),
            occasion=str(seq),
        )
        outbox.want(tx, workspace, told, now=now)
    after = refold(tx, get_assumption(tx, workspace, key, reader=OPERATOR))
    renew(tx, after, now=now, cadence=cadence)
    refresh_messages(tx, after, now=now, by=by)
    log.info("stakeholder.released", assumption=str(key), reason=reason)
    return after


def _set_released(
    tx: Connection, assumption: Assumption, person: Stakeholder, *, reason: str, now: datetime
) -> int:
    workspace, key = assumption.workspace, assumption.key
    assumptions.put_stakeholder(tx, workspace, key, replace(person, is_released=True))
    prompt.cancel(tx, workspace, key, stakeholder=person.user, outcome=reason)
    spoke_up(tx, workspace, person.user, now=now)
    gone = StakeholderReleased(stakeholder=person.user, reason=reason)
    return history.append(tx, workspace, key, gone, by=person.user, at=now)
