"""Handing due prompts over to the outbox: to whom, in one message, and only while they work."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.domain import breaker as breakers
from bot.domain import digest
from bot.domain.assumption import Assumption, Status
from bot.domain.attention import Attention
from bot.domain.breaker import Breaker, BreakerState
from bot.domain.cadence import Cadence
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.member import Member, WorkingTime
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.project import Project
from bot.domain.prompt import QUESTIONS, Prompt, PromptKey, PromptKind
from bot.domain.working_time import (
    add_working_days,
    is_working,
    moment_on,
    next_working_morning,
    spread_of,
)
from bot.store import assumption as assumptions
from bot.store import attention as attentions
from bot.store import outbox, prompt, prompt_claim
from bot.store import project as projects
from bot.usecases import breaker
from bot.usecases.escalation import Due, candidates, hearer_of, tell
from bot.usecases.owner import People
from bot.usecases.replacement import hand_to_another, why_unreachable
from bot.usecases.working_time import working_time_now

log = structlog.get_logger()

ACCEPTED = "its owner had accepted the risk until then"
_OFF_WORK = "you were not at work when it was due"
_OUR_FAULT = "something went wrong on my side when it was due"
_FAULT_WAIT = timedelta(hours=1)
FULL = "more harmful ones filled that day's message"
HAD_ONE = "that day's message had gone out already"


def claim_prompts(
    tx: Connection,
    *,
    now: datetime,
    limit: int,
    lease: timedelta,
    but_not_of: Collection[WorkspaceId] = (),
) -> list[Claimed[Prompt]]:
    """Take up to `limit` prompts that are due at `now`, each with its lease.

    Those of the workspaces in `but_not_of` are left where they are.
    """
    return prompt_claim.claim_due(tx, now=now, limit=limit, lease=lease, but_not_of=but_not_of)


def claim_suspects(tx: Connection, *, now: datetime, lease: timedelta) -> list[Claimed[Prompt]]:
    """Take what of one person's may be what ended the processes that had it."""
    return prompt_claim.claim_suspects(tx, now=now, lease=lease)


def let_wait(tx: Connection, claimed: Iterable[Claimed[Prompt]]) -> None:
    """Leave them until their leases are over."""
    for one in claimed:
        prompt_claim.let_wait(tx, one)


def put_off(tx: Connection, failed: Claimed[Prompt], *, now: datetime) -> None:
    """Let one that fails by a fault of ours wait; what comes next says why."""
    prompt_claim.postpone(tx, failed, due_at=now + _FAULT_WAIT, waited=_OUR_FAULT)


def next_due(tx: Connection) -> datetime | None:
    return prompt.next_due(tx)


def recipients(
    tx: Connection, claimed: Sequence[Claimed[Prompt]]
) -> list[set[tuple[WorkspaceId, UserId]]]:
    """Return for each claimed prompt whom it may go to, so that each can be checked first."""
    contexts, found = _contexts(tx, claimed), []
    for one in claimed:
        context = contexts.get(_about(one.item))
        asked = candidates(tx, one.item, *context) if context is not None else ()
        found.append({(one.item.workspace, user) for user in asked})
    return found


def hand_over(
    tx: Connection,
    claimed: Sequence[Claimed[Prompt]],
    *,
    people: People,
    now: datetime,
    cadence: Cadence,
) -> int:
    """Turn claimed prompts into messages of the outbox.

    Outside a person's working time a prompt moves to their next working morning. Someone who
    cannot be asked is replaced by a backup, else the owner hears why. `digest.choose` says what
    of one person's questions goes out: one message a working day, and one urgent question beside
    it; the rest waits for their next working morning. While somebody's breaker is open only the
    reminders of earlier questions go to them.

    Args:
        tx: The transaction.
        claimed: From `claim_prompts`; a lease that was lost meanwhile changes nothing.
        people: As the directory knows them now; None for somebody whom Slack does not know.
        now: Aware UTC.
        cadence: For the first ask of a backup.

    Returns:
        How many prompts were handed over.
    """
    by_person: defaultdict[tuple[WorkspaceId, UserId], list[Due]] = defaultdict(list)
    notices: list[Due] = []
    contexts = _contexts(tx, claimed)
    for one in claimed:
        due = _still_due(tx, one, contexts.get(_about(one.item)), people)
        if due is None:
            continue
        if due.prompt.key.kind in QUESTIONS:
            by_person[due.prompt.workspace, UserId(due.to)].append(due)
        else:
            notices.append(due)
    handed_over = tell(tx, notices, people=people, now=now)
    # In order, since two workers that lock the same people in different orders wait for ever.
    for (workspace, user), questions in sorted(by_person.items()):
        member = people.get((workspace, user))
        attention = attentions.lock(tx, workspace, user)
        reason = why_unreachable(member, attention, now=now)
        if member is None or reason:
            for due in questions:
                hand_to_another(
                    tx, due.claimed, due.assumption, reason, people=people, now=now, cadence=cadence
                )
        else:
            handed_over += _ask(tx, questions, member, attention, now=now)
    return handed_over


