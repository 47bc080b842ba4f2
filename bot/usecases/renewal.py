"""Keeping what is confirmed from going stale: who is asked again in time, and the one notice."""

from collections.abc import Collection, Iterable, Sequence
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
_REWORDED = "the statement was changed"
_COMING_OR_OUT = frozenset({PromptState.PLANNED, PromptState.ATTEMPTED, PromptState.SENT})
_OUT = frozenset({PromptState.ATTEMPTED, PromptState.SENT})


def renew(tx: Connection, assumption: Assumption, *, now: datetime, cadence: Cadence) -> None:
    """Plan what the standing of the assumption asks for; doing it twice plans once.

    Where anybody's word is enough, whoever confirmed it is asked again before it expires, or
    somebody else who is asked where they are not any more. Where everybody's is needed, each is
    asked before their own answer expires, and whoever is missing is asked now. The notice comes on
    the day that the first of them matters. For whoever changes an answer, who is asked, or whose
    word is enough.

    Args:
        tx: The transaction.
        assumption: As it stands now: folded anew.
        now: Aware UTC.
        cadence: The settings'; the project's goes before it.
    """
    workspace, key = assumption.workspace, assumption.key
    prompt.cancel_notices(tx, workspace, key, outcome=_REPLACED)
    cadence = cadence_for(tx, workspace, key.project, cadence)
    events = history.read(tx, workspace, key)
    planned = prompt.of_assumption(tx, workspace, key)
    expiries = rules.expiries(events)
    if assumption.status is Status.UNVALIDATED and assumption.quorum is Quorum.ALL:
        _ask_missing(tx, assumption, expiries.keys(), planned, now=now, cadence=cadence)
    if assumption.status is not Status.VALIDATED or assumption.valid_until is None:
        return
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


def _ask_missing(
    tx: Connection,
    assumption: Assumption,
    confirmed_by: Collection[UserId],
    planned: Sequence[Prompt],
    *,
    now: datetime,
    cadence: Cadence,
) -> None:
    """Ask those whose word is needed now, where nothing is on its way to them or about them."""
    for person in _asked(assumption):
        theirs = [one for one in planned if one.key.stakeholder == person.user]
        if person.user in confirmed_by or any(_goes_on(one, person.round) for one in theirs):
            continue
        question = ladder.first_ask(
            key=assumption.key,
            impact=assumption.impact,
            validate_by=assumption.validate_by,
            stakeholder=person.user,
            round=person.round + 1,
            now=now,
            wt=calendar_of(tx, assumption.workspace, person.user, now=now),
            spread=spread_of(assumption.workspace, person.user),
            cadence=cadence,
        )
        prompt.plan(tx, assumption.workspace, question)


def _goes_on(one: Prompt, round_: int) -> bool:
    """Whether the person will hear more, or their ladder has run its course."""
    if one.state in {PromptState.PLANNED, PromptState.ATTEMPTED}:
        return one.key.kind in QUESTIONS or one.key.kind is PromptKind.ESCALATE
    is_told = one.key.kind is PromptKind.ESCALATE and one.state is PromptState.SENT
    return is_told and one.key.round == round_


def hasten(tx: Connection, assumption: Assumption, *, now: datetime, cadence: Cadence) -> None:
    """Bring first questions forward that come too late for how it matters now.

    For whoever changes its impact, or the day that it is needed by. What is planned for an earlier
    moment stays there.
    """
    workspace, key = assumption.workspace, assumption.key
    if not assumption.is_open:
        return
    rounds = {person.user: person.round for person in _asked(assumption)}
    for one in prompt.of_assumption(tx, workspace, key):
        user = one.key.stakeholder
        is_first = one.key.kind is PromptKind.ASK and one.key.round == rounds.get(user)
        if not (one.is_planned and is_first):
            continue
        moment = ladder.first_moment(
            impact=assumption.impact,
            validate_by=assumption.validate_by,
            now=now,
            wt=calendar_of(tx, workspace, user, now=now),
            spread=spread_of(workspace, user),
            cadence=cadence_for(tx, workspace, key.project, cadence),
            after="it was changed",
        )
        if moment.due_at < one.due_at:
            due_at, reason = moment.due_at, moment.reason
            prompt.reschedule(tx, workspace, key, user, due_at=due_at, reason=reason)


def ask_anew(
    tx: Connection,
    assumption: Assumption,
    confirmed_by: Collection[UserId],
    *,
    now: datetime,
    cadence: Cadence,
) -> None:
    """Ask about words that nobody has confirmed yet.

    Args:
        tx: The transaction.
        assumption: As it stands now: folded anew, its statement another one.
        confirmed_by: Whose yes counted for the words of before.
        now: Aware UTC.
        cadence: The settings'; the project's goes before it.
    """
    workspace, key = assumption.workspace, assumption.key
    planned = prompt.of_assumption(tx, workspace, key)
    for person in _asked(assumption):
        theirs = [one for one in planned if one.key.stakeholder == person.user]
        if person.user in confirmed_by:
            prompt.cancel(tx, workspace, key, stakeholder=person.user, outcome=_REWORDED)
        elif any(_goes_on(one, person.round) for one in theirs):
            continue
        question = ladder.first_ask(
            key=key,
            impact=assumption.impact,
            validate_by=assumption.validate_by,
            stakeholder=person.user,
            round=person.round + 1,
            now=now,
            wt=calendar_of(tx, workspace, person.user, now=now),
            spread=spread_of(workspace, person.user),
            cadence=cadence_for(tx, workspace, key.project, cadence),
            after=_REWORDED,
        )
        prompt.plan(tx, workspace, question)


def _asked(assumption: Assumption) -> list[Stakeholder]:
    return [p for p in assumption.stakeholders if not (p.is_released or p.is_backup)]


def _renewers(
    assumption: Assumption, events: Sequence[Event], counted: Collection[UserId]
) -> list[Stakeholder]:
    asked = _asked(assumption)
    if assumption.quorum is Quorum.ALL:
        return [person for person in asked if person.user in counted]
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
