"""Sending what was decided: claim a message, read what it says now, record what became of it."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from zlib import crc32

import structlog
from sqlalchemy import Connection

from bot.domain.cadence import Cadence
from bot.domain.errors import NotFoundError
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.outbox import NOTHING_TO_SAY, OUR_FAULT, Message, MessageKind, MessageState
from bot.domain.working_time import is_working, next_working_moment
from bot.store import outbox, outbox_claim, prompt, slack_wait
from bot.store import project as projects
from bot.store.alone import is_of_the_row
from bot.usecases import ladder, notice
from bot.usecases.actual import read_measure
from bot.usecases.audience import about, readers_of
from bot.usecases.breaker import read_paused
from bot.usecases.card import read_card
from bot.usecases.channel import is_shared
from bot.usecases.contents import (
    Content,
    SetbackContent,
)
from bot.usecases.dependency import read_shaken
from bot.usecases.escalation import read_unanswered
from bot.usecases.expiry import read_stale
from bot.usecases.follow import concerned, refresh_homes
from bot.usecases.given_up import ask_anew
from bot.usecases.home import read_home
from bot.usecases.ports import (
    Accepted,
    Ambiguous,
    Blocked,
    Failed,
    NotSent,
    Outcome,
    Refused,
)
from bot.usecases.question import read_ask
from bot.usecases.refutation import read_refuted
from bot.usecases.relay import read_owner_asked, read_owner_replied
from bot.usecases.replacement import slack_refused
from bot.usecases.setback_list import read_setback
from bot.usecases.sharing import read_shared
from bot.usecases.split import read_depends
from bot.usecases.stakeholder import read_handed_back
from bot.usecases.step import read_step
from bot.usecases.working_time import calendar_of

log = structlog.get_logger()

_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=15)
_FOR_A_CHANNEL = frozenset({MessageKind.CARD, MessageKind.SETBACK})
_UNINVITED = frozenset({"not_in_channel", "channel_not_found"})
_NO_ACCESS = frozenset({"team_access_not_granted"})
_INVITED_WITHIN = 680  # attempts: at a quarter of an hour each, about a week
BLOCKED_WAIT = timedelta(minutes=1)  # until a blocked workspace is tried again
_FAULTS_MAX = 5  # tries of a message that the bot itself fails at


# Slack's words for a person whom we cannot write to. An update of a message says them too, but by
# then its questions have been sent, so that nothing is taken back.
_UNREACHABLE = frozenset(
    {
        "account deleted",
        "cannot_dm_bot",
        "channel_not_found",
        "invalid_user_combination",
        "is_inactive",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
    }
)


def claim_messages(
    tx: Connection,
    *,
    now: datetime,
    limit: int,
    lease: timedelta,
    passing_over: Collection[tuple[WorkspaceId, str]] = (),
    but_not_of: Collection[WorkspaceId] = (),
) -> list[Claimed[Message]]:
    """Take up to `limit` messages that are due at `now`, each with its lease.

    New messages to the places of `passing_over` are left where they are, but not updates; of the
    workspaces of `but_not_of` everything is.
    """
    return outbox_claim.claim_due(
        tx,
        now=now,
        limit=limit,
        lease=lease,
        passing_over=passing_over,
        but_not_of=but_not_of,
    )


def claim_suspect(tx: Connection, *, now: datetime, lease: timedelta) -> Claimed[Message] | None:
    """Take one that may be what ended the processes that had it; None: no such one is due."""
    return outbox_claim.claim_suspect(tx, now=now, lease=lease)


_LATE = timedelta(minutes=5)  # what is sent sooner was decided for this moment
_IN_WORKING_TIME = frozenset(
    {MessageKind.ASK, MessageKind.UNANSWERED, MessageKind.STALE, MessageKind.MEASURE}
)


def may_be_too_late(message: Message, *, now: datetime) -> bool:
    """Whether `put_off` has to look at it: it is for working time, and Slack did not take it."""
    is_late = message.attempts > 1 or now - message.due_at > _LATE
    is_new = message.ts is None and message.state is MessageState.PENDING
    return is_late and is_new and message.key.kind in _IN_WORKING_TIME


def put_off(tx: Connection, claimed: Claimed[Message], *, now: datetime) -> bool:
    """Put a late message off where its reader is not at work now; True: it is not to be sent.

    Questions of an earlier day are planned anew: else those of several days, each with its own
    message, would come together. What may have been sent is left alone.
    """
    message = claimed.item
    if not may_be_too_late(message, now=now):
        return False
    workspace, to = message.workspace, message.key.to
    carried = prompt.of_batch(tx, workspace, message.key.occasion)
    is_channel = projects.of_channel(tx, workspace, ChannelId(to)) is not None
    if is_channel or not carried:
        return False
    wt = calendar_of(tx, workspace, UserId(to), now=now)
    if message.key.kind is not MessageKind.ASK:
        if is_working(now, wt):
            return False
        wait = next_working_moment(now, wt) - now
        outbox_claim.give_back(tx, claimed, now=now, wait=wait, is_meant=True)
        return True
    decided_at = carried[0].attempted_at or now
    today = now.astimezone(wt.zone).date()
    if is_working(now, wt) and decided_at.astimezone(wt.zone).date() == today:
        return False
    if nothing_to_say(tx, claimed):  # else somebody else has it, and asks
        prompt.give_back(tx, workspace, message.key.occasion, due_at=now, waited=_NO_SLACK)
    return True


_NO_SLACK = "Slack could not be reached that day"


def next_due(tx: Connection) -> datetime | None:
    return outbox.next_due(tx)


def waits_since(tx: Connection) -> datetime | None:
    return outbox.waits_since(tx)


def read_message(
    tx: Connection, message: Message, *, now: datetime, cadence: Cadence
) -> Content | None:
    """Return what the message says at `now`; None where there is nothing to say any more."""
    reader = _READERS[message.key.kind]
    return reader(tx, message, now, cadence)


def read_to_send(
    tx: Connection, claimed: Claimed[Message], *, now: datetime, cadence: Cadence, left: timedelta
) -> tuple[Content | None, bool]:
    """Return what the message says, and whether it may be sent: its lease lasts `left` longer.

    It may not either where Slack asked another process to wait.
    """
    content = read_message(tx, claimed.item, now=now, cadence=cadence)
    return content, outbox_claim.may_send(tx, claimed, left=left)


def is_of_one_message(error: Exception) -> bool:
    """Whether what failed is the message's own fault, or the bot's, and not the database's."""
    return is_of_the_row(error)


