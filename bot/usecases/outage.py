"""Time in which nobody looked for due work counts for nobody.

An outage is a gap between two beats of the ticks, however many processes tick. It is the bot's own
absence, or Slack's: while messages do not get through and Slack answers nothing, the ticks hand
nothing over and write no beat. Where the bot was removed none is written either, so that the time
until somebody installs it again counts for nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.domain.history import OutageCounted
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import WorkingTime
from bot.domain.prompt import Prompt, PromptKind
from bot.domain.working_time import add_working_days, moment_on, mornings_between, spread_of
from bot.store import assumption as assumptions
from bot.store import heartbeat, history, prompt
from bot.store import workspace as workspaces
from bot.store.alone import alone
from bot.usecases.assumption import refold, refresh_messages
from bot.usecases.working_time import calendar_of

log = structlog.get_logger()

MOST_GAP = timedelta(minutes=15)  # a restart, or a database that is moved, is no outage
_DAY = timedelta(days=1)


def beat(tx: Connection, *, now: datetime) -> None:
    """Note that due work is looked for at `now`, and that the time before was no outage.

    For whoever moves the product's clock, before they move it, and for work done by hand.
    """
    for one in workspaces.installed(tx):
        if heartbeat.lock(tx, one.id, now=now) < now:
            heartbeat.put(tx, one.id, now)


def look_back(tx: Connection, *, now: datetime) -> int:
    """Note that due work is looked for at `now`; where nobody had looked for long, catch up.

    A workspace where that fails holds up no other; it is tried again at the next look.

    Returns:
        In how many workspaces there had been an outage.
    """
    outages: list[WorkspaceId] = []
    for one in workspaces.installed(tx):
        error = alone(tx, _look_back_in, one.id, now=now, outages=outages)
        if error is not None:
            log.error("outage.uncounted", workspace=one.id, exc_info=error)
    return len(outages)


def _look_back_in(
    tx: Connection, workspace: WorkspaceId, *, now: datetime, outages: list[WorkspaceId]
) -> None:
    last = heartbeat.lock(tx, workspace, now=now)
    if now - last > MOST_GAP:
        _catch_up(tx, workspace, since=last, until=now)
        outages.append(workspace)
    if last < now:
        heartbeat.put(tx, workspace, now)


def _catch_up(tx: Connection, workspace: WorkspaceId, *, since: datetime, until: datetime) -> None:
    """Let nothing expire, and nobody's silence count, for the time that was lost.

    Questions that came due meanwhile go out now, the most harmful first, one message for each
    person; a reminder, or what would tell others of a silence, moves by the working mornings that
    its person lost.
    """
    answers = assumptions.validated_after(tx, workspace, since)
    expiries: dict[AssumptionKey, datetime | None] = {}
    for one in answers:
        lost = OutageCounted(since=since, until=until)
        # It stands where it began, so that also a moment inside the outage finds nothing expired.
        history.append(tx, workspace, one.key, lost, by=None, at=since)
        after = refold(tx, one)
        expiries[one.key] = after.valid_until
        if until - since >= _DAY:
            refresh_messages(tx, after, now=until)
    moved = _move_prompts(tx, workspace, expiries, since=since, until=until)
    log.warning(
        "outage.counted",
        workspace=workspace,
        since=since.isoformat(),
        seconds=(until - since).total_seconds(),
        answers=len(answers),
        prompts=moved,
    )


_LATER_STEPS = (PromptKind.REMIND, PromptKind.ESCALATE, PromptKind.STALE)


def _move_prompts(
    tx: Connection,
    workspace: WorkspaceId,
    expiries: Mapping[AssumptionKey, datetime | None],
    *,
    since: datetime,
    until: datetime,
) -> int:
    calendars: dict[UserId, WorkingTime] = {}
    count = 0
    for one in prompt.planned_after(tx, workspace, since, kinds=_LATER_STEPS):
        user = one.key.stakeholder
        if user not in calendars:
            calendars[user] = calendar_of(tx, workspace, user, now=since)
        if one.key.kind is PromptKind.STALE:
            due_at = expiries.get(one.key.assumption) or one.due_at
        else:
            due_at = _shifted(one, calendars[user], since=since, until=until)
        count += due_at != one.due_at and prompt.move(tx, one, due_at=due_at)
    return count


def _shifted(one: Prompt, wt: WorkingTime, *, since: datetime, until: datetime) -> datetime:
    spread = spread_of(one.workspace, one.key.stakeholder)
    lost = mornings_between(since, until, wt, spread)
    if not lost:
        return one.due_at
    day = add_working_days(one.due_at.astimezone(wt.zone).date(), lost, wt)
    return moment_on(day, wt, spread=spread)
