"""What will be asked of a person, when, and why then."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import digest
from bot.domain.assumption import Assumption
from bot.domain.attention import Attention
from bot.domain.breaker import BreakerState
from bot.domain.digest import Waiting
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import WorkingTime
from bot.domain.permission import Reader
from bot.domain.prompt import QUESTIONS, Prompt, PromptKind
from bot.domain.working_time import next_asking_moment, next_working_morning, spread_of
from bot.store import assumption as assumptions
from bot.store import attention as attentions
from bot.store import prompt
from bot.usecases import breaker
from bot.usecases.assumption import get_assumption
from bot.usecases.prompt import FULL, HAD_ONE
from bot.usecases.working_time import calendar_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """One planned prompt, and when it will go out if nobody answers anything before."""

    prompt: Prompt
    assumption: Assumption
    at: datetime  # aware UTC, in the person's working time
    why: str  # why it is asked, and why then; a sentence without its full stop


def due_for(
    tx: Connection, workspace: WorkspaceId, user: UserId, *, now: datetime
) -> list[Upcoming]:
    """Return what will be asked of that person, soonest first, as if they never answered.

    Each message of a day holds what `digest.choose` will choose; the others come a day later.
    """
    planned = [p for p in prompt.planned_for(tx, workspace, user) if p.key.kind in QUESTIONS]
    known = assumptions.get_many(tx, workspace, [one.key.assumption for one in planned])
    wt = calendar_of(tx, workspace, user, now=now)
    attention = attentions.get(tx, workspace, user)
    waiting = [
        _not_before(one, known[one.key.assumption], attention, wt=wt, now=now)
        for one in planned
        if known[one.key.assumption].is_open
    ]
    sent = _day_by_day(waiting, known, attention, wt=wt, now=now)
    return sorted(sent, key=lambda one: (one.at, -one.assumption.impact.weight, one.prompt.key))


def next_prompt(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, reader: Reader, now: datetime
) -> Upcoming | None:
    """Return what happens next about an assumption; None where nothing is planned.

    Raises:
        NotFoundError: There is none of that key here, or the reader may not see it.
    """
    found = get_assumption(tx, workspace, key, reader=reader)
    planned = [p for p in prompt.of_assumption(tx, workspace, key) if p.is_planned]
    if not found.is_open or not planned:
        return None
    asked = {one.key.stakeholder for one in planned if one.key.kind in QUESTIONS}
    coming = [
        one
        for user in asked
        for one in due_for(tx, workspace, user, now=now)
        if one.prompt.key.assumption == key
    ]
    told = [
        Upcoming(prompt=one, assumption=found, at=max(one.due_at, now), why=_why(one))
        for one in planned
        if one.key.kind not in QUESTIONS
    ]
    return min([*coming, *told], key=lambda one: (one.at, one.prompt.key), default=None)


def _not_before(
    one: Prompt, about: Assumption, attention: Attention, *, wt: WorkingTime, now: datetime
) -> Prompt:
    """Return the prompt at the first moment that the person's hours and their pause allow."""
    spread = spread_of(one.workspace, one.key.stakeholder)
    at = next_asking_moment(max(one.due_at, now), wt, spread)
    until = attention.breaker.open_until
    is_new = one.key.kind is not PromptKind.REMIND
    if is_new and until is not None and attention.breaker.state(at) is BreakerState.OPEN:
        later = next_working_morning(until, wt, spread)
        return replace(one, due_at=later, waited=breaker.WAITED)
    return replace(one, due_at=at)


def _day_by_day(
    waiting: Iterable[Prompt],
    known: dict[AssumptionKey, Assumption],
    attention: Attention,
    *,
    wt: WorkingTime,
    now: datetime,
) -> list[Upcoming]:
    left = {one.key: one for one in waiting}
    sent: list[Upcoming] = []
    while left:
        at = min(one.due_at for one in left.values())
        choice = digest.choose(
            (
                Waiting(
                    key=one.key,
                    impact=known[one.key.assumption].impact,
                    first_due_at=one.first_due_at,
                )
                for one in left.values()
                if one.due_at <= at
            ),
            had_digest=attention.had_digest(at, wt),
            had_urgent=attention.had_urgent(at, wt),
            now=at,
        )
        urgent = () if choice.urgent is None else (choice.urgent,)
        for chosen in (*choice.digest, *urgent):
            one = left.pop(chosen.key)
            about = known[one.key.assumption]
            sent.append(Upcoming(prompt=one, assumption=about, at=at, why=_why(one)))
        attention = replace(
            attention,
            digest_at=at if choice.digest else attention.digest_at,
            urgent_at=at if choice.urgent else attention.urgent_at,
        )
        for late in choice.later:
            one = left[late.key]
            spread = spread_of(one.workspace, one.key.stakeholder)
            due_at = next_working_morning(at, wt, spread)
            waited = FULL if choice.digest else HAD_ONE
            left[late.key] = replace(one, due_at=due_at, waited=waited)
    return sent


def _why(one: Prompt) -> str:
    return f"{one.reason}; later than planned, since {one.waited}" if one.waited else one.reason
