"""Who reads a message, and what it may be about."""

from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.ids import AssumptionKey, ChannelId
from bot.domain.outbox import Message
from bot.domain.permission import OPERATOR, Reader
from bot.store import assumption as assumptions
from bot.usecases.assumption import sees
from bot.usecases.channel import is_person


def about(tx: Connection, message: Message) -> Assumption | None:
    """Return what the message is about; None where not all who would read it in a channel may."""
    key = AssumptionKey.parse(message.key.about)
    found = assumptions.get(tx, message.workspace, key) if key else None
    return found if found is not None and sees(tx, readers_of(message), found) else None


def readers_of(message: Message) -> Reader:
    """Return who reads it: everybody in a channel; a person is told only what concerns them."""
    to = message.key.to
    return OPERATOR if is_person(to) else Reader.audience(ChannelId(to))
