"""Saying what a measurable assumption is expected to come to, and what it came to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Expected, Status
from bot.domain.cadence import Cadence
from bot.domain.errors import UserFixableError
from bot.domain.history import Edited, Measured
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import Message, MessageKind
from bot.domain.permission import may_edit, may_measure
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.assumption import (
    AssumptionRetiredError,
    MayNotChangeError,
    get_assumption,
    refresh_messages,
)
from bot.usecases.assumption_edit import AssumptionEdit, edit_assumption
from bot.usecases.audience import about
from bot.usecases.channel import reader_for
from bot.usecases.contents import MeasureContent
from bot.usecases.measure import check_expected, check_figure, plan_check
from bot.usecases.owner import has_left

log = structlog.get_logger()


def set_expected(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    expected: Expected | None,
    by: UserId,
    now: datetime,
) -> Assumption:
    """Say what it should come to, and when that is checked; None: it is not measured any more.

    Raises:
        NotFoundError, AssumptionRetiredError, MayNotChangeError: As named.
        UserFixableError: The figure is none, or it is known already what it came to.
    """
    check_expected(expected)
    before = get_assumption(tx, workspace, key, reader=reader_for(tx, workspace, by))
    project = projects.get(tx, workspace, key.project)
    if not may_edit(by, members.get(tx, workspace, by), before, project):
        raise MayNotChangeError(key)
    return _expect(tx, before, expected, by=by, now=now)


def _expect(
    tx: Connection, before: Assumption, expected: Expected | None, *, by: UserId, now: datetime
) -> Assumption:
    workspace, key = before.workspace, before.key
    if before.status is Status.RETIRED:
        raise AssumptionRetiredError(key)
    if expected == before.expected:
        return before
    if before.expected is not None and before.actual is not None:
        # Fitted afterwards, what was expected would always have been right.
        raise UserFixableError(
            f"{key} came to {before.actual:f} {before.expected.unit} already, so what was expected "
            "of it stays. Log another assumption for a new figure."
        )
    change = ("expected", _in_words(before.expected), _in_words(expected))
    history.append(tx, workspace, key, Edited(changes=(change,)), by=by, at=now)
    after = assumptions.update(tx, replace(before, expected=expected))
    if expected is None:
        prompt.cancel_checks(tx, workspace, key, outcome="it is not measured any more")
    else:
        plan_check(tx, workspace, key, owner=after.owner, expected=expected, now=now)
    refresh_messages(tx, after, now=now, by=by)
    return after


def edit_with_figure(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    edit: AssumptionEdit,
    *,
    expected: Expected | None,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Change an assumption and its figure together, as the form holds both.

    Raises:
        NotFoundError, AssumptionRetiredError, UserFixableError, StaleWriteError: As the two do.
    """
    check_expected(expected)
    after = edit_assumption(tx, workspace, key, edit, by=by, asked=asked, now=now, cadence=cadence)
    return _expect(tx, after, expected, by=by, now=now)  # who gave it away may not, from now on


def _in_words(expected: Expected | None) -> str:
    if expected is None:
        return ""
    return f"{expected.figure:f} {expected.unit}, checked on {expected.check_on.isoformat()}"


def record_actual(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    actual: Decimal,
    note: str,
    now: datetime,
) -> Assumption:
    """Keep what it came to; a later figure replaces an earlier one, and both stay in the history.

    Raises:
        NotFoundError: There is none of that key here.
        UserFixableError: No figure is expected, this is none, or `by` has no say in it.
    """
    before = get_assumption(tx, workspace, key, reader=reader_for(tx, workspace, by))
    project = projects.get(tx, workspace, key.project)
    if not may_measure(by, members.get(tx, workspace, by), before, project):
        raise UserFixableError(
            f"Only the owner of {key}, who is asked about it, or its project's lead can say "
            "what it came to."
        )
    if before.expected is None:
        raise UserFixableError(f"No figure is expected of {key}. Add one with Edit first.")
    check_figure(actual)
    what = Measured(actual=str(actual), note=note.strip())
    history.append(tx, workspace, key, what, by=by, at=now)
    after = assumptions.update(tx, replace(before, actual=actual))
    prompt.cancel_checks(tx, workspace, key, outcome="the figure is known")
    outbox.refresh_about(tx, workspace, MessageKind.MEASURE, str(key), now=now)
    refresh_messages(tx, after, now=now, by=by)
    log.info("assumption.measured", assumption=str(key))
    return after


def read_measure(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> MeasureContent | None:
    assumption = about(tx, message)
    if assumption is None or assumption.expected is None:
        return None
    return MeasureContent(assumption=assumption, owner_left=has_left(tx, assumption))
