"""Who reads a message, and what it may be about."""

from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.ids import AssumptionKey, ChannelId, UserId
from bot.domain.outbox import Message
from bot.domain.permission import Reader
from bot.store import assumption as assumptions
from bot.usecases.assumption import sees
from bot.usecases.channel import is_person, reader_for


def about(tx: Connection, message: Message) -> Assumption | None:
    """Return what the message is about; None where its reader may not see that just now."""
    key = AssumptionKey.parse(message.key.about)
    found = assumptions.get(tx, message.workspace, key) if key else None
    return found if found is not None and sees(tx, readers_of(tx, message), found) else None


def readers_of(tx: Connection, message: Message) -> Reader:
    """Return who reads it: one person, or everybody in a channel."""
    to = message.key.to
    if is_person(to):
        return reader_for(tx, message.workspace, UserId(to))
    return Reader.audience(ChannelId(to))
