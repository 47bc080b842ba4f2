"""Sending what was decided: claim a message, read what it says now, record what became of it."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from zlib import crc32

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import ladder
from bot.domain.assumption import Assumption, Status
from bot.domain.breaker import BreakerState
from bot.domain.cadence import Cadence
from bot.domain.chain import passed_on_by
from bot.domain.errors import NotFoundError
from bot.domain.history import Asked, ContestDecided, Event, OwnerAsked, OwnerReplied
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.outbox import NOTHING_TO_SAY, Message, MessageKey, MessageKind, MessageState
from bot.domain.permission import OPERATOR, Reader
from bot.domain.prompt import QUESTIONS, Planned, Prompt, PromptKind, PromptState
from bot.domain.validation import UNDO_WINDOW, Validation
from bot.domain.working_time import is_working, next_working_moment, spread_of
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt
from bot.store import project as projects
from bot.usecases import notice
from bot.usecases.assumption import confirmed_traces, sees
from bot.usecases.breaker import breaker_of, state_then
from bot.usecases.cadence import cadence_for
from bot.usecases.channel import is_person, is_shared
from bot.usecases.contents import (
    AskContent,
    CardContent,
    Content,
    DependsContent,
    HandedBackContent,
    MeasureContent,
    OwnerAskedContent,
    OwnerRepliedContent,
    PausedContent,
    Question,
    RefutedContent,
    SetbackContent,
    StaleContent,
    UnansweredContent,
)
from bot.usecases.dependency import read_shaken
from bot.usecases.follow import concerned, refresh_homes
from bot.usecases.home import read_home
from bot.usecases.owner import is_there
from bot.usecases.ports import (
    Accepted,
    Ambiguous,
    Blocked,
    Failed,
    NotSent,
    Outcome,
    Refused,
)
from bot.usecases.prompt import FULL, hearer_of, slack_refused
from bot.usecases.setback_list import read_setback
from bot.usecases.working_time import calendar_of

log = structlog.get_logger()

_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=15)
_UNINVITED = frozenset({"not_in_channel", "channel_not_found"})
_INVITED_WITHIN = 680  # attempts: at a quarter of an hour each, about a week
BLOCKED_WAIT = timedelta(minutes=1)  # until a blocked workspace is tried again
_TODAY = timedelta(hours=12)  # how long a day's message is today's
_FAULTS_MAX = 5  # tries of a message that the bot itself fails at


# Slack's words for a person whom we cannot write to. An update of a message says them too, but by
# then its questions have been sent, so that nothing is taken back.
_UNREACHABLE = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
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
) -> list[Claimed[Message]]:
    """Take up to `limit` messages that are due at `now`, each with its lease.

    New messages to the places of `passing_over` are left where they are; updates are not.
    """
    claimed = outbox.claim_due(tx, now=now, limit=limit, lease=lease, passing_over=passing_over)
    return [one for one in claimed if not _is_put_off(tx, one, now=now)]


_LATE = timedelta(minutes=5)  # what is sent sooner was decided for this moment
_IN_WORKING_TIME = frozenset(
    {MessageKind.ASK, MessageKind.UNANSWERED, MessageKind.STALE, MessageKind.MEASURE}
)


def _is_put_off(tx: Connection, claimed: Claimed[Message], *, now: datetime) -> bool:
    """Put a message off that Slack did not take in time, where its reader is not at work now.

    Questions of an earlier day are planned anew: else those of several days, each with its own
    message, would come together. What may have been sent is left alone.
    """
    message = claimed.item
    is_late = message.attempts > 1 or now - message.due_at > _LATE
    if message.key.kind not in _IN_WORKING_TIME or message.ts is not None or not is_late:
        return False
    workspace, to = message.workspace, message.key.to
    carried = prompt.of_batch(tx, workspace, message.key.occasion)
    is_channel = projects.of_channel(tx, workspace, ChannelId(to)) is not None
    if message.state is not MessageState.PENDING or is_channel or not carried:
        return False
    wt = calendar_of(tx, workspace, UserId(to), now=now)
    if message.key.kind is not MessageKind.ASK:
        if is_working(now, wt):
            return False
        return give_back(tx, claimed, due_at=next_working_moment(now, wt))
    decided_at = carried[0].attempted_at or now
    today = now.astimezone(wt.zone).date()
    if is_working(now, wt) and decided_at.astimezone(wt.zone).date() == today:
        return False
    prompt.give_back(tx, workspace, message.key.occasion, due_at=now, waited=_NO_SLACK)
    nothing_to_say(tx, claimed)
    return True


_NO_SLACK = "Slack could not be reached that day"


def next_due(tx: Connection) -> datetime | None:
    return outbox.next_due(tx)


def read_message(
    tx: Connection, message: Message, *, now: datetime, cadence: Cadence
) -> Content | None:
    """Return what the message says at `now`; None where there is nothing to say any more."""
    reader = _READERS[message.key.kind]
    return reader(tx, message, now, cadence)


def nothing_to_say(tx: Connection, claimed: Claimed[Message]) -> None:
    outbox.drop(tx, claimed, error=NOTHING_TO_SAY)


def give_back(tx: Connection, claimed: Claimed[Message], *, due_at: datetime) -> bool:
    """Free a message that was not begun, so that anybody may send it from `due_at` on."""
    message = claimed.item
    return outbox.failed(
        tx,
        claimed,
        state=message.state,
        due_at=due_at,
        error=message.error,
        is_repeat=message.is_repeat,
    )


def accepted(
    tx: Connection, claimed: Claimed[Message], outcome: Accepted, *, now: datetime, cadence: Cadence
) -> bool:
    """Record that Slack has the message; for an ask, plan what follows if nobody answers.

    Returns:
        False where the lease had been lost: another worker has the message, nothing was written.
    """
    message = claimed.item
    is_recorded = outbox.sent(
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
    if message.ts is None and message.key.occasion:
        for sent in prompt.sent(
            tx,
            message.workspace,
            message.key.occasion,
            channel=outcome.channel,
            ts=outcome.ts,
            at=now,
        ):
            _after_sent(tx, sent, to=message.key.to, now=now, cadence=cadence)
    log.info(
        "message.updated" if message.ts else "message.sent",
        kind=message.key.kind.value,
        about=message.key.about,
        attempts=message.attempts,
    )
    return True


def _show_at_home(tx: Connection, message: Message, *, now: datetime) -> None:
    """Let the Homes show an assumption that has just been logged.

    Its card was tried for the first time: logging itself has no statement to spare.
    """
    is_new = message.key.kind is MessageKind.CARD and message.ts is None and message.attempts <= 1
    assumption = _about(tx, message) if is_new else None
    if assumption is not None:
        project = projects.get(tx, message.workspace, assumption.key.project)
        seen_by = concerned(assumption, project)
        refresh_homes(tx, message.workspace, seen_by, now=now, by=assumption.logged_by)


def _after_sent(tx: Connection, sent: Prompt, *, to: str, now: datetime, cadence: Cadence) -> None:
    """Write that the person was asked, and plan the next step of the ladder."""
    key = sent.key
    if key.kind in {PromptKind.ASK, PromptKind.REMIND, PromptKind.REFRESH}:
        asked = Asked(
            stakeholder=key.stakeholder, kind=key.kind, round=key.round, attempt=key.attempt
        )
        history.append(tx, sent.workspace, key.assumption, asked, by=None, at=now)
    if key.kind is PromptKind.REMIND:
        _fold_earlier(tx, sent, now=now)
    assumption = assumptions.get(tx, sent.workspace, key.assumption)
    if assumption is None or not assumption.is_open or sent.state is not PromptState.SENT:
        return
    wt = calendar_of(tx, sent.workspace, key.stakeholder, now=now)
    if assumption.is_accepted(now.astimezone(wt.zone).date()):
        return  # accepted while the message was on its way: the question comes back on that day
    cadence = cadence_for(tx, sent.workspace, key.assumption.project, cadence)
    step = ladder.next_step(
        key,
        impact=assumption.impact,
        sent_at=now,
        wt=wt,
        spread=spread_of(sent.workspace, key.stakeholder),
        cadence=cadence,
    )
    step = _to_somebody_new(tx, step, assumption, told=to, cadence=cadence)
    if step is not None:
        prompt.plan(tx, sent.workspace, step)


def _to_somebody_new(
    tx: Connection, step: Planned | None, assumption: Assumption, *, told: str, cadence: Cadence
) -> Planned | None:
    """Pass over a step whose hearer was told just now: an owner who leads the project as well."""
    project = projects.get(tx, assumption.workspace, assumption.key.project)
    while step is not None and project is not None and step.key.kind is PromptKind.ESCALATE:
        hearer = hearer_of(tx, step.key, assumption, project)
        is_channel_s_later = (
            hearer == project.channel and 1 < step.key.attempt < cadence.escalation.steps
        )
        if hearer != told and not is_channel_s_later:
            break
        step = ladder.told_to_the_next(step, cadence)
    return step


def _fold_earlier(tx: Connection, sent: Prompt, *, now: datetime) -> None:
    """Leave one copy of a question with buttons: the newest."""
    key = sent.key
    earlier = {
        one.batch
        for one in prompt.of_assumption(tx, sent.workspace, key.assumption)
        if one.key.stakeholder == key.stakeholder
        and one.key.round == key.round
        and one.key.kind in QUESTIONS
        and one.batch not in {None, sent.batch}
    }
    for batch in sorted(batch for batch in earlier if batch):
        told = MessageKey(kind=MessageKind.ASK, about="", to=key.stakeholder, occasion=batch)
        outbox.want(tx, sent.workspace, told, now=now)


def not_accepted(
    tx: Connection, claimed: Claimed[Message], outcome: Outcome, *, now: datetime
) -> bool:
    """Record a send that did not end well; what may be tried again is due later, with a back-off.

    An update is harmless twice, so an ambiguous one is simply repeated. An ambiguous post is
    looked up, else repeated with a mark, since Slack may have shown the first; not having been
    sent this time says nothing about the time before.
    """
    message = claimed.item
    is_repeat, due_at = message.is_repeat, now + _back_off(message)
    match _unless_invited(message, outcome):
        case NotSent(cause=cause, retry_after=wait):
            state = message.state
            due_at = due_at if wait is None else now + wait
        case Ambiguous(cause=cause):
            state, is_repeat = MessageState.UNKNOWN, message.ts is None
        case Blocked(cause=cause):
            state, due_at = message.state, now + BLOCKED_WAIT
        case Failed(cause=cause) if message.attempts < _FAULTS_MAX:
            state, is_repeat = MessageState.UNKNOWN, message.ts is None
        case Refused(cause=cause) | Failed(cause=cause):
            state = MessageState.DEAD
            if message.key.kind is MessageKind.ASK and cause in _UNREACHABLE:
                slack_refused(tx, message.workspace, message.key.occasion, now=now)
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
    return outbox.failed(tx, claimed, state=state, due_at=due_at, error=cause, is_repeat=is_repeat)


def _unless_invited(message: Message, outcome: Outcome) -> Outcome:
    """Take a refusal for want of an invitation as not sent yet: a channel's message is tried on."""
    is_for_a_channel = message.key.kind in {MessageKind.CARD, MessageKind.SETBACK}
    match outcome:
        case Refused(cause=cause) if (
            is_for_a_channel and cause in _UNINVITED and message.attempts < _INVITED_WITHIN
        ):
            return NotSent(cause=cause)
        case _:
            return outcome