def nothing_to_say(tx: Connection, claimed: Claimed[Message]) -> bool:
    """Park it; False where the lease had been lost."""
    return outbox_claim.drop(tx, claimed, error=NOTHING_TO_SAY)


def wake(tx: Connection, *, now: datetime) -> int:
    """Make due what sleeps since the clock was ahead of what it is now."""
    count = outbox.wake(tx, now=now)
    if count:
        log.warning("messages.overslept", count=count)
    return count


def give_back(tx: Connection, claimed: Claimed[Message], *, now: datetime, wait: timedelta) -> bool:
    """Free a message that was not begun, so that anybody may send it once `wait` is over."""
    return outbox_claim.give_back(tx, claimed, now=now, wait=wait, is_meant=False)


def accepted(
    tx: Connection, claimed: Claimed[Message], outcome: Accepted, *, now: datetime, cadence: Cadence
) -> bool:
    """Record that Slack has the message; for an ask, plan what follows if nobody answers.

    Returns:
        False where the lease had been lost: another worker has the message, nothing was written.
    """
    message = claimed.item
    is_recorded = outbox_claim.sent(
        tx,
        claimed,
        channel=outcome.channel,
        ts=outcome.ts,
        at=now,
        is_repeat=outcome.is_repeat,
    )
    if not is_recorded:
        log.warning("message.lease_lost", kind=message.key.kind.value, about=message.key.about)
        return False
    _show_at_home(tx, message, now=now)
    if message.key.occasion and (message.ts is None or message.error):  # as after `half_recorded`
        ladder.sent(
            tx,
            message.workspace,
            message.key.occasion,
            to=message.key.to,
            channel=outcome.channel,
            ts=outcome.ts,
            now=now,
            cadence=cadence,
        )
    log.info(
        "message.updated" if message.ts else "message.sent",
        kind=message.key.kind.value,
        about=message.key.about,
        attempts=message.attempts,
    )
    return True


