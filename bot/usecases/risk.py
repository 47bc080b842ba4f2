"""Living with an open assumption until a date."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import AcceptedRisk, Assumption, Stakeholder, Status
from bot.domain.errors import UserFixableError
from bot.domain.history import RiskAccepted, StakeholderAdded
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.permission import OPERATOR, may_accept_risk
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.text import day_in_words
from bot.domain.working_time import add_working_days, moment_on, spread_of
from bot.store import assumption as assumptions
from bot.store import history, prompt
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.assumption import get_assumption, refresh_messages
from bot.usecases.channel import reader_for
from bot.usecases.working_time import calendar_of

log = structlog.get_logger()

_LONGEST = timedelta(days=366)
_REASON_MAX = 500  # characters


def accept_risk(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    until: date,
    reason: str,
    now: datetime,
) -> Assumption:
    """Ask nobody about it before `until`; it stays open, and comes back on that day.

    Then everybody who is asked gets the question anew, or where nobody is, its owner.

    Raises:
        NotFoundError: There is none of that key here.
        UserFixableError: `by` has no say in it, it is not open to doubt, the day is not in the
            coming year, or there is no reason.
    """
    before = get_assumption(tx, workspace, key, reader=reader_for(tx, workspace, by))
    _check(tx, before, by=by, until=until, reason=reason, now=now)
    accepted = AcceptedRisk(until=until, reason=reason.strip())
    what = RiskAccepted(until=until, reason=accepted.reason)
    history.append(tx, workspace, key, what, by=by, at=now)
    prompt.cancel(tx, workspace, key, outcome="the risk was accepted")
    assumptions.update(tx, replace(before, accepted=accepted))
    _plan_return(tx, before, until=until, now=now)
    after = get_assumption(tx, workspace, key, reader=OPERATOR)
    refresh_messages(tx, after, now=now, by=by)
    log.info("risk.accepted", assumption=str(key), until=until.isoformat())
    return after


def _check(
    tx: Connection, assumption: Assumption, *, by: UserId, until: date, reason: str, now: datetime
) -> None:
    workspace, key = assumption.workspace, assumption.key
    project = projects.get(tx, workspace, key.project)
    if not may_accept_risk(by, members.get(tx, workspace, by), assumption, project):
        raise UserFixableError(
            f"Only the owner of {key}, who logged it, its project's lead or a workspace admin can "
            "accept its risk."
        )
    is_doubtful = assumption.status is Status.UNVALIDATED or assumption.is_stale(now)
    if not is_doubtful:
        raise UserFixableError(f"{key} is {assumption.status}, so there is no risk to accept.")
    if not reason.strip() or len(reason) > _REASON_MAX:
        raise UserFixableError("Say in a few words why you can live with it.")
    today = now.astimezone(calendar_of(tx, workspace, by, now=now).zone).date()
    if not today < until <= today + _LONGEST:
        raise UserFixableError("Choose a day on which it comes back: from tomorrow, within a year.")


def _plan_return(tx: Connection, assumption: Assumption, *, until: date, now: datetime) -> None:
    asked = [p for p in assumption.stakeholders if not (p.is_released or p.is_backup)]
    for person in asked or [_owner_asked(tx, assumption, now=now)]:
        wt = calendar_of(tx, assumption.workspace, person.user, now=now)
        spread = spread_of(assumption.workspace, person.user)
        planned = Planned(
            key=PromptKey(
                assumption=assumption.key,
                stakeholder=person.user,
                round=person.round + 1,
                kind=PromptKind.ASK,
                attempt=1,
            ),
            due_at=moment_on(add_working_days(until, 0, wt), wt, spread=spread),
            reason=f"its risk was accepted until {day_in_words(until)}, so it is asked again",
        )
        prompt.plan(tx, assumption.workspace, planned)


def _owner_asked(tx: Connection, assumption: Assumption, *, now: datetime) -> Stakeholder:
    earlier = next((p for p in assumption.stakeholders if p.user == assumption.owner), None)
    person = Stakeholder(user=assumption.owner, round=earlier.round if earlier else 1)
    assumptions.put_stakeholder(tx, assumption.workspace, assumption.key, person)
    added = StakeholderAdded(stakeholder=assumption.owner, reason="nobody else is asked")
    history.append(tx, assumption.workspace, assumption.key, added, by=None, at=now)
    return person
