"""The figure that a measurable assumption is expected to come to, and when that is checked."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from bot.domain.assumption import Expected
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.text import day_in_words
from bot.domain.working_time import (
    add_working_days,
    moment_on,
    next_asking_moment,
    spread_of,
)
from bot.store import prompt
from bot.usecases.working_time import calendar_of

UNIT_MAX = 40  # characters
_LARGEST = Decimal(10) ** 15
_FINEST = 6  # digits after the point


def check_expected(expected: Expected | None) -> None:
    """Return if the figure can be kept.

    Raises:
        UserFixableError: It cannot; the text says why.
    """
    if expected is None:
        return
    check_figure(expected.figure)
    if not expected.unit.strip() or len(expected.unit) > UNIT_MAX:
        raise UserFixableError(
            f"Say in what it is measured, for example days or EUR: up to {UNIT_MAX} characters."
        )


def check_figure(figure: Decimal) -> None:
    """Return if the figure is one.

    Raises:
        UserFixableError: It is not, or it is too large or too fine.
    """
    exponent = figure.as_tuple().exponent
    is_fine = not isinstance(exponent, int) or -exponent > _FINEST
    if not figure.is_finite() or abs(figure) >= _LARGEST or is_fine:
        raise UserFixableError("Write the figure as a plain number, for example 3 or 2.5.")


def plan_check(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    owner: UserId,
    expected: Expected,
    now: datetime,
) -> None:
    """Plan the question to the owner for the check date, or move it there."""
    wt = calendar_of(tx, workspace, owner, now=now)
    spread = spread_of(workspace, owner)
    due_at = moment_on(add_working_days(expected.check_on, 0, wt), wt, spread=spread)
    if due_at <= now:
        due_at = next_asking_moment(now, wt, spread)
    asked = [
        p for p in prompt.of_assumption(tx, workspace, key) if p.key.kind is PromptKind.MEASURE
    ]
    waiting = [one for one in asked if one.is_planned]
    if waiting:
        prompt.move(tx, waiting[0], due_at=due_at)
        return
    planned = Planned(
        key=PromptKey(
            assumption=key,
            stakeholder=owner,
            round=1,
            kind=PromptKind.MEASURE,
            attempt=len(asked) + 1,
        ),
        due_at=due_at,
        reason=f"the figure is checked on {day_in_words(expected.check_on)}",
    )
    prompt.plan(tx, workspace, planned)