def half_recorded(
    tx: Connection, claimed: Claimed[Message], outcome: Outcome, *, now: datetime
) -> bool:
    """Record no more than where Slack has it, where `accepted` or `not_accepted` fails.

    Nobody is told twice: what follows is tried again with an update of the message, and what Slack
    may not have is looked up; both are parked at last.
    """
    message = claimed.item
    state, is_repeat, place = MessageState.UNKNOWN, message.ts is None, None
    if isinstance(outcome, Accepted):
        state, is_repeat = MessageState.PENDING, outcome.is_repeat
        place = outcome.channel, outcome.ts
    return outbox_claim.failed(
        tx,
        claimed,
        state=state if message.attempts < _FAULTS_MAX else MessageState.DEAD,
        now=now,
        wait=_back_off(message),
        error=OUR_FAULT,
        is_repeat=is_repeat,
        place=place,
    )


def _show_at_home(tx: Connection, message: Message, *, now: datetime) -> None:
    """Let the Homes show an assumption that has just been logged.

    Its card was tried for the first time: logging itself has no statement to spare.
    """
    is_new = message.key.kind is MessageKind.CARD and message.ts is None and message.attempts <= 1
    assumption = about(tx, message) if is_new else None
    if assumption is not None:
        project = projects.get(tx, message.workspace, assumption.key.project)
        seen_by = concerned(assumption, project)
        refresh_homes(tx, message.workspace, seen_by, now=now, by=assumption.logged_by)


def not_accepted(
    tx: Connection, claimed: Claimed[Message], outcome: Outcome, *, now: datetime
) -> bool:
    """Record a send that did not end well; False where the lease had been lost."""
    message = claimed.item
    if _was_deleted(message, outcome):
        if is_shared(tx, message.workspace, message.channel or ChannelId(message.key.to)):
            return nothing_to_say(tx, claimed)  # another company is not shown it once more
        log.warning("message.deleted", kind=message.key.kind.value, about=message.key.about)
        return outbox_claim.post_anew(tx, claimed, due_at=now)
    match outcome:
        case NotSent(retry_after=timedelta() as asked, call=refused):
            slack_wait.begin(tx, message.workspace, refused or message.call, asked)
        case _:
            pass
    return _put_off_or_park(tx, claimed, outcome, now=now)


def _put_off_or_park(
    tx: Connection, claimed: Claimed[Message], outcome: Outcome, *, now: datetime
) -> bool:
    """Let what may be tried again be due later, with a back-off; park the rest.

    An update is harmless twice, so an ambiguous one is simply repeated. An ambiguous post is
    looked up, else repeated with a mark, since Slack may have shown the first; not having been
    sent this time says nothing about the time before.
    """
    message = claimed.item
    is_repeat, wait = message.is_repeat, _back_off(message)
    match _unless_invited(message, outcome):
        case NotSent(cause=cause, retry_after=asked):
            state = message.state
            wait = wait if asked is None else asked
        case Ambiguous(cause=cause):
            state, is_repeat = MessageState.UNKNOWN, message.ts is None
        case Blocked(cause=cause):
            state, wait = message.state, BLOCKED_WAIT
        case Failed(cause=cause, was_called=was_called) if message.attempts < _FAULTS_MAX:
            state = MessageState.UNKNOWN if was_called else message.state
            is_repeat = is_repeat or (was_called and message.ts is None)
        case Refused(cause=cause) | Failed(cause=cause):
            state = MessageState.DEAD
        case Accepted():
            raise ValueError("an accepted message goes to `accepted`")
    _show_at_home(tx, message, now=now)
    log.warning(
        "message.not_accepted",
        kind=message.key.kind.value,
        about=message.key.about,
        cause=cause,
        state=state.value,
    )
    is_recorded = outbox_claim.failed(
        tx, claimed, state=state, now=now, wait=wait, error=cause, is_repeat=is_repeat
    )
    if is_recorded and state is MessageState.DEAD and message.key.kind is MessageKind.ASK:
        _go_on_without(tx, message, cause, now=now)
    return is_recorded