_About = tuple[WorkspaceId, AssumptionKey]
_Context = tuple[Assumption, Project]


def _about(one: Prompt) -> _About:
    return one.workspace, one.key.assumption


def _contexts(tx: Connection, claimed: Iterable[Claimed[Prompt]]) -> dict[_About, _Context]:
    """Read what the prompts are about, of each workspace in one go; what is gone is left out."""
    wanted: defaultdict[WorkspaceId, set[AssumptionKey]] = defaultdict(set)
    for one in claimed:
        wanted[one.item.workspace].add(one.item.key.assumption)
    found: dict[_About, _Context] = {}
    for workspace, keys in wanted.items():
        there = {key: projects.get(tx, workspace, key) for key in {one.project for one in keys}}
        for key, assumption in assumptions.get_many(tx, workspace, keys).items():
            project = there[key.project]
            if project is not None:
                found[workspace, key] = assumption, project
    return found


def _still_due(
    tx: Connection, one: Claimed[Prompt], context: _Context | None, people: People
) -> Due | None:
    """Return the prompt with its context; None, and skipped, where nobody needs it any more."""
    if context is None:
        prompt_claim.skip(tx, one, outcome="the assumption is not there any more")
        return None
    assumption, project = context
    outcome = _why_needless(one.item.key, assumption)
    if outcome:
        prompt_claim.skip(tx, one, outcome=outcome)
        return None
    to = hearer_of(tx, one.item.key, assumption, project, people=people)
    return Due(claimed=one, assumption=assumption, to=to)


def _why_needless(key: PromptKey, assumption: Assumption) -> str:
    """Return why nobody needs the prompt; empty where somebody does."""
    if key.kind is PromptKind.MEASURE:
        is_over = assumption.status is Status.RETIRED or assumption.actual is not None
        return "the figure is known, or not wanted any more" if is_over else ""
    if not assumption.is_open:
        return "the assumption is not open any more"
    if key.kind is PromptKind.STALE:
        return ""
    person = next((p for p in assumption.stakeholders if p.user == key.stakeholder), None)
    if person is None or person.is_released:
        return "this person is not asked any more"
    return "a later question came in its place" if key.round < person.round else ""


def _ask(
    tx: Connection, questions: list[Due], member: Member, attention: Attention, *, now: datetime
) -> int:
    """Put what of the questions goes out now; each of the others waits, and says why."""
    workspace, user = member.workspace, member.user
    wt = working_time_now(tx, member, now)
    morning = next_working_morning(now, wt, spread_of(workspace, user))
    if not is_working(now, wt):
        for due in questions:
            prompt_claim.postpone(tx, due.claimed, due_at=morning, waited=_OFF_WORK)
        return 0
    questions = _without_accepted(tx, questions, wt=wt, now=now)
    spared = breaker.without_dead_trial(tx, workspace, user, attention.breaker, now=now)
    ready = _without_paused(tx, questions, spared, morning=morning, wt=wt, now=now)
    choice = _choose(ready, attention, wt=wt, now=now)
    is_for_today = morning.astimezone(wt.zone).date() == now.astimezone(wt.zone).date()
    why = "" if is_for_today else FULL if choice.digest else HAD_ONE
    by_key = {due.prompt.key: due for due in ready}
    for one in choice.later:
        prompt_claim.postpone(tx, by_key[one.key].claimed, due_at=morning, waited=why)
    if choice.urgent is not None:
        taken = _send(tx, [by_key[choice.urgent.key]], user, name="urgent", now=now)
        attention = replace(attention, urgent_at=now if taken else attention.urgent_at)
    else:
        taken = _send(tx, [by_key[one.key] for one in choice.digest], user, name="digest", now=now)
        attention = replace(attention, digest_at=now if taken else attention.digest_at)
    for due in taken:
        if _is_new(due):
            spared = breakers.after_question(spared, due.prompt.key.assumption, now)
    attentions.put(tx, workspace, user, replace(attention, breaker=spared))
    if spared != attention.breaker:
        breaker.tell_again(tx, workspace, user, spared, now=now)
    return len(taken)


