"""Answering in words: which questions a thread holds, and taking back what was understood."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.history import Event, StakeholderAdded, StakeholderReleased
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.prompt import PromptKey, PromptState
from bot.domain.validation import UNDO_WINDOW
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt
from bot.usecases.assumption import (
    AssumptionRetiredError,
    assumption_for,
    get_assumption,
    refold,
    refresh_messages,
)
from bot.usecases.release import ask_someone_else, hand_back
from bot.usecases.renewal import renew
from bot.usecases.validation import NotAskedError, UndoTooLateError

log = structlog.get_logger()

_TOOK_BACK = "took it back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """What the message that a thread hangs on asks its reader; both empty: it asks nothing."""

    open: tuple[PromptKey, ...] = ()
    closed: tuple[PromptKey, ...] = ()  # answered, retired, or not theirs any more
    owner_asked: tuple[AssumptionKey, int] | None = None  # what somebody asks its reader as owner


def read_thread(
    tx: Connection, workspace: WorkspaceId, channel: ChannelId, ts: MessageTs, *, by: UserId
) -> Thread:
    """Return what the bot's message at that place asks `by`."""
    told = outbox.by_ts(tx, workspace, channel, ts)
    if told is not None and told.key.kind is MessageKind.OWNER_ASKED and told.key.to == by:
        key = AssumptionKey.parse(told.key.about)
        return Thread(owner_asked=(key, int(told.key.occasion)) if key else None)
    asked = [p for p in prompt.of_message(tx, workspace, channel, ts) if p.key.stakeholder == by]
    known = assumptions.get_many(tx, workspace, {p.key.assumption for p in asked})
    is_open = {
        p.key: p.state is PromptState.SENT
        and p.key.assumption in known
        and known[p.key.assumption].is_open
        and any(s.user == by and not s.is_released for s in known[p.key.assumption].stakeholders)
        for p in asked
    }
    return Thread(
        open=tuple(key for key, yes in is_open.items() if yes),
        closed=tuple(key for key, yes in is_open.items() if not yes),
    )


def decline(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    now: datetime,
    cadence: Cadence,
) -> int:
    """*Not mine*, in words; return what `take_back` needs."""
    hand_back(tx, workspace, key, by=by, now=now, cadence=cadence)
    return _last_release(history.read(tx, workspace, key), by)


def pass_on(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    to: Member,
    now: datetime,
    cadence: Cadence,
) -> int:
    """*Ask someone else*, in words; return what `take_back` needs."""
    ask_someone_else(tx, workspace, key, by=by, to=to, now=now, cadence=cadence)
    return _last_release(history.read(tx, workspace, key), by)


def _last_release(events: list[Event], user: UserId) -> int:
    return max(
        e.seq
        for e in events
        if isinstance(e.what, StakeholderReleased) and e.what.stakeholder == user
    )


def take_back(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    seq: int,
    now: datetime,
    cadence: Cadence,
) -> None:
    """Undo one's own *not mine* or passing on within ten minutes: the person is asked as before.

    Whoever the question was passed on to is not asked any more, unless they have answered.

    Args:
        tx: The transaction.
        workspace: From the verified request.
        key: What the question is about.
        by: Who takes it back.
        seq: Of their release in the history.
        now: Aware UTC.
        cadence: The settings'; the project's goes before it.

    Raises:
        NotFoundError, AssumptionRetiredError, NotAskedError, UndoTooLateError: As named.
    """
    assumption = assumption_for(tx, workspace, key, by=by)
    events = history.read(tx, workspace, key)
    released = next((e for e in events if e.seq == seq and e.by == by), None)
    person = next((p for p in assumption.stakeholders if p.user == by), None)
    if released is None or person is None or not isinstance(released.what, StakeholderReleased):
        raise NotAskedError(key)
    if not person.is_released:
        return
    if assumption.status is Status.RETIRED:
        raise AssumptionRetiredError(key)
    if now > released.at + UNDO_WINDOW:
        raise UndoTooLateError
    assumptions.put_stakeholder(tx, workspace, key, replace(person, is_released=False))
    again = StakeholderAdded(stakeholder=by, reason=_TOOK_BACK)
    history.append(tx, workspace, key, again, by=by, at=now)
    prompt.reopen(tx, workspace, key, by, outcome=released.what.reason)
    for heir in _heirs(events, seq, by):
        _release_heir(tx, workspace, key, heir, assumption.stakeholders, by=by, now=now)
    after = refold(tx, get_assumption(tx, workspace, key, reader=OPERATOR))
    renew(tx, after, now=now, cadence=cadence)
    outbox.refresh_occasion(tx, workspace, MessageKind.HANDED_BACK, str(key), str(seq), now=now)
    refresh_messages(tx, after, now=now)
    log.info("release.taken_back", assumption=str(key))


def _heirs(events: list[Event], seq: int, by: UserId) -> list[UserId]:
    """Return to whom the question was passed on, and to whom they passed it on in turn."""
    heirs: list[UserId] = []
    heir = _asked_instead(events, seq, by)
    while heir is not None and heir not in heirs:
        heirs.append(heir)
        passing = next((e for e in events if e.seq > seq and _releases(e, heir)), None)
        heir = _asked_instead(events, passing.seq, heir) if passing is not None else None
    return heirs


def _releases(event: Event, user: UserId) -> bool:
    """Whether the person let go of the question themselves."""
    return (
        isinstance(event.what, StakeholderReleased)
        and event.what.stakeholder == user
        and event.by == user
    )


def _asked_instead(events: list[Event], seq: int, by: UserId) -> UserId | None:
    following = next((e for e in events if e.seq == seq + 1), None)
    if following is None or following.by != by:
        return None
    return following.what.stakeholder if isinstance(following.what, StakeholderAdded) else None


def _release_heir(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    heir: UserId,
    stakeholders: tuple[Stakeholder, ...],
    *,
    by: UserId,
    now: datetime,
) -> None:
    person = next((p for p in stakeholders if p.user == heir and not p.is_released), None)
    answered = any(
        p.key.stakeholder == heir and p.state is PromptState.ANSWERED
        for p in prompt.of_assumption(tx, workspace, key)
    )
    if person is None or answered:
        return
    assumptions.put_stakeholder(tx, workspace, key, replace(person, is_released=True))
    gone = StakeholderReleased(stakeholder=heir, reason=_TOOK_BACK)
    history.append(tx, workspace, key, gone, by=by, at=now)
    prompt.cancel(tx, workspace, key, stakeholder=heir, outcome=_TOOK_BACK)
