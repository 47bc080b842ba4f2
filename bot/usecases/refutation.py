"""What is said where something relied upon is not true."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.cadence import Cadence
from bot.domain.history import ContestDecided, Event
from bot.domain.ids import UserId
from bot.domain.outbox import Message
from bot.store import history
from bot.usecases.audience import about
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
    if refuted is None or (refuted.undone_at is not None and message.ts is None):
        return None
    reader = UserId(message.key.to)
    return RefutedContent(
        assumption=assumption,
        validation=refuted,
        had_validated=any(v.by == reader and v.answer == "holds" for v in given),
        is_owner=reader == assumption.owner,
        is_contested=rules.is_contested(events, assumption.key),
        decision=_decision_after(events, refuted.seq),
    )


def _decision_after(events: Iterable[Event], seq: int) -> ContestDecided | None:
    made = rules.decision(events)
    if made is None or made.seq < seq or not isinstance(made.what, ContestDecided):
        return None
    return made.what
