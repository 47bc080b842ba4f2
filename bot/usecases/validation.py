"""Answering, and taking an answer back."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import ladder
from bot.domain.assumption import Assumption, Quorum, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.delivery import Delivery, SecondCopyError
from bot.domain.errors import UserFixableError
from bot.domain.history import Answered, AnswerUndone
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.permission import OPERATOR, is_asked
from bot.domain.validation import Answer, Validation, can_undo, valid_until_of
from bot.domain.working_time import spread_of
from bot.store import assumption as assumptions
from bot.store import history, inbox, outbox, prompt
from bot.store import project as projects
from bot.usecases.assumption import (
    AssumptionRetiredError,
    assumption_for,
    get_assumption,
    refold,
    refresh_messages,
    sees,
)
from bot.usecases.breaker import spoke_up
from bot.usecases.cadence import cadence_for
from bot.usecases.channel import reader_for
from bot.usecases.dependency import warn_dependants
from bot.usecases.owner import is_there, owner_or_successor
from bot.usecases.renewal import renew
from bot.usecases.working_time import calendar_of

log = structlog.get_logger()


class NotAskedError(UserFixableError):
    """Somebody answers who is not, or no longer, one of those asked."""

    def __init__(self, key: AssumptionKey, *, was_asked: bool = False) -> None:
        super().__init__(
            f"You are not asked about {key} any more: nothing is left to do. If you know after "
            "all, ask its owner to add you."
            if was_asked
            else f"You are not among the people asked about {key}, so your answer was not stored. "
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
    asked_round: int,
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
        asked_round: The round of the message that was answered; an old copy has a lower one.
        answer: Holds, fails or unsure.
        evidence: How they know, what is true instead, or on what it depends; may be empty.
        now: Aware UTC.
        cadence: The settings'; the project's goes before it.
        supersede: The person means to replace their own earlier answer.
        delivery: A second copy of it stores nothing.

    Raises:
        NotFoundError, AssumptionRetiredError, NotAskedError, EvidenceNeededError: As named.
        SecondCopyError: The delivery was handled before, and its answer does not stand any more.
    """
    assumption = assumption_for(tx, workspace, key, by=by)
    cadence = cadence_for(tx, workspace, key.project, cadence)
    person = asked_person(assumption, by)
    standing = _standing_answer(tx, assumption, by=by, asked_round=asked_round, answer=answer)
    is_second_copy = delivery is not None and not inbox.first_time(
        tx, workspace, delivery.source, delivery.key, now=now
    )
    if standing is not None and (is_second_copy or not (supersede and standing.by == by)):
        return AlreadyAnswered(validation=standing)
    if is_second_copy and delivery is not None:  # what it said was taken back meanwhile
        raise SecondCopyError(delivery.key)
    if answer is Answer.HOLDS and not evidence.strip() and _needs_evidence(assumption, cadence):
        raise EvidenceNeededError
    return _record(
        tx, assumption, person, answer=answer, evidence=evidence, now=now, cadence=cadence
    )


def asked_person(assumption: Assumption, by: UserId) -> Stakeholder:
    """Return `by` as one of those asked now.

    Raises:
        AssumptionRetiredError, NotAskedError: As named.
    """
    if assumption.status is Status.RETIRED:
        raise AssumptionRetiredError(assumption.key)
    person = next((p for p in assumption.stakeholders if p.user == by), None)
    if person is None or not is_asked(by, assumption):
        raise NotAskedError(assumption.key, was_asked=person is not None)
    return person


def _needs_evidence(assumption: Assumption, cadence: Cadence) -> bool:
    return cadence.rhythms[assumption.impact].requires_evidence


def _standing_answer(
    tx: Connection, assumption: Assumption, *, by: UserId, asked_round: int, answer: Answer
) -> Validation | None:
    """Return the answer that makes this one a repetition; None where this one is news.

    It is the person's own in the round that they were asked in. Where anybody's word is enough,
    it is also another's same answer, given after the person was asked: one row of history, and
    whoever clicks second is told. A different answer is always news.
    """
    latest = rules.current(_validations(tx, assumption))
    own = next((v for v in latest if v.by == by and v.round >= asked_round), None)
    if own is not None or assumption.quorum is Quorum.ALL or answer is Answer.UNSURE:
        return own
    asked_at = min(
        (
            p.sent_at
            for p in prompt.of_assumption(tx, assumption.workspace, assumption.key)
            if p.key.stakeholder == by and p.key.round == asked_round and p.sent_at is not None
        ),
        default=None,
    )
    others = [v for v in latest if v.by != by and v.answer is answer]
    return next((v for v in others if asked_at is not None and v.at >= asked_at), None)


def _validations(tx: Connection, assumption: Assumption) -> list[Validation]:
    events = history.read(tx, assumption.workspace, assumption.key)
    return rules.validations(events, assumption.key)


