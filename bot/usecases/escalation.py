"""Who hears that nobody answered, one after the other, and what they are told."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import ladder
from bot.domain.assumption import Assumption
from bot.domain.cadence import Cadence
from bot.domain.digest import DIGEST_MAX, Waiting
from bot.domain.history import WentUnanswered
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.domain.project import Project
from bot.domain.prompt import Planned, Prompt, PromptKey, PromptKind
from bot.domain.working_time import is_working, next_working_moment
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt, prompt_claim
from bot.store import project as projects
from bot.usecases import breaker
from bot.usecases.assumption import refresh_messages, sees
from bot.usecases.audience import names_in, readers_of
from bot.usecases.contents import Unanswered, UnansweredContent
from bot.usecases.dependency import warn_dependants
from bot.usecases.follow import concerned, refresh_homes
from bot.usecases.owner import (
    NOBODY,
    People,
    answers_for,
    can_hear,
    has_left,
    is_there,
    successors,
)
from bot.usecases.working_time import working_time_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A claimed prompt with what it is about and who gets it."""

    claimed: Claimed[Prompt]
    assumption: Assumption
    to: UserId | ChannelId

    @property
    def prompt(self) -> Prompt:
        return self.claimed.item

    @property
    def waiting(self) -> Waiting:
        return Waiting(
            key=self.prompt.key,
            impact=self.assumption.impact,
            first_due_at=self.prompt.first_due_at,
        )


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
        case PromptKind.ESCALATE, 2 if can_hear(tx, assumption, project.lead, people=people):
            return project.lead
        case PromptKind.ESCALATE, _:
            return project.channel
        case _:
            return key.stakeholder


def to_somebody_new(
    tx: Connection, step: Planned | None, assumption: Assumption, *, told: str, cadence: Cadence
) -> Planned | None:
    """Pass over a step whose hearer was told just now: an owner who leads the project as well."""
    if step is None or step.key.kind is not PromptKind.ESCALATE:
        return step
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


_SAID = {
    PromptKind.STALE: MessageKind.STALE,
    PromptKind.MEASURE: MessageKind.MEASURE,
    PromptKind.ESCALATE: MessageKind.UNANSWERED,
}


def tell(tx: Connection, notices: Iterable[Due], *, people: People, now: datetime) -> int:
    """Tell owners, leads and channels what nobody answered, what expired, what is to be measured.

    Silences that are due together for one reader come in one message of at most `DIGEST_MAX`.

    Returns:
        How many of `notices` are said now; the others wait for their reader's working time.
    """
    told: defaultdict[tuple[WorkspaceId, str, PromptKind, int], list[Due]] = defaultdict(list)
    for due in notices:
        key = due.prompt.key
        told[due.prompt.workspace, due.to, key.kind, key.attempt].append(due)
    said = 0
    for (_, _, kind, _), some in sorted(told.items()):
        together = DIGEST_MAX if kind is PromptKind.ESCALATE else 1
        for at in range(0, len(some), together):
            said += _tell(tx, some[at : at + together], people=people, now=now)
    return said


def _tell(tx: Connection, notices: Sequence[Due], *, people: People, now: datetime) -> int:
    """Tell the owner, the lead or the channel in one message; people hear it while they work.

    Args:
        tx: The transaction.
        notices: 1 or more, of one kind and step, for one reader; only silences come together.
        people: As the directory knows them now.
        now: Aware UTC.
    """
    first = notices[0].prompt
    to, workspace = notices[0].to, first.workspace
    member = people.get((workspace, UserId(to)))
    if member is not None:
        wt = working_time_now(tx, member, now)
        if not is_working(now, wt):
            for due in notices:
                prompt_claim.postpone(tx, due.claimed, due_at=next_working_moment(now, wt))
            return 0
    # Of one claim several messages may go to one reader: the first prompt in it is each one's own.
    its = f"{first.key.assumption}/{first.key.stakeholder}/{first.key.round}/{first.key.attempt}"
    batch = f"{first.key.kind}-{notices[0].claimed.token}-{its}"
    told = [due for due in notices if prompt_claim.attempted(tx, due.claimed, batch=batch, at=now)]
    for due in told:
        _note(tx, due, occasion=batch, now=now)
    if told:
        about = str(told[0].prompt.key.assumption) if len(told) == 1 else ""
        said = MessageKey(kind=_SAID[first.key.kind], about=about, to=to, occasion=batch)
        outbox.want(tx, workspace, said, now=now)
    return len(told)


def _note(tx: Connection, due: Due, *, occasion: str, now: datetime) -> None:
    """Record what it means that nobody answered, for whoever looks at the assumption."""
    key, workspace = due.prompt.key, due.prompt.workspace
    if key.kind is PromptKind.ESCALATE and key.attempt == 1:
        silence = WentUnanswered(stakeholder=key.stakeholder, round=key.round)
        history.append(tx, workspace, key.assumption, silence, by=None, at=now)
        breaker.stayed_silent(tx, workspace, key.stakeholder, key.assumption, now=now)
        refresh_messages(tx, due.assumption, now=now)
    if key.kind is PromptKind.STALE:
        warn_dependants(tx, due.assumption, occasion=occasion, by=None, now=now)
    refresh_homes(tx, workspace, concerned(due.assumption, None), now=now)  # it stands otherwise


def read_unanswered(
    tx: Connection, message: Message, _now: datetime, _cadence: Cadence
) -> UnansweredContent | None:
    told = prompt.of_batch(tx, message.workspace, message.key.occasion)
    reader = readers_of(tx, message)
    questions = [
        _unanswered(tx, one, assumption, is_owner=message.key.to == assumption.owner)
        for one in told
        if (assumption := assumptions.get(tx, one.workspace, one.key.assumption)) is not None
        and sees(tx, reader, assumption)
    ]
    if not questions:
        return None
    return UnansweredContent(
        step=told[0].key.attempt,
        questions=tuple(questions),
        # Their owners are mentioned: in the channel, too, it is theirs to act.
        names=names_in(tx, message, (one.stakeholder for one in questions)),
    )


def _unanswered(
    tx: Connection, told: Prompt, assumption: Assumption, *, is_owner: bool
) -> Unanswered:
    key = told.key
    asked = [
        p
        for p in prompt.of_assumption(tx, told.workspace, assumption.key)
        if p.key.stakeholder == key.stakeholder
        and p.key.round == key.round
        and p.key.kind is not PromptKind.ESCALATE
        and p.sent_at is not None
    ]
    return Unanswered(
        assumption=assumption,
        stakeholder=key.stakeholder,
        asked_times=len(asked),
        owner_left=key.attempt == 1 and has_left(tx, assumption),
        is_owner=is_owner,
    )
