"""A question's message that was posted although nobody wrote down where: a click in it tells."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.cadence import Cadence
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, UserId, WorkspaceId
from bot.domain.outbox import MessageKey, MessageKind
from bot.store import outbox, prompt
from bot.usecases import ladder

log = structlog.get_logger()


def is_known(tx: Connection, workspace: WorkspaceId, channel: ChannelId, ts: MessageTs) -> bool:
    """Whether the outbox knows the message at that place."""
    return outbox.by_ts(tx, workspace, channel, ts) is not None


def question_found(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    to: UserId,
    channel: ChannelId,
    ts: MessageTs,
    now: datetime,
    cadence: Cadence,
) -> bool:
    """Note where `to` sees a question about `key`, so that its message can change with the answer.

    False where several messages may be the one, or none: a second copy changes with no answer,
    but its buttons say what became of the first.
    """
    asked = prompt.of_assumption(tx, workspace, key)
    lost = {p.batch for p in asked if p.key.stakeholder == to and p.batch and p.sent_at is None}
    if len(lost) != 1:
        return False
    [batch] = lost
    message = MessageKey(kind=MessageKind.ASK, about="", to=to, occasion=batch)
    if not outbox.found(tx, workspace, message, channel=channel, ts=ts, now=now):
        return False
    ladder.sent(tx, workspace, batch, to=to, channel=channel, ts=ts, now=now, cadence=cadence)
    log.info("message.found", kind=message.kind.value, about=str(key))
    return True
