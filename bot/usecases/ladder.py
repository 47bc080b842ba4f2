"""What follows a question, a reminder or a word to others, once Slack has it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import ladder
from bot.domain.cadence import Cadence
from bot.domain.history import Asked
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.prompt import QUESTIONS, Prompt, PromptKind, PromptState
from bot.domain.working_time import spread_of
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt
from bot.usecases.cadence import cadence_for
from bot.usecases.escalation import to_somebody_new
from bot.usecases.working_time import calendar_of


def after_sent(tx: Connection, sent: Prompt, *, to: str, now: datetime, cadence: Cadence) -> None:
    """Write that the person was asked, and plan the next step of the ladder."""
    key = sent.key
    if key.kind in {PromptKind.ASK, PromptKind.REMIND, PromptKind.REFRESH}:
        asked = Asked(
            stakeholder=key.stakeholder, kind=key.kind, round=key.round, attempt=key.attempt
        )
        history.append(tx, sent.workspace, key.assumption, asked, by=None, at=now)
    if key.kind is PromptKind.REMIND:
        _fold_earlier(tx, sent, now=now)
    assumption = assumptions.get(tx, sent.workspace, key.assumption)
    if assumption is None or not assumption.is_open or sent.state is not PromptState.SENT:
        return
    wt = calendar_of(tx, sent.workspace, key.stakeholder, now=now)
    if assumption.is_accepted(now.astimezone(wt.zone).date()):
        return  # accepted while the message was on its way: the question comes back on that day
    cadence = cadence_for(tx, sent.workspace, key.assumption.project, cadence)
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