def _record(
    tx: Connection,
    assumption: Assumption,
    person: Stakeholder,
    *,
    answer: Answer,
    evidence: str,
    now: datetime,
    cadence: Cadence,
) -> Recorded:
    workspace, key, by = assumption.workspace, assumption.key, person.user
    given = Answered(
        answer=answer,
        evidence=evidence,
        valid_until=(
            valid_until_of(now, assumption.impact, cadence) if answer is Answer.HOLDS else None
        ),
        round=person.round,
        is_self_validated=by == assumption.owner,
    )
    seq = history.append(tx, workspace, key, given, by=by, at=now)
    prompt.answered(tx, workspace, key, by, person.round, at=now)
    prompt.cancel(tx, workspace, key, stakeholder=by, outcome=_outcome(seq))
    spoke_up(tx, workspace, by, now=now)
    if answer is Answer.HOLDS:
        outbox.refresh_about(tx, workspace, MessageKind.REFUTED, str(key), now=now)
    if answer is not Answer.UNSURE:
        assumption = replace(assumption, accepted=None)  # somebody knows, so nobody lives with it
    after = refold(tx, assumption)
    match answer:
        case Answer.HOLDS:
            if after.quorum is Quorum.ANY:
                prompt.cancel(tx, workspace, key, outcome=_outcome(seq))
        case Answer.FAILS:
            _after_fails(tx, after, by=by, seq=seq, now=now)
        case Answer.UNSURE:
            _after_unsure(tx, after, person, seq=seq, evidence=evidence, now=now, cadence=cadence)
    renew(tx, after, now=now, cadence=cadence)
    refresh_messages(tx, after, now=now, by=by)
    log.info("assumption.answered", assumption=str(key), answer=answer.value, round=person.round)
    validation = next(v for v in _validations(tx, after) if v.seq == seq)
    return Recorded(validation=validation, assumption=after)


def _outcome(seq: int) -> str:
    """What a prompt that an answer made needless says; an undo finds it again by the number."""
    return f"answered ({seq})"


def _after_fails(
    tx: Connection, assumption: Assumption, *, by: UserId, seq: int, now: datetime
) -> None:
    """Ask nobody any more; tell the owner, the project and those who had said that it holds.

    Whoever said so, and may not see it any more, does not hear what is true instead.
    """
    workspace, key = assumption.workspace, assumption.key
    prompt.cancel(tx, workspace, key, outcome=_outcome(seq))
    project = projects.get(tx, workspace, key.project)
    believers = {v.by for v in _validations(tx, assumption) if v.answer is Answer.HOLDS}
    in_sight = {one for one in believers if sees(tx, reader_for(tx, workspace, one), assumption)}
    heard = in_sight | {owner_or_successor(tx, assumption)}
    people = {one for one in heard if one != by and is_there(tx, workspace, UserId(one))}
    for to in dict.fromkeys([*sorted(people), *([project.channel] if project else [])]):
        told = MessageKey(kind=MessageKind.REFUTED, about=str(key), to=to, occasion=str(seq))
        outbox.want(tx, workspace, told, now=now)
    warn_dependants(tx, assumption, occasion=str(seq), by=by, now=now)


def _after_unsure(
    tx: Connection,
    assumption: Assumption,
    person: Stakeholder,
    *,
    seq: int,
    evidence: str,
    now: datetime,
    cadence: Cadence,
) -> None:
    """Offer the owner to split the statement, and put the question again a reminder gap later."""
    workspace, key = assumption.workspace, assumption.key
    if assumption.owner != person.user:
        told = MessageKey(
            kind=MessageKind.DEPENDS,
            about=str(key),
            to=owner_or_successor(tx, assumption),
            occasion=str(seq),
        )
        outbox.want(tx, workspace, told, now=now)
    again = ladder.ask_again(
        key=key,
        impact=assumption.impact,
        stakeholder=person.user,
        round=person.round + 1,
        now=now,
        wt=calendar_of(tx, workspace, person.user, now=now),
        spread=spread_of(workspace, person.user),
        cadence=cadence,
        validate_by=assumption.validate_by,
        depends_on=evidence,
    )
    prompt.plan(tx, workspace, again)


def undo_answer(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    seq: int,
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Take back one's own answer within ten minutes; what it had set going is taken back too.

    Raises:
        NotFoundError, AssumptionRetiredError, NotAskedError, UndoTooLateError: As named.
    """
    assumption = assumption_for(tx, workspace, key, by=by)
    person = asked_person(assumption, by)
    found = next((v for v in _validations(tx, assumption) if v.seq == seq and v.by == by), None)
    if found is None:
        raise NotAskedError(key)
    if found.undone_at is not None:
        return assumption
    if found.is_outdated:
        raise UserFixableError(
            "The statement was changed since, so this answer does not count any more. There is "
            "nothing to undo."
        )
    if not can_undo(found, now):
        raise UndoTooLateError
    history.append(tx, workspace, key, AnswerUndone(undoes=seq), by=by, at=now)
    events = history.read(tx, workspace, key)
    if rules.accepted_risk(event for event in events if event.seq > seq) is None:
        _plan_as_before(tx, assumption, found)
    prompt.unanswered(tx, workspace, key, by, found.round)
    if person.round != found.round:
        assumptions.put_stakeholder(tx, workspace, key, replace(person, round=found.round))
    known = get_assumption(tx, workspace, key, reader=OPERATOR)
    after = refold(tx, replace(known, accepted=rules.accepted_risk(events)))
    renew(tx, after, now=now, cadence=cadence)
    for kind in (MessageKind.REFUTED, MessageKind.DEPENDS, MessageKind.SHAKEN):
        outbox.refresh_occasion(tx, workspace, kind, str(key), str(seq), now=now)
    refresh_messages(tx, after, now=now, by=by)
    log.info("assumption.answer_undone", assumption=str(key))
    return after


def _plan_as_before(tx: Connection, assumption: Assumption, undone: Validation) -> None:
    """Plan what the answer had made needless.

    Not where somebody has accepted the risk since: then all come back on its day.
    """
    workspace, key, following = assumption.workspace, assumption.key, undone.round + 1
    prompt.cancel(tx, workspace, key, stakeholder=undone.by, round=following, outcome="undone")
    for one in assumption.stakeholders:
        prompt.reopen(tx, workspace, key, one.user, outcome=_outcome(undone.seq))
