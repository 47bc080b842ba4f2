"""Sparing a person who does not answer: the pause, the trial, and who hears of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.domain import breaker as rules
from bot.domain.assumption import Assumption
from bot.domain.breaker import Breaker, BreakerState
from bot.domain.cadence import Cadence
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.domain.prompt import QUESTIONS, Prompt, PromptKind, PromptState
from bot.domain.working_time import next_working_morning, spread_of
from bot.store import assumption as assumptions
from bot.store import attention as attentions
from bot.store import outbox, prompt
from bot.store import project as projects
from bot.usecases.contents import PausedContent
from bot.usecases.owner import can_hear, successors
from bot.usecases.working_time import calendar_of

log = structlog.get_logger()

_ON_ITS_WAY = timedelta(days=1)  # a message that takes longer will not come

WAITED = "you had not answered for a while, so new questions were paused"


def breaker_of(tx: Connection, workspace: WorkspaceId, user: UserId) -> Breaker:
    return attentions.get(tx, workspace, user).breaker


def stayed_silent(
    tx: Connection, workspace: WorkspaceId, user: UserId, about: AssumptionKey, *, now: datetime
) -> None:
    """Count a question whose last reminder passed; the owners hear when new ones are paused."""
    before = attentions.lock(tx, workspace, user)
    after = rules.after_silence(before.breaker, about, now)
    attentions.put(tx, workspace, user, replace(before, breaker=after))
    if after.open_until is None or after.open_until == before.breaker.open_until:
        return
    for owner in _owners(tx, workspace, user):
        told = MessageKey(
            kind=MessageKind.PAUSED, about=user, to=owner, occasion=after.open_until.isoformat()
        )
        outbox.want(tx, workspace, told, now=now)
    log.info("breaker.opened", user=user, silent=after.silent_in_a_row)


def spoke_up(tx: Connection, workspace: WorkspaceId, user: UserId, *, now: datetime) -> None:
    """Any answer closes the breaker; what had to wait comes on the person's next morning."""
    if attentions.get(tx, workspace, user).breaker == Breaker():
        return
    before = attentions.lock(tx, workspace, user)
    attentions.put(tx, workspace, user, replace(before, breaker=rules.after_answer()))
    if before.breaker.open_until is None:
        return
    morning = next_working_morning(
        now, calendar_of(tx, workspace, user, now=now), spread_of(workspace, user)
    )
    for one in prompt.planned_for(tx, workspace, user):
        if one.waited == WAITED and one.key.kind in QUESTIONS and one.due_at > morning:
            prompt.move(tx, one, due_at=morning)
    tell_again(tx, workspace, user, before.breaker, now=now)
    log.info("breaker.closed", user=user)


def tell_again(
    tx: Connection, workspace: WorkspaceId, user: UserId, breaker: Breaker, *, now: datetime
) -> None:
    """Bring what the owners were told of this pause up to date, in place."""
    if breaker.open_until is not None:
        occasion = breaker.open_until.isoformat()
        outbox.refresh_occasion(tx, workspace, MessageKind.PAUSED, user, occasion, now=now)


def without_dead_trial(
    tx: Connection, workspace: WorkspaceId, user: UserId, breaker: Breaker, *, now: datetime
) -> Breaker:
    """Free the breaker of a trial that will bring neither an answer nor silence any more.

    It was retired, answered by somebody else, never reached Slack, or is not asked of them now.
    """
    if breaker.trial is None:
        return breaker
    asked = prompt.of_assumption(tx, workspace, breaker.trial)
    is_alive = any(_leads_on(one, now) for one in asked if one.key.stakeholder == user)
    return breaker if is_alive else rules.without_trial(breaker)


def _leads_on(one: Prompt, now: datetime) -> bool:
    """Whether an answer or silence will follow from it."""
    if one.state is PromptState.ATTEMPTED and one.attempted_at is not None:
        return now - one.attempted_at < _ON_ITS_WAY
    is_first_telling = one.key.kind is PromptKind.ESCALATE and one.key.attempt == 1
    return one.state is PromptState.PLANNED and (one.key.kind in QUESTIONS or is_first_telling)


def state_then(breaker: Breaker, occasion: str, now: datetime) -> BreakerState:
    """Return how the pause that was told on that occasion stands; a later one is another."""
    if breaker.open_until is None or breaker.open_until.isoformat() != occasion:
        return BreakerState.CLOSED
    return breaker.state(now)


def _owners(tx: Connection, workspace: WorkspaceId, user: UserId) -> list[UserId]:
    """Return who relies on the person's answers."""
    asked = assumptions.asked_of(tx, workspace, user)
    return sorted({one for one in (_relying(tx, about, user) for about in asked) if one})


def _relying(tx: Connection, assumption: Assumption, user: UserId) -> UserId | None:
    """Return its owner, or who stands in where that is the person or has left; None: nobody."""
    project = projects.get(tx, assumption.workspace, assumption.key.project)
    others = (one for one in successors(tx, assumption, project) if one != user)
    return next((one for one in others if can_hear(tx, assumption, one)), None)


def read_paused(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> PausedContent | None:
    workspace, person, reader = message.workspace, UserId(message.key.about), message.key.to
    state = state_then(breaker_of(tx, workspace, person), message.key.occasion, now)
    if message.ts is None and state is not BreakerState.OPEN:
        return None
    asked = assumptions.asked_of(tx, workspace, person)
    return PausedContent(
        person=person,
        state=state,
        until=datetime.fromisoformat(message.key.occasion),
        assumptions=tuple(one for one in asked if _relying(tx, one, person) == reader),
    )
