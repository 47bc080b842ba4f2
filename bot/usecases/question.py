"""What the message with one question, or with the questions of a day, says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Status
from bot.domain.cadence import Cadence
from bot.domain.chain import passed_on_by
from bot.domain.digest import DIGEST_MAX
from bot.domain.history import Edited, Event, StakeholderAdded, StakeholderReleased
from bot.domain.ids import UserId
from bot.domain.outbox import Message
from bot.domain.permission import is_asked
from bot.domain.prompt import QUESTIONS, Prompt
from bot.domain.validation import UNDO_WINDOW, Validation
from bot.store import assumption as assumptions
from bot.store import history, prompt
from bot.usecases.cadence import cadence_for
from bot.usecases.card import newest_first
from bot.usecases.contents import AskContent, Question
from bot.usecases.prompt import FULL

_TODAY = timedelta(hours=12)  # how long a day's message is today's


def read_ask(
    tx: Connection, message: Message, now: datetime, cadence: Cadence
) -> AskContent | None:
    to = UserId(message.key.to)
    workspace = message.workspace
    asked = prompt.of_batch(tx, workspace, message.key.occasion)
    about = assumptions.get_many(tx, workspace, (one.key.assumption for one in asked))
    events = history.read_many(tx, workspace, about)
    cadences = {
        project: cadence_for(tx, workspace, project, cadence)
        for project in {key.project for key in about}
    }
    found = (
        _question(tx, one, about[key], events[key], now=now, cadence=cadences[key.project])
        for one in asked
        if (key := one.key.assumption) in about
    )
    questions = tuple(sorted(found, key=lambda one: -one.assumption.impact.weight))
    worth_sending = message.ts is not None or any(not q.closed for q in questions)
    if not questions or not worth_sending:
        return None
    waiting = _waiting_behind(tx, asked, now=now)
    return AskContent(to=to, questions=questions, now=now, waiting=waiting)


def _waiting_behind(tx: Connection, asked: Sequence[Prompt], *, now: datetime) -> int:
    """Count what found no room in a full message of today; of older ones nobody needs to know."""
    if len(asked) < DIGEST_MAX:
        return 0
    one = asked[0]
    if one.attempted_at is None or now - one.attempted_at > _TODAY:
        return 0
    planned = prompt.planned_for(tx, one.workspace, one.key.stakeholder)
    return sum(1 for other in planned if other.waited == FULL)


def _question(
    tx: Connection,
    asked: Prompt,
    assumption: Assumption,
    events: Sequence[Event],
    *,
    now: datetime,
    cadence: Cadence,
) -> Question:
    who, round_ = asked.key.stakeholder, asked.key.round
    latest = newest_first(events, assumption.key)
    own = next((v for v in latest if v.by == who and v.round >= round_), None)
    return Question(
        assumption=replace(assumption, statement=_last_told(assumption, events, who)),
        prompt=asked,
        answer=own,
        answered_by_others=tuple(
            v for v in latest if v.by != who and asked.sent_at and v.at >= asked.sent_at
        ),
        passed_on_by=passed_on_by(events, who),
        closed=_why_closed(assumption, who, own),
        is_asked_below=_is_asked_below(tx, asked),
        requires_evidence=cadence.rhythms[assumption.impact].requires_evidence,
        released_by=_own_release(events, who, now=now) if own is None else None,
        undo_until=own.at + UNDO_WINDOW if own and now < own.at + UNDO_WINDOW else None,
    )


def _last_told(assumption: Assumption, events: Iterable[Event], who: UserId) -> str:
    """Return the statement; to somebody who is asked no more, as it was when they were released."""
    if is_asked(who, assumption):
        return assumption.statement
    released_at: datetime | None = None
    rewordings: list[tuple[datetime, str]] = []
    for one in events:
        if isinstance(one.what, StakeholderReleased) and one.what.stakeholder == who:
            released_at = one.at
        elif isinstance(one.what, Edited):
            before = (old for field, old, _ in one.what.changes if field == "statement")
            rewordings += [(one.at, old) for old in before]
    later = (old for at, old in rewordings if released_at is not None and at >= released_at)
    return next(later, assumption.statement)


def _own_release(events: Iterable[Event], who: UserId, *, now: datetime) -> int | None:
    """Return the number of the release that the person may still take back."""
    last = next(
        (
            one
            for one in reversed(list(events))
            if isinstance(one.what, StakeholderAdded | StakeholderReleased)
            and one.what.stakeholder == who
        ),
        None,
    )
    if last is None or isinstance(last.what, StakeholderAdded) or last.by != who:
        return None
    return last.seq if now <= last.at + UNDO_WINDOW else None


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
