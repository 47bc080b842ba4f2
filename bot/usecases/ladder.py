"""What follows a question, a reminder or a word to others, once Slack has it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import ladder
from bot.domain.assumption import Assumption
from bot.domain.cadence import Cadence
from bot.domain.history import Asked
from bot.domain.ids import ChannelId, MessageTs, WorkspaceId
from bot.domain.member import WorkingTime
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.prompt import QUESTIONS, Prompt, PromptKind, PromptState
from bot.domain.working_time import spread_of
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt
from bot.usecases.cadence import cadence_for
from bot.usecases.escalation import to_somebody_new
from bot.usecases.working_time import calendar_of


def sent(
    tx: Connection,
    workspace: WorkspaceId,
    batch: str,
    *,
    to: str,
    channel: ChannelId,
    ts: MessageTs,
    now: datetime,
    cadence: Cadence,
) -> None:
    """Note that Slack has the message with the batch: who was asked, and what follows of each."""
    prompts = prompt.sent(tx, workspace, batch, channel=channel, ts=ts, at=now)
    if prompts:
        _after_sent(tx, workspace, prompts, to=to, now=now, cadence=cadence)


def _after_sent(
    tx: Connection,
    workspace: WorkspaceId,
    sent: Sequence[Prompt],
    *,
    to: str,
    now: datetime,
    cadence: Cadence,
) -> None:
    for one in sent:
        _write_asked(tx, one, now=now)
    # Only now: the history has locked them, so that nobody answers between this and the plan.
    about = assumptions.get_many(tx, workspace, (one.key.assumption for one in sent))
    calendars = {
        user: calendar_of(tx, workspace, user, now=now)
        for user in {one.key.stakeholder for one in sent}
    }
    cadences = {
        project: cadence_for(tx, workspace, project, cadence)
        for project in {key.project for key in about}
    }
    for one in sent:
        assumption = about.get(one.key.assumption)
        if assumption is not None and assumption.is_open and one.state is PromptState.SENT:
            wt, its = calendars[one.key.stakeholder], cadences[one.key.assumption.project]
            _plan_next(tx, one, assumption, to=to, now=now, wt=wt, cadence=its)


def _write_asked(tx: Connection, sent: Prompt, *, now: datetime) -> None:
    key = sent.key
    if key.kind in QUESTIONS:
        asked = Asked(
            stakeholder=key.stakeholder, kind=key.kind, round=key.round, attempt=key.attempt
        )
        history.append(tx, sent.workspace, key.assumption, asked, by=None, at=now)
    if key.kind is PromptKind.REMIND:
        _fold_earlier(tx, sent, now=now)


def _plan_next(
    tx: Connection,
    sent: Prompt,
    assumption: Assumption,
    *,
    to: str,
    now: datetime,
    wt: WorkingTime,
    cadence: Cadence,
) -> None:
    key = sent.key
    if assumption.is_accepted(now.astimezone(wt.zone).date()):
        return  # accepted while the message was on its way: the question comes back on that day
    step = ladder.next_step(
        key,
        impact=assumption.impact,
        sent_at=now,
        wt=wt,
        spread=spread_of(sent.workspace, key.stakeholder),
        cadence=cadence,
    )
    step = to_somebody_new(tx, step, assumption, told=to, cadence=cadence)
    if step is not None:
        prompt.plan(tx, sent.workspace, step)


def _fold_earlier(tx: Connection, sent: Prompt, *, now: datetime) -> None:
    """Leave one copy of a question with buttons: the newest."""
    key = sent.key
    earlier = {
        one.batch
        for one in prompt.of_assumption(tx, sent.workspace, key.assumption)
        if one.key.stakeholder == key.stakeholder
        and one.key.round == key.round
        and one.key.kind in QUESTIONS
        and one.batch not in {None, sent.batch}
    }
    for batch in sorted(batch for batch in earlier if batch):
        told = MessageKey(kind=MessageKind.ASK, about="", to=key.stakeholder, occasion=batch)
        outbox.want(tx, sent.workspace, told, now=now)
