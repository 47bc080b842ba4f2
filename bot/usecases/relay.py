"""A word between the person who is asked and the owner: a question, and its answer."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.cadence import Cadence
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.history import OwnerAsked, OwnerReplied
from bot.domain.ids import AssumptionKey, ChannelId, UserId, WorkspaceId
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.domain.permission import may_reply
from bot.store import history, outbox
from bot.store import project as projects
from bot.usecases.assumption import assumption_for
from bot.usecases.audience import about
from bot.usecases.breaker import spoke_up
from bot.usecases.channel import reader_for, sight_of
from bot.usecases.contents import OwnerAskedContent, OwnerRepliedContent
from bot.usecases.owner import owner_or_successor
from bot.usecases.validation import asked_person

log = structlog.get_logger()


def ask_owner(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    text: str,
    now: datetime,
) -> UserId | ChannelId:
    """Bring a question about the assumption to its owner; return who that is.

    Where the owner has left it goes to whoever answers for it now, else to the project's channel.

    The person's own question stays open meanwhile, and it does not count as silence.

    Raises:
        NotFoundError, AssumptionRetiredError, NotAskedError: As named.
        UserFixableError: The text is empty, or the person owns it themselves.
    """
    assumption = assumption_for(tx, workspace, key, by=by)
    asked_person(assumption, by)
    if assumption.owner == by:
        raise UserFixableError("You own this one yourself. Answer it, or change it with Edit.")
    if not text.strip():
        raise UserFixableError("Write what you would like to know.")
    to = owner_or_successor(tx, assumption)
    if to == by:
        raise UserFixableError(
            f"The owner of {key} has left, and you stand in for them. Name a new one with Edit."
        )
    seq = history.append(tx, workspace, key, OwnerAsked(text=text), by=by, at=now)
    told = MessageKey(kind=MessageKind.OWNER_ASKED, about=str(key), to=to, occasion=str(seq))
    outbox.want(tx, workspace, told, now=now)
    spoke_up(tx, workspace, by, now=now)
    log.info("owner.asked", assumption=str(key))
    return to


def reply_to_question(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    seq: int,
    by: UserId,
    text: str,
    now: datetime,
) -> UserId:
    """Bring the owner's words to the one who asked; return who that is.

    Args:
        tx: The transaction.
        workspace: From the verified request.
        key: What was asked about.
        seq: Of the question in the assumption's history.
        by: Who replies: the owner, or whoever was asked as the owner then; anybody in the
            project's channel where it was asked there.
        text: As typed.
        now: Aware UTC.

    Raises:
        NotFoundError: There is no such question.
        UserFixableError: The text is empty, or somebody replies who was not asked.
    """
    assumption = assumption_for(tx, workspace, key, by=by)
    asked = next((e for e in history.read(tx, workspace, key) if e.seq == seq), None)
    if asked is None or not isinstance(asked.what, OwnerAsked) or asked.by is None:
        raise NotFoundError(f"I find no such question about {key} any more.")
    project = projects.get(tx, workspace, key.project)
    listeners: list[UserId | ChannelId] = [by]
    if project is not None:
        listeners.append(project.channel)
    told = {
        to: MessageKey(kind=MessageKind.OWNER_ASKED, about=str(key), to=to, occasion=str(seq))
        for to in listeners
    }
    got_it = [to for to, message in told.items() if outbox.exists(tx, workspace, message)]
    sight = sight_of(tx, workspace, reader_for(tx, workspace, by))
    if not may_reply(sight, assumption, asked=got_it):
        raise UserFixableError("Only the owner can reply to this.")
    if not text.strip():
        raise UserFixableError("Write your reply first.")
    replied = OwnerReplied(to=seq, text=text)
    reply_seq = history.append(tx, workspace, key, replied, by=by, at=now)
    reply = MessageKey(
        kind=MessageKind.OWNER_REPLIED, about=str(key), to=asked.by, occasion=str(reply_seq)
    )
    outbox.want(tx, workspace, reply, now=now)
    outbox.refresh_occasion(tx, workspace, MessageKind.OWNER_ASKED, str(key), str(seq), now=now)
    log.info("owner.replied", assumption=str(key))
    return asked.by


def read_owner_asked(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> OwnerAskedContent | None:
    assumption, seq = about(tx, message), int(message.key.occasion)
    if assumption is None:
        return None
    events = history.read(tx, message.workspace, assumption.key)
    asked = next((e for e in events if e.seq == seq), None)
    if asked is None or asked.by is None or not isinstance(asked.what, OwnerAsked):
        return None
    return OwnerAskedContent(
        assumption=assumption,
        asker=asked.by,
        text=asked.what.text,
        seq=seq,
        replies=tuple(
            e.what.text for e in events if isinstance(e.what, OwnerReplied) and e.what.to == seq
        ),
    )


def read_owner_replied(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> OwnerRepliedContent | None:
    assumption = about(tx, message)
    if assumption is None:
        return None
    events = {e.seq: e for e in history.read(tx, message.workspace, assumption.key)}
    replied = events.get(int(message.key.occasion))
    if replied is None or replied.by is None or not isinstance(replied.what, OwnerReplied):
        return None
    asked = events[replied.what.to].what
    reader = UserId(message.key.to)
    return OwnerRepliedContent(
        assumption=assumption,
        owner=replied.by,
        question=asked.text if isinstance(asked, OwnerAsked) else "",
        text=replied.what.text,
        is_open=assumption.is_open
        and any(p.user == reader and not p.is_released for p in assumption.stakeholders),
    )