def _go_on_without(tx: Connection, message: Message, cause: str, *, now: datetime) -> None:
    """Let the questions of a message that was parked be asked of another, or on another day."""
    if cause in _UNREACHABLE:
        slack_refused(tx, message.workspace, message.key.occasion, now=now)
    else:
        ask_anew(tx, message, waited=_NOT_TAKEN, now=now)


_NOT_TAKEN = "Slack did not take the message with it"


def _unless_invited(message: Message, outcome: Outcome) -> Outcome:
    """Take a refusal for want of an invitation as not sent yet: a channel's message is tried on."""
    match outcome:
        case Refused(cause=cause) if (
            message.key.kind in _FOR_A_CHANNEL
            and cause in _UNINVITED
            and message.attempts < _INVITED_WITHIN
        ):
            return NotSent(cause=cause)
        case _:
            return outcome


def invited(tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, now: datetime) -> None:
    """Let what waits for the bot's invitation be posted at once, also what waited too long."""
    waited = outbox.revive_refused(tx, workspace, channel, _UNINVITED, now=now)
    if waited:
        log.info("messages.invited", channel=channel, count=waited)


def access_granted(tx: Connection, workspace: WorkspaceId, *, now: datetime) -> None:
    """Send what an organisation's workspace had not let in: the bot may act there now."""
    waited = outbox.revive_refused(tx, workspace, None, _NO_ACCESS, now=now)
    if waited:
        log.info("messages.let_in", count=waited)


def resume_blocked(tx: Connection, workspace: WorkspaceId, *, now: datetime) -> None:
    """Let what waits since the workspace was blocked be sent at once: the bot may act there now."""
    outbox.free_late(tx, workspace, now=now, due_before=now + BLOCKED_WAIT)


def _was_deleted(message: Message, outcome: Outcome) -> bool:
    """Whether somebody deleted what a channel follows; deleted twice, it is not wanted there."""
    return (
        outcome == Refused(cause="message_not_found")
        and message.key.kind in _FOR_A_CHANNEL
        and message.ts is not None
        and message.replaces_ts is None
    )


def _back_off(message: Message) -> timedelta:
    """About 5 s, 10 s, 20 s … 15 minutes; each message its own, so that not all come at once."""
    longest = min(_FIRST_RETRY * (1 << min(max(message.attempts - 1, 0), 10)), _LONGEST_RETRY)
    seed = f"{message.workspace} {message.key} {message.attempts}"
    return longest * (0.75 + crc32(seed.encode()) % 1000 / 4000)


def _read_setback(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> SetbackContent | None:
    try:
        number, readers = int(message.key.about), readers_of(tx, message)
        return read_setback(tx, message.workspace, number, reader=readers, now=now)
    except NotFoundError:
        return None


_Reader = Callable[[Connection, Message, datetime, Cadence], Content | None]
_READERS: dict[MessageKind, _Reader] = {
    MessageKind.CARD: read_card,
    MessageKind.ASK: read_ask,
    MessageKind.REFUTED: read_refuted,
    MessageKind.STALE: read_stale,
    MessageKind.UNANSWERED: read_unanswered,
    MessageKind.SETBACK: _read_setback,
    MessageKind.HANDED_BACK: read_handed_back,
    MessageKind.DEPENDS: read_depends,
    MessageKind.OWNER_ASKED: read_owner_asked,
    MessageKind.OWNER_REPLIED: read_owner_replied,
    MessageKind.MEASURE: read_measure,
    MessageKind.SHAKEN: read_shaken,
    MessageKind.DIGEST: notice.read_digest,
    MessageKind.CYCLE_START: notice.read_cycle_start,
    MessageKind.RETROSPECTIVE: notice.read_retrospective,
    MessageKind.PAUSED: read_paused,
    MessageKind.SHARED: read_shared,
    MessageKind.STEP: read_step,
    MessageKind.HOME: read_home,
}
