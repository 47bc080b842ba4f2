"""Putting a question off until a day of the person's choice."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.prompt import Planned, PromptKind
from bot.domain.working_time import next_working_morning, spread_of
from bot.store import prompt
from bot.usecases.assumption import (
    assumption_for,
    refresh_messages,
)
from bot.usecases.breaker import spoke_up
from bot.usecases.validation import asked_person
from bot.usecases.working_time import calendar_of

log = structlog.get_logger()

_ASKED_FOR = "you asked to be reminded now"


def remind_later(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    at: datetime,
    now: datetime,
) -> datetime:
    """Put the next reminder off until the morning of `at`, or of their next working day.

    Returns:
        That moment, in UTC: later than `now`, and together with what else is due that day.

    Raises:
        UserFixableError: `at` has passed.
        NotFoundError, AssumptionRetiredError, NotAskedError: As named.
    """
    if at <= now:
        raise UserFixableError("That moment has passed. Choose a later one.")
    assumption = assumption_for(tx, workspace, key, by=by)
    asked_person(assumption, by)
    wt = calendar_of(tx, workspace, by, now=at)
    day = at.astimezone(wt.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    moment = next_working_morning(max(day, now), wt, spread_of(workspace, by))
    moved = prompt.reschedule(tx, workspace, key, by, due_at=moment, reason=_ASKED_FOR)
    if not moved and not _remind_once_more(tx, assumption, by, at=moment):
        raise UserFixableError(
            f"Nothing more comes about {key}, so there is nothing to put off. Your answer is still "
            "welcome."
        )
    spoke_up(tx, workspace, by, now=now)
    refresh_messages(tx, assumption, now=now, by=by)
    log.info("question.put_off", assumption=str(key))
    return moment


def _remind_once_more(tx: Connection, assumption: Assumption, by: UserId, *, at: datetime) -> bool:
    """Put a reminder in the place of telling the owner that none was answered; False: too late."""
    theirs = [
        one
        for one in prompt.of_assumption(tx, assumption.workspace, assumption.key)
        if one.key.stakeholder == by
    ]
    telling = next(
        (
            one
            for one in theirs
            if one.is_planned and one.key.kind is PromptKind.ESCALATE and one.key.attempt == 1
        ),
        None,
    )
    if telling is None:
        return False
    round_ = telling.key.round
    prompt.cancel(
        tx, assumption.workspace, assumption.key, stakeholder=by, round=round_, outcome=_ASKED_FOR
    )
    reminders = [
        one.key.attempt
        for one in theirs
        if one.key.kind is PromptKind.REMIND and one.key.round == round_
    ]
    attempt = max(reminders, default=0) + 1
    key = replace(telling.key, kind=PromptKind.REMIND, attempt=attempt)
    return prompt.plan(tx, assumption.workspace, Planned(key=key, due_at=at, reason=_ASKED_FOR))
