"""What a person who is asked can do: answer, take it back, pass it on, put it off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import ladder
from bot.domain.assumption import Assumption, Quorum, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.delivery import Delivery
from bot.domain.errors import UserFixableError
from bot.domain.history import Answered, AnswerUndone, StakeholderReleased
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.validation import Answer, Validation, can_undo
from bot.store import assumption as assumptions
from bot.store import history, inbox, outbox, prompt
from bot.store import project as projects
from bot.usecases.assumption import (
    AssumptionRetiredError,
    add_stakeholder,
    get_assumption,
    refresh_messages,
)
from bot.usecases.member import zone_of
from bot.usecases.working_time import working_time_of
from bot.store import member as members

log = structlog.get_logger()


class NotAskedError(UserFixableError):
    """Somebody answers who is not, or no longer, one of those asked."""

    def __init__(self, key: AssumptionKey) -> None:
        super().__init__(
            f"You are not among the people asked about {key}, so your answer was not stored. "
            "Ask its owner to add you."
        )


class EvidenceNeededError(UserFixableError):
    """The impact asks for evidence and none came with the answer."""

    def __init__(self) -> None:
        super().__init__("Say in a few words how you know, or paste a link.")


class UndoTooLateError(UserFixableError):
    """The undo window has passed."""

    def __init__(self) -> None:
        super().__init__(
            "It is too late to undo this: ten minutes have passed. Give a new answer instead."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The answer was stored just now."""

    validation: Validation
    assumption: Assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyAnswered:
    """Nothing was stored: this validation stands."""

    validation: Validation


def answer_question(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    round: int,  # noqa: A002 - the word of the domain
    answer: Answer,
    evidence: str,
    now: datetime,
    cadence: Cadence,
    supersede: bool = False,
    delivery: Delivery | None = None,
) -> Recorded | AlreadyAnswered:
    """Store one stakeholder's answer and everything that follows from it.

    Args:
        tx: The transaction.
        workspace: From the verified request.
        key: What is answered.
        by: Who answers.
        round: The round of the message that was answered, so that an old copy is recognised.
        answer: Holds, fails or unsure.
        evidence: How they know, what is true instead, or on what it depends; may be empty.
        now: Aware UTC.
        cadence: How long an answer lives, and whether evidence is required.
        supersede: The person means to replace their own earlier answer.
        delivery: A second copy of it stores nothing.

    Raises:
        NotFoundError, AssumptionRetiredError, NotAskedError, EvidenceNeededError: As named.
    """
    assumption = get_assumption(tx, workspace, key)
    person = _asked_person(assumption, by)
    given = rules.validations(history.read(tx, workspace, key), key)
    standing = _standing_answer(assumption, given, by=by, round=round, answer=answer)
    if standing is not None and not (supersede and standing.by == by):
        return AlreadyAnswered(validation=standing)
    if answer is Answer.HOLDS and not evidence.strip() and _needs_evidence(assumption, cadence):
        raise EvidenceNeededError
    if delivery is not None and not _is_new(tx, workspace, delivery, now):
        return AlreadyAnswered(validation=given[-1]) if given else _raise_not_asked(key)
    return _record(
        tx, assumption, person, answer=answer, evidence=evidence, now=now, cadence=cadence
    )