def _without_accepted(
    tx: Connection, questions: Iterable[Due], *, wt: WorkingTime, now: datetime
) -> list[Due]:
    """Put off what somebody lives with until a date."""
    today, asked = now.astimezone(wt.zone).date(), []
    for due in questions:
        accepted = due.assumption.accepted
        if accepted is None or not due.assumption.is_accepted(today):
            asked.append(due)
            continue
        spread = spread_of(due.prompt.workspace, due.prompt.key.stakeholder)
        back = moment_on(add_working_days(accepted.until, 0, wt), wt, spread=spread)
        prompt_claim.postpone(tx, due.claimed, due_at=back, waited=ACCEPTED)
    return asked


def _is_new(due: Due) -> bool:
    return due.prompt.key.kind is not PromptKind.REMIND


def _without_paused(
    tx: Connection,
    questions: Sequence[Due],
    spared: Breaker,
    *,
    morning: datetime,
    wt: WorkingTime,
    now: datetime,
) -> list[Due]:
    """Put off the new questions that the breaker holds back; of a half-open one all but one."""
    new = [due for due in questions if _is_new(due)]
    state = spared.state(now)
    if state is BreakerState.CLOSED or not new:
        return list(questions)
    trial: PromptKey | None = None
    if spared.takes_new_question(now):
        trial = digest.most_harmful((due.waiting for due in new), now).key
    user = new[0].prompt.key.stakeholder
    due_at = morning
    if state is BreakerState.OPEN and spared.open_until is not None:
        spread = spread_of(new[0].prompt.workspace, user)
        due_at = next_working_morning(spared.open_until, wt, spread)
    held = [due for due in new if due.prompt.key != trial]
    for due in held:
        prompt_claim.postpone(tx, due.claimed, due_at=due_at, waited=breaker.WAITED)
    keys = {due.prompt.key for due in held}
    return [due for due in questions if due.prompt.key not in keys]


def _choose(
    ready: Sequence[Due], attention: Attention, *, wt: WorkingTime, now: datetime
) -> digest.Choice:
    """Divide what is ready; before the person's own minute of the morning only the urgent goes.

    Else a question that came up early would be the day's message, and what is due at that minute
    would wait for tomorrow.
    """
    if not ready:
        return digest.Choice()
    spread = spread_of(ready[0].prompt.workspace, ready[0].prompt.key.stakeholder)
    is_early = now < moment_on(now.astimezone(wt.zone).date(), wt, spread=spread)
    return digest.choose(
        (due.waiting for due in ready),
        had_digest=is_early or attention.had_digest(now, wt),
        had_urgent=attention.had_urgent(now, wt),
        now=now,
    )


def _send(
    tx: Connection, questions: Iterable[Due], user: UserId, *, name: str, now: datetime
) -> list[Due]:
    """Put the questions into one message; return those whose lease had not been lost."""
    asked = list(questions)
    if not asked:
        return []
    batch = f"{name}-{asked[0].claimed.token}-{user}"
    taken = [due for due in asked if prompt_claim.attempted(tx, due.claimed, batch=batch, at=now)]
    for due in taken:
        _begin_round(tx, due)
    if taken:
        key = MessageKey(kind=MessageKind.ASK, about="", to=user, occasion=batch)
        outbox.want(tx, asked[0].prompt.workspace, key, now=now)
        log.info("prompt.handed_over", user=user, questions=len(taken), message=name)
    return taken


def _begin_round(tx: Connection, due: Due) -> None:
    """A refresh, or a question put again, starts the person's next round."""
    key = due.prompt.key
    person = next(p for p in due.assumption.stakeholders if p.user == key.stakeholder)
    if key.round > person.round:
        started = replace(person, round=key.round)
        assumptions.put_stakeholder(tx, due.prompt.workspace, key.assumption, started)
