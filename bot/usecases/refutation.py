"""What is said where something relied upon is not true."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.cadence import Cadence
from bot.domain.history import ContestDecided, Event
from bot.domain.ids import UserId
from bot.domain.outbox import Message
from bot.domain.validation import Answer, Validation
from bot.store import history
from bot.usecases.audience import about, names_in
from bot.usecases.contents import RefutedContent


def read_refuted(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> RefutedContent | None:
    assumption = about(tx, message)
    if assumption is None:
        return None
    events = history.read(tx, message.workspace, assumption.key)
    given = rules.validations(events, assumption.key)
    refuted = next((v for v in given if str(v.seq) == message.key.occasion), None)
    if refuted is None:
        return None
    corrected = _corrected(given, refuted)
    if message.ts is None and (refuted.undone_at is not None or corrected is not None):
        return None
    reader = UserId(message.key.to)
    return RefutedContent(
        assumption=assumption,
        validation=refuted,
        had_validated=any(v.by == reader and v.answer == "holds" for v in given),
        is_owner=reader == assumption.owner,
        is_contested=rules.is_contested(events, assumption.key),
        decision=_decision_after(events, refuted.seq),
        corrected=corrected,
        names=names_in(tx, message, (assumption.owner, refuted.by)),
    )


def _corrected(given: Iterable[Validation], refuted: Validation) -> Validation | None:
    """Return the *holds* that its author gave in its place."""
    latest = next((one for one in rules.current(given) if one.by == refuted.by), None)
    is_holds = latest is not None and latest.answer is Answer.HOLDS
    return latest if is_holds and latest is not None and latest.seq > refuted.seq else None


def _decision_after(events: Iterable[Event], seq: int) -> ContestDecided | None:
    made = rules.decision(events)
    if made is None or made.seq < seq or not isinstance(made.what, ContestDecided):
        return None
    return made.what
