"""What a workflow's steps make, and what Slack is told of each: once, for every run.

Slack says neither who built a workflow nor who ran it: whoever builds one names the person for whom
it acts. So what it makes is marked, and it reaches what the whole company reads and that person
too. A private channel is out of its reach: named by somebody who may not read it, a member of it
would open it to them, to write there and to learn what is there.

The answer is a row of the outbox in the transaction that made the thing, so that a workflow goes
on however long Slack is away.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.domain import setback
from bot.domain.assumption import AssumptionDraft
from bot.domain.cadence import Cadence
from bot.domain.delivery import Delivery
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.domain.permission import WORKFLOW, Reader
from bot.domain.project import Project
from bot.domain.setback import Setback, SetbackDraft
from bot.store import outbox
from bot.usecases.assumption import check_may_record, log_assumption
from bot.usecases.contents import StepContent
from bot.usecases.setback import check_may_record_there, record_setback

_PROBLEM = "! "  # begins the occasion of a run that failed; neither a key nor a number does


def logging_for(execution: str) -> Callable[..., AssumptionKey | None]:
    """Return `log_assumption` for a workflow, with the answer to that run beside it.

    It raises NotFoundError, too, where a workflow may not log.
    """

    def log_for_step(
        tx: Connection, draft: AssumptionDraft, *, project: Project, now: datetime, **how: Any
    ) -> AssumptionKey | None:
        check_may_record(tx, project, WORKFLOW)
        key = log_assumption(tx, draft, project=project, now=now, by_workflow=True, **how)
        if key is not None:
            _answer(tx, project.workspace, execution, project.channel, str(key), now=now)
        return key

    return log_for_step


def record_for_step(
    tx: Connection,
    workspace: WorkspaceId,
    draft: SetbackDraft,
    *,
    execution: str,
    by: UserId,
    now: datetime,
    delivery: Delivery,
    reader: Reader,
) -> Setback | None:
    """Record it as `record_setback` does, with the answer to that run beside it.

    Raises:
        UserFixableError: As `record_setback`.
        NotFoundError: As there, or a workflow may not record there.
    """
    check_may_record_there(tx, workspace, draft, WORKFLOW)
    draft = replace(draft, source=setback.WORKFLOW)
    made = record_setback(tx, workspace, draft, by=by, now=now, delivery=delivery, reader=reader)
    if made is not None:
        _answer(tx, workspace, execution, made.channel, f"#{made.number}", now=now)
    return made


def fail_step(
    tx: Connection, workspace: WorkspaceId, execution: str, problem: str, *, now: datetime
) -> None:
    """Let the run end with a sentence that says what to change."""
    _answer(tx, workspace, execution, execution, _PROBLEM + problem, now=now)


def _answer(
    tx: Connection, workspace: WorkspaceId, execution: str, to: str, made: str, *, now: datetime
) -> None:
    """Answer the run. To a channel: after the message that is posted there, which it links to."""
    key = MessageKey(kind=MessageKind.STEP, about=execution, to=to, occasion=made)
    outbox.want(tx, workspace, key, now=now)


def read_step(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> StepContent | None:
    made = message.key.occasion
    if made.startswith(_PROBLEM):
        return StepContent(problem=made.removeprefix(_PROBLEM))
    key = AssumptionKey.parse(made)
    kind, about = (
        (MessageKind.CARD, made) if key is not None else (MessageKind.SETBACK, made.lstrip("#"))
    )
    posted = outbox.get(
        tx, message.workspace, MessageKey(kind=kind, about=about, to=message.key.to)
    )
    return StepContent(
        key=key,
        number=None if key is not None else int(about),
        channel=posted.channel if posted is not None else None,
        ts=posted.ts if posted is not None else None,
    )
