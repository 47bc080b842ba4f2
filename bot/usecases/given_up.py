"""Questions whose message goes to nobody: none of them is lost with it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.ids import UserId
from bot.domain.outbox import Message, MessageKind
from bot.domain.working_time import next_working_morning, spread_of
from bot.store import prompt
from bot.usecases.working_time import calendar_of


def ask_anew(tx: Connection, message: Message, *, waited: str, now: datetime) -> int:
    """Plan what a message would have asked for its reader's next working morning.

    Another message will carry it then; one that has been posted is not asked about.

    Returns:
        How many questions they were.
    """
    if message.key.kind is not MessageKind.ASK:
        return 0
    workspace, user = message.workspace, UserId(message.key.to)
    wt = calendar_of(tx, workspace, user, now=now)
    morning = next_working_morning(now, wt, spread_of(workspace, user))
    return prompt.give_back(tx, workspace, message.key.occasion, due_at=morning, waited=waited)