def _back_off(message: Message) -> timedelta:
    """About 5 s, 10 s, 20 s … 15 minutes; each message its own, so that not all come at once."""
    longest = min(_FIRST_RETRY * (1 << min(max(message.attempts - 1, 0), 10)), _LONGEST_RETRY)
    seed = f"{message.workspace} {message.key} {message.attempts}"
    return longest * (0.75 + crc32(seed.encode()) % 1000 / 4000)


def _read_card(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> CardContent | None:
    assumption = _about(tx, message)
    project = projects.get(tx, message.workspace, assumption.key.project) if assumption else None
    if assumption is None or project is None:
        return None
    events = history.read(tx, message.workspace, assumption.key)
    latest = _newest_first(events, assumption.key)
    return CardContent(
        assumption=assumption,
        project=project,
        validations=latest,
        traces=confirmed_traces(tx, message.workspace, assumption.key, reader=readers_of(message)),
        now=now,
        is_contested=rules.is_contested(events, assumption.key),
        gone=frozenset(one.by for one in latest if not is_there(tx, message.workspace, one.by)),
        is_shared=is_shared(tx, message.workspace, project.channel),
    )


def _read_ask(
    tx: Connection, message: Message, now: datetime, cadence: Cadence
) -> AskContent | None:
    to = UserId(message.key.to)
    asked = prompt.of_batch(tx, message.workspace, message.key.occasion)
    found = (_question(tx, one, now=now, cadence=cadence) for one in asked)
    questions = tuple(
        sorted(
            (question for question in found if question is not None),
            key=lambda question: -question.assumption.impact.weight,
        )
    )
    worth_sending = message.ts is not None or any(not q.closed for q in questions)
    if not questions or not worth_sending:
        return None
    waiting = _waiting_behind(tx, asked, now=now)
    return AskContent(to=to, questions=questions, now=now, waiting=waiting)


def _waiting_behind(tx: Connection, asked: Iterable[Prompt], *, now: datetime) -> int:
    """Count what found no room in a message of today; of an older one nobody needs to know."""
    one = next(iter(asked), None)
    if one is None or one.attempted_at is None or now - one.attempted_at > _TODAY:
        return 0
    planned = prompt.planned_for(tx, one.workspace, one.key.stakeholder)
    return sum(1 for other in planned if other.waited == FULL)


def _question(tx: Connection, asked: Prompt, *, now: datetime, cadence: Cadence) -> Question | None:
    assumption = assumptions.get(tx, asked.workspace, asked.key.assumption)
    if assumption is None:
        return None
    cadence = cadence_for(tx, asked.workspace, assumption.key.project, cadence)
    who, round_ = asked.key.stakeholder, asked.key.round
    events = history.read(tx, asked.workspace, assumption.key)
    latest = _newest_first(events, assumption.key)
    own = next((v for v in latest if v.by == who and v.round >= round_), None)
    return Question(
        assumption=assumption,
        prompt=asked,
        answer=own,
        answered_by_others=tuple(
            v for v in latest if v.by != who and asked.sent_at and v.at >= asked.sent_at
        ),
        passed_on_by=passed_on_by(events, who),
        closed=_why_closed(assumption, who, own),
        is_asked_below=_is_asked_below(tx, asked),
        requires_evidence=cadence.rhythms[assumption.impact].requires_evidence,
        undo_until=own.at + UNDO_WINDOW if own and now < own.at + UNDO_WINDOW else None,
    )


def _is_asked_below(tx: Connection, asked: Prompt) -> bool:
    """Whether a later message to the person asks the same."""
    return asked.sent_at is not None and any(
        one.key.stakeholder == asked.key.stakeholder
        and one.key.kind in QUESTIONS
        and one.sent_at is not None
        and one.sent_at > asked.sent_at
        for one in prompt.of_assumption(tx, asked.workspace, asked.key.assumption)
    )


def _why_closed(assumption: Assumption, who: UserId, own: Validation | None) -> str:
    if own is not None:
        return "You answered this."
    if assumption.status is Status.RETIRED:
        return "Retired: it no longer matters."
    person = next((p for p in assumption.stakeholders if p.user == who), None)
    if person is None or person.is_released:
        return "You are not asked about this any more."
    return ""


def _read_refuted(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> RefutedContent | None:
    assumption = _about(tx, message)
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


def _read_stale(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> StaleContent | None:
    assumption = _about(tx, message)
    if assumption is None or not (message.ts or assumption.is_stale(now)):
        return None
    return StaleContent(assumption=assumption, owner_left=_has_left(tx, assumption))


def _has_left(tx: Connection, assumption: Assumption) -> bool:
    return not is_there(tx, assumption.workspace, assumption.owner)


def _read_measure(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> MeasureContent | None:
    assumption = _about(tx, message)
    if assumption is None or assumption.expected is None:
        return None
    return MeasureContent(assumption=assumption, owner_left=_has_left(tx, assumption))


def _read_unanswered(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> UnansweredContent | None:
    assumption = _about(tx, message)
    told = prompt.of_batch(tx, message.workspace, message.key.occasion)
    if assumption is None or not told:
        return None
    key = told[0].key
    asked = [
        p
        for p in prompt.of_assumption(tx, message.workspace, assumption.key)
        if p.key.stakeholder == key.stakeholder
        and p.key.round == key.round
        and p.key.kind is not PromptKind.ESCALATE
        and p.sent_at is not None
    ]
    return UnansweredContent(
        assumption=assumption,
        stakeholder=key.stakeholder,
        asked_times=len(asked),
        step=key.attempt,
        owner_left=key.attempt == 1 and _has_left(tx, assumption),
        is_owner=message.key.to == assumption.owner,
    )


def _read_setback(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> SetbackContent | None:
    try:
        number, readers = int(message.key.about), readers_of(message)
        return read_setback(tx, message.workspace, number, reader=readers, now=now)
    except NotFoundError:
        return None


def _read_handed_back(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> HandedBackContent | None:
    assumption = _about(tx, message)
    if assumption is None:
        return None
    released = rules.release_of(
        history.read(tx, message.workspace, assumption.key), int(message.key.occasion)
    )
    if released is None:
        return None
    is_asked_again = any(
        p.user == released.stakeholder and not p.is_released for p in assumption.stakeholders
    )
    if is_asked_again and message.ts is None:
        return None
    return HandedBackContent(
        assumption=assumption,
        stakeholder=released.stakeholder,
        reason=released.reason,
        is_taken_back=is_asked_again,
    )


def _read_depends(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> DependsContent | None:
    assumption = _about(tx, message)
    if assumption is None:
        return None
    given = rules.validations(history.read(tx, message.workspace, assumption.key), assumption.key)
    unsure = next((v for v in given if str(v.seq) == message.key.occasion), None)
    if unsure is None or (unsure.undone_at is not None and message.ts is None):
        return None
    return DependsContent(assumption=assumption, validation=unsure)


def _read_owner_asked(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> OwnerAskedContent | None:
    assumption, seq = _about(tx, message), int(message.key.occasion)
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


def _read_owner_replied(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> OwnerRepliedContent | None:
    assumption = _about(tx, message)
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


def _read_paused(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> PausedContent | None:
    workspace, person, reader = message.workspace, UserId(message.key.about), message.key.to
    state = state_then(breaker_of(tx, workspace, person), message.key.occasion, now)
    if message.ts is None and state is not BreakerState.OPEN:
        return None
    asked = assumptions.asked_of(tx, workspace, person)
    leads = {
        key for key in {one.key.project for one in asked} if _lead(tx, workspace, key) == reader
    }
    return PausedContent(
        person=person,
        state=state,
        until=datetime.fromisoformat(message.key.occasion),
        assumptions=tuple(
            one
            for one in asked
            if one.owner == reader or (one.owner == person and one.key.project in leads)
        ),
    )


def _lead(tx: Connection, workspace: WorkspaceId, key: ProjectKey) -> UserId | None:
    project = projects.get(tx, workspace, key)
    return project.lead if project else None


def _about(tx: Connection, message: Message) -> Assumption | None:
    """Return what the message is about; None where not all who would read it in a channel may."""
    key = AssumptionKey.parse(message.key.about)
    found = assumptions.get(tx, message.workspace, key) if key else None
    return found if found is not None and sees(tx, readers_of(message), found) else None


def readers_of(message: Message) -> Reader:
    """Return who reads it: everybody in a channel; a person is told only what concerns them."""
    to = message.key.to
    return OPERATOR if is_person(to) else Reader.audience(ChannelId(to))


def _newest_first(events: Iterable[Event], key: AssumptionKey) -> tuple[Validation, ...]:
    """The latest answer of each stakeholder that was not taken back, newest first."""
    latest = rules.current(rules.validations(events, key))
    return tuple(sorted(latest, key=lambda v: v.seq, reverse=True))


_Reader = Callable[[Connection, Message, datetime, Cadence], Content | None]
_READERS: dict[MessageKind, _Reader] = {
    MessageKind.CARD: _read_card,
    MessageKind.ASK: _read_ask,
    MessageKind.REFUTED: _read_refuted,
    MessageKind.STALE: _read_stale,
    MessageKind.UNANSWERED: _read_unanswered,
    MessageKind.SETBACK: _read_setback,
    MessageKind.HANDED_BACK: _read_handed_back,
    MessageKind.DEPENDS: _read_depends,
    MessageKind.OWNER_ASKED: _read_owner_asked,
    MessageKind.OWNER_REPLIED: _read_owner_replied,
    MessageKind.MEASURE: _read_measure,
    MessageKind.SHAKEN: read_shaken,
    MessageKind.DIGEST: notice.read_digest,
    MessageKind.CYCLE_START: notice.read_cycle_start,
    MessageKind.RETROSPECTIVE: notice.read_retrospective,
    MessageKind.PAUSED: _read_paused,
    MessageKind.HOME: read_home,
}
