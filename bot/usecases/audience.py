"""Who reads a message, and what it may be about."""

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.ids import AssumptionKey, ChannelId, UserId
from bot.domain.outbox import Message
from bot.domain.permission import Reader
from bot.store import assumption as assumptions
from bot.store import member as members
from bot.usecases.assumption import sees
from bot.usecases.channel import is_person, reader_for


def about(tx: Connection, message: Message) -> Assumption | None:
    """Return what the message is about; None where its reader may not see that just now."""
    key = AssumptionKey.parse(message.key.about)
    found = assumptions.get(tx, message.workspace, key) if key else None
    return found if found is not None and sees(tx, readers_of(tx, message), found) else None


def names_in(tx: Connection, message: Message, users: Iterable[UserId]) -> dict[UserId, str]:
    """Return how people are called in a message to a channel, where a mention would notify them.

    To one person nobody else is notified, so there everybody is mentioned.
    """
    if is_person(message.key.to):
        return {}
    known = members.get_many(tx, message.workspace, sorted(set(users)))
    return {user: member.name for user, member in known.items()}


def readers_of(tx: Connection, message: Message) -> Reader:
    """Return who reads it: one person, or everybody in a channel."""
    to = message.key.to
    if is_person(to):
        return reader_for(tx, message.workspace, UserId(to))
    return Reader.audience(ChannelId(to))
