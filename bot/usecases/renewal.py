"""Keeping what is confirmed from going stale: who is asked again in time, and the one notice."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import ladder
from bot.domain.assumption import Assumption, Quorum, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.history import Event
from bot.domain.ids import UserId
from bot.domain.prompt import QUESTIONS, Prompt, PromptKind, PromptState
from bot.domain.validation import Answer
from bot.domain.working_time import spread_of
from bot.store import history, prompt
from bot.usecases.cadence import cadence_for
from bot.usecases.working_time import calendar_of

_REPLACED = "the answers changed"
_COMING_OR_OUT = frozenset({PromptState.PLANNED, PromptState.ATTEMPTED, PromptState.SENT})
_OUT = frozenset({PromptState.ATTEMPTED, PromptState.SENT})


def renew(tx: Connection, assumption: Assumption, *, now: datetime, cadence: Cadence) -> None:
    """Plan what the standing of the assumption asks for; doing it twice plans once.

    Where anybody's word is enough, whoever confirmed it is asked again before it expires, or
    somebody else who is asked where they are not any more. Where everybody's is needed, each is
    asked before their own answer expires. The notice comes on the day that the first of them
    matters. For whoever changes an answer, who is asked, or whose word is enough.

    Args:
        tx: The transaction.
        assumption: As it stands now: folded anew.
        now: Aware UTC.
        cadence: The settings'; the project's goes before it.
    """
    workspace, key = assumption.workspace, assumption.key
    prompt.cancel_notices(tx, workspace, key, outcome=_REPLACED)
    if assumption.status is not Status.VALIDATED or assumption.valid_until is None:
        return
    cadence = cadence_for(tx, workspace, key.project, cadence)
    events = history.read(tx, workspace, key)
    planned = prompt.of_assumption(tx, workspace, key)
    expiries = rules.expiries(events)
    for person in _renewers(assumption, events, expiries.keys()):
        answered_in = _answered_in(assumption, events, person.user)
        if _is_asked_again(planned, person.user, answered_in):
            continue
        until = assumption.valid_until
        if assumption.quorum is Quorum.ALL:
            until = expiries.get(person.user, until)
        refresh = ladder.refresh(
            key=key,
            impact=assumption.impact,
            stakeholder=person.user,
            round=person.round + 1,
            valid_until=until,
            now=now,
            wt=calendar_of(tx, workspace, person.user, now=until),
            spread=spread_of(workspace, person.user),
            cadence=cadence,
        )
        prompt.plan(tx, workspace, refresh)
    _plan_notice(tx, assumption, expiries, planned)


def _renewers(
    assumption: Assumption, events: Sequence[Event], counted: Iterable[UserId]
) -> list[Stakeholder]:
    asked = [p for p in assumption.stakeholders if not (p.is_released or p.is_backup)]
    if assumption.quorum is Quorum.ALL:
        return [person for person in asked if person.user in set(counted)]
    latest = rules.current(rules.validations(events, assumption.key))
    holding = [one.by for one in latest if one.answer is Answer.HOLDS]
    by_last_answer = [p for user in reversed(holding) for p in asked if p.user == user]
    return (by_last_answer or asked)[:1]


def _answered_in(assumption: Assumption, events: Sequence[Event], user: UserId) -> int:
    """Return the round of the person's answer; of somebody who gave none, that before the first."""
    given = rules.current(rules.validations(events, assumption.key))
    return next((one.round for one in given if one.by == user), 0)


def _is_asked_again(planned: Iterable[Prompt], user: UserId, answered_in: int) -> bool:
    return any(
        one.key.stakeholder == user
        and one.key.kind in QUESTIONS
        and one.key.round > answered_in
        and one.state in _COMING_OR_OUT
        for one in planned
    )


def _plan_notice(
    tx: Connection,
    assumption: Assumption,
    expiries: dict[UserId, datetime],
    planned: Iterable[Prompt],
) -> None:
    """Plan what the owner hears when it expires, unless they have heard of that very moment."""
    until = assumption.valid_until
    told = [one for one in planned if one.key.kind is PromptKind.STALE and one.state in _OUT]
    if until is None or any(one.first_due_at == until for one in told):
        return
    user = min(expiries, key=lambda one: (expiries[one] != until, one))
    rounds = [person.round for person in assumption.stakeholders if person.user == user]
    earlier = [one for one in told if one.key.stakeholder == user]
    notice = ladder.stale_notice(
        key=assumption.key,
        stakeholder=user,
        round=max(rounds, default=1) + 1,
        attempt=len(earlier) + 1,
        valid_until=until,
    )
    prompt.plan(tx, assumption.workspace, notice)
