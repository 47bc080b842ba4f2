"""One says that it holds and another that it fails: the owner decides."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption
from bot.domain.cadence import Cadence
from bot.domain.errors import UserFixableError
from bot.domain.history import ContestDecided
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.outbox import MessageKind
from bot.domain.permission import may_decide
from bot.domain.validation import valid_until_of
from bot.store import history, outbox
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.assumption import get_assumption, refold, refresh_messages
from bot.usecases.cadence import cadence_for
from bot.usecases.channel import reader_for
from bot.usecases.renewal import renew

log = structlog.get_logger()


def is_contested(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> bool:
    return rules.is_contested(history.read(tx, workspace, key), key)


def decide_contested(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    holds: bool,
    reason: str,
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Let one of the answers count; whoever said otherwise stays in the history.

    A later answer counts as ever. Everybody who was told of the refutation sees what was decided.

    Raises:
        NotFoundError: There is none of that key here.
        UserFixableError: `by` has no say in it, or its answers do not contradict each other.
    """
    before = get_assumption(tx, workspace, key, reader=reader_for(tx, workspace, by))
    project = projects.get(tx, workspace, key.project)
    if not may_decide(by, members.get(tx, workspace, by), before, project):
        raise UserFixableError(
            f"Only the owner of {key}, its project's lead or a workspace admin decides which "
            "answer counts."
        )
    if not is_contested(tx, workspace, key):
        raise UserFixableError(f"The answers about {key} do not contradict each other.")
    cadence = cadence_for(tx, workspace, key.project, cadence)
    made = ContestDecided(
        holds=holds,
        reason=reason.strip(),
        valid_until=valid_until_of(now, before.impact, cadence) if holds else None,
    )
    history.append(tx, workspace, key, made, by=by, at=now)
    after = refold(tx, before)
    renew(tx, after, now=now, cadence=cadence)
    outbox.refresh_about(tx, workspace, MessageKind.REFUTED, str(key), now=now)
    refresh_messages(tx, after, now=now, by=by)
    log.info("contest.decided", assumption=str(key), holds=holds)
    return after
