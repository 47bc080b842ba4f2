"""Who hears that nobody answered, one after the other, and what they are told."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import ladder
from bot.domain.assumption import Assumption
from bot.domain.cadence import Cadence
from bot.domain.ids import ChannelId, UserId
from bot.domain.outbox import Message
from bot.domain.project import Project
from bot.domain.prompt import Planned, Prompt, PromptKey, PromptKind
from bot.store import project as projects
from bot.store import prompt
from bot.usecases.audience import about
from bot.usecases.contents import UnansweredContent
from bot.usecases.owner import NOBODY, People, answers_for, has_left, is_there, successors


def candidates(
    tx: Connection, one: Prompt, assumption: Assumption, project: Project
) -> list[UserId]:
    """Return the people whom the prompt may go to; the next is only asked for if one has left."""
    match one.key.kind, one.key.attempt:
        case PromptKind.STALE | PromptKind.MEASURE, _:
            heirs = successors(tx, assumption, project)
        case PromptKind.ESCALATE, 1:
            heirs = successors(tx, assumption, project)
        case PromptKind.ESCALATE, 2:
            heirs = [project.lead]
        case PromptKind.ESCALATE, _:
            return []
        case _:
            return [one.key.stakeholder]
    if is_there(tx, one.workspace, heirs[0]):
        return heirs[:1]
    return heirs


def hearer_of(
    tx: Connection,
    key: PromptKey,
    assumption: Assumption,
    project: Project,
    *,
    people: People = NOBODY,
) -> UserId | ChannelId:
    """Return who gets the prompt, of those who are there."""
    match key.kind, key.attempt:
        case PromptKind.STALE | PromptKind.MEASURE, _:
            return answers_for(tx, assumption, project, people=people)
        case PromptKind.ESCALATE, 1:
            return answers_for(tx, assumption, project, people=people)
        case PromptKind.ESCALATE, 2 if is_there(tx, project.workspace, project.lead, people=people):
            return project.lead
        case PromptKind.ESCALATE, _:
            return project.channel
        case _:
            return key.stakeholder


def to_somebody_new(
    tx: Connection, step: Planned | None, assumption: Assumption, *, told: str, cadence: Cadence
) -> Planned | None:
    """Pass over a step whose hearer was told just now: an owner who leads the project as well."""
    project = projects.get(tx, assumption.workspace, assumption.key.project)
    while step is not None and project is not None and step.key.kind is PromptKind.ESCALATE:
        hearer = hearer_of(tx, step.key, assumption, project)
        is_channel_s_later = (
            hearer == project.channel and 1 < step.key.attempt < cadence.escalation.steps
        )
        if hearer != told and not is_channel_s_later:
            break
        step = ladder.told_to_the_next(step, cadence)
    return step


def read_unanswered(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> UnansweredContent | None:
    assumption = about(tx, message)
    told = prompt.of_batch(tx, message.workspace, message.key.occasion)
    if assumption is None or not told:
        return None
    key = told[0].key
    asked = [
        p
        for p in prompt.of_assumption(tx, message.workspace, assumption.key)
        if p.key.stakeholder == key.stakeholder
        and p.key.round == key.round
        and p.key.kind is not PromptKind.ESCALATE
        and p.sent_at is not None
    ]
    return UnansweredContent(
        assumption=assumption,
        stakeholder=key.stakeholder,
        asked_times=len(asked),
        step=key.attempt,
        owner_left=key.attempt == 1 and has_left(tx, assumption),
        is_owner=message.key.to == assumption.owner,
    )
