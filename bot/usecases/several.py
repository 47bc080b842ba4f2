"""One act on several assumptions: each is checked on its own, and told apart."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Status
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.permission import Reader, may_ask_again, may_reassign, may_retire
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.store import member as members
from bot.store import project as projects
from bot.store import prompt
from bot.usecases.assumption import get_assumption, refresh_messages, retire_assumption
from bot.usecases.owner import is_there, reassign_owner

log = structlog.get_logger()

SEVERAL_MAX = 40  # at once
_ASKED_FOR = "somebody who relies on it would like to know now"


class Act(StrEnum):
    RETIRE = "retire"
    REASSIGN = "reassign"  # to another owner
    ASK = "ask"  # again, as soon as the working hours of those asked allow


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """One that stayed as it was: it is another's, or `why` says what else."""

    key: AssumptionKey
    why: str = ""  # a sentence, from our own words
    belongs_to: UserId | None = None  # whom to ask for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    act: Act
    done: tuple[AssumptionKey, ...]
    not_done: tuple[NotDone, ...]


class NothingChosenError(UserFixableError):
    """No row was ticked."""

    def __init__(self) -> None:
        super().__init__("Tick at least one of them.")


def change_several(
    tx: Connection,
    workspace: WorkspaceId,
    keys: Collection[AssumptionKey],
    act: Act,
    *,
    by: UserId,
    reader: Reader,
    now: datetime,
    reason: str = "",
    to: Member | None = None,
) -> Outcome:
    """Retire them, give them another owner, or ask about them again, in one transaction.

    What the person may not do, or what makes no sense any more, is left and told; the rest is
    done. One that the reader may not see answers like one that is not there.

    Args:
        tx: The transaction.
        workspace: From the verified request.
        keys: At most forty.
        act: What to do with each.
        by: Who does it.
        reader: The same, as the request shows them.
        now: Aware UTC.
        reason: Why they are retired; may be empty.
        to: Who owns them from now on, where that is the act.

    Raises:
        NothingChosenError: There is nothing to act on.
        UserFixableError: They are too many, or nobody is named to own them.
    """
    wanted = sorted(set(keys))
    if not wanted:
        raise NothingChosenError
    if len(wanted) > SEVERAL_MAX:
        raise UserFixableError(f"Choose at most {SEVERAL_MAX} at once.")
    if act is Act.REASSIGN and to is None:
        raise UserFixableError("Choose who owns them from now on.")
    done, not_done = [], []
    for key in wanted:
        refused = _change(
            tx, workspace, key, act, by=by, reader=reader, now=now, reason=reason, to=to
        )
        if refused is None:
            done.append(key)
        else:
            not_done.append(refused)
    log.info("assumptions.changed", act=act.value, done=len(done), not_done=len(not_done))
    return Outcome(act=act, done=tuple(done), not_done=tuple(not_done))


def _change(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    act: Act,
    *,
    by: UserId,
    reader: Reader,
    now: datetime,
    reason: str,
    to: Member | None,
) -> NotDone | None:
    """Act on one; every refusal comes before the first write."""
    try:
        assumption = get_assumption(tx, workspace, key, reader=reader)
    except NotFoundError as error:
        return NotDone(key=key, why=str(error))
    if not _may(tx, assumption, act, by=by):
        return NotDone(key=key, belongs_to=assumption.owner)
    try:
        match act:
            case Act.RETIRE:
                retire_assumption(tx, workspace, key, by=by, reason=reason, now=now, reader=reader)
            case Act.REASSIGN if to is not None:
                reassign_owner(tx, workspace, key, to=to, by=by, now=now, reader=reader)
            case _:
                ask_now(tx, assumption, by=by, now=now)
    except UserFixableError as error:
        return NotDone(key=key, why=str(error))
    return None


def _may(tx: Connection, assumption: Assumption, act: Act, *, by: UserId) -> bool:
    workspace = assumption.workspace
    project = projects.get(tx, workspace, assumption.key.project)
    actor = members.get(tx, workspace, by)
    match act:
        case Act.RETIRE:
            return may_retire(by, actor, assumption, project)
        case Act.REASSIGN:
            has_left = not is_there(tx, workspace, assumption.owner)
            return may_reassign(by, actor, assumption, project, owner_has_left=has_left)
        case Act.ASK:
            return may_ask_again(by, actor, assumption, project)


def ask_now(tx: Connection, assumption: Assumption, *, by: UserId, now: datetime) -> int:
    """Put the question to those who are asked about it; return to how many.

    What is planned for them is due at once; to somebody whose reminders are over it begins anew.
    While an answer lives, only those are asked from whom it is expected to be renewed. It still
    comes in their working hours, and in the one message of their day.

    Raises:
        UserFixableError: There is nothing to ask, or nobody to be asked.
    """
    workspace, key = assumption.workspace, assumption.key
    if not assumption.is_open:
        word = "not true" if assumption.status is Status.REFUTED else "retired"
        raise UserFixableError(f"{key} is {word}, so there is nothing to ask.")
    asked = [p for p in assumption.stakeholders if not (p.is_released or p.is_backup)]
    if not asked:
        raise UserFixableError(f"Nobody is asked about {key}: Edit names somebody who can tell.")
    moved = [
        person
        for person in asked
        if prompt.reschedule(tx, workspace, key, person.user, due_at=now, reason=_ASKED_FOR)
    ]
    is_alive = assumption.status is Status.VALIDATED and not assumption.is_stale(now)
    others = [] if moved and is_alive else [person for person in asked if person not in moved]
    for person in others:
        prompt.cancel(
            tx, workspace, key, stakeholder=person.user, outcome="asked anew", keeps_notice=True
        )
        again = PromptKey(
            assumption=key,
            stakeholder=person.user,
            round=person.round + 1,
            kind=PromptKind.ASK,
            attempt=1,
        )
        prompt.plan(tx, workspace, Planned(key=again, due_at=now, reason=_ASKED_FOR))
    refresh_messages(tx, assumption, now=now, by=by)
    log.info("assumption.asked_again", assumption=str(key), people=len(moved) + len(others))
    return len(moved) + len(others)
