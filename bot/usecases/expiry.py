"""What the owner hears on the day that an answer expires."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.cadence import Cadence
from bot.domain.outbox import Message
from bot.usecases.audience import about
from bot.usecases.contents import StaleContent
from bot.usecases.owner import has_left


def read_stale(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> StaleContent | None:
    assumption = about(tx, message)
    if assumption is None or not (message.ts or assumption.is_stale(now)):
        return None
    return StaleContent(assumption=assumption, owner_left=has_left(tx, assumption))
