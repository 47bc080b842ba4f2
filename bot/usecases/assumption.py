"""Logging an assumption, finding it for somebody, asking more people, retiring it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import ladder
from bot.domain.assumption import STATEMENT_MAX, Assumption, AssumptionDraft, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.delivery import Delivery
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.history import Retired, StakeholderAdded
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.permission import OPERATOR, Reader, may_join, may_log, may_retire, may_see
from bot.domain.project import Project
from bot.domain.working_time import spread_of
from bot.store import assumption as assumptions
from bot.store import history, outbox, prompt
from bot.store import member as members
from bot.store import project as projects
from bot.store.assumption import FirstAsk, NewAssumption
from bot.usecases.cadence import cadence_for, cadence_of
from bot.usecases.channel import reader_for, sight_of, sight_without_looking
from bot.usecases.follow import concerned, refresh_homes
from bot.usecases.measure import check_expected, plan_check
from bot.usecases.renewal import renew
from bot.usecases.working_time import working_time_of

log = structlog.get_logger()


class AssumptionRetiredError(UserFixableError):
    """A change was asked of an assumption that is no longer tracked."""

    def __init__(self, key: AssumptionKey) -> None:
        super().__init__(
            f"{key} is retired, so it takes no answers. Log it again if it still matters."
        )
        self.key = key


class MayNotChangeError(UserFixableError):
    """Somebody else may change it."""

    def __init__(self, key: AssumptionKey) -> None:
        super().__init__(
            f"Only the owner of {key}, who logged it, its project's lead or a workspace admin can "
            "change it. Ask one of them."
        )


def log_assumption(
    tx: Connection,
    draft: AssumptionDraft,
    *,
    project: Project,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
    delivery: Delivery | None = None,
    reader: Reader = OPERATOR,
    unless_shared: bool = False,
    by_workflow: bool = False,
) -> AssumptionKey | None:
    """Start tracking an assumption: its row, its history, its first prompts, its card.

    Args:
        tx: The transaction.
        draft: Read and checked; its stakeholders may hold backups, which are not asked yet.
        project: Where it belongs; the caller may have it from a cache.
        by: Who logs it.
        asked: The stakeholders as the directory knows them, for their working time.
        now: Aware UTC.
        cadence: The settings'; the project's goes before it.
        delivery: What Slack delivered; a second copy of it stores nothing.
        reader: `by`, as the verified request shows them; the operator for a file or a setback.
        unless_shared: Nothing told `by` yet whether another company reads the project's channel.
        by_workflow: A workflow logs it in the name of `by`, and its history says so.

    Returns:
        The new key; None where this delivery was handled before.

    Raises:
        UserFixableError: The statement is empty or too long.
        NotFoundError: The project is gone, or in a channel that the reader may not read.
        HomeIsSharedError: Another company does, and nothing told them so.
    """
    check_may_record(tx, project, reader)
    check_statement(draft.statement)
    check_expected(draft.expected)
    cadence = cadence_of(project, cadence)
    members = {member.user: member for member in asked}
    asks = tuple(
        _first_ask(members[person.user], draft=draft, project=project, now=now, cadence=cadence)
        for person in draft.stakeholders
        if not person.is_backup and person.user in members
    )
    new = NewAssumption(
        workspace=project.workspace,
        project=project.key,
        home=project.channel,
        draft=draft,
        by=by,
        at=now,
        asks=asks,
        delivery=delivery,
        by_workflow=by_workflow,
        unless_shared=unless_shared,
    )
    key = assumptions.log(tx, new)
    if key is not None:
        if draft.expected is not None:
            plan_check(
                tx,
                project.workspace,
                key,
                owner=draft.owner,
                expected=draft.expected,
                now=now,
            )
        log.info("assumption.logged", assumption=str(key), impact=draft.impact.value)
    return key


def _first_ask(
    member: Member, *, draft: AssumptionDraft, project: Project, now: datetime, cadence: Cadence
) -> FirstAsk:
    moment = ladder.first_moment(
        impact=draft.impact,
        validate_by=draft.validate_by,
        now=now,
        wt=working_time_of(member, around=now.date()),
        spread=spread_of(project.workspace, member.user),
        cadence=cadence,
    )
    return FirstAsk(stakeholder=member.user, due_at=moment.due_at, reason=moment.reason)


def check_may_record(tx: Connection, project: Project, reader: Reader) -> None:
    """Let nobody log into a project that they may not see.

    Raises:
        NotFoundError: They may not; the answer is that of a project that is not there.
    """
    if may_log(sight_without_looking(reader), project):
        return  # the usual case, typed in the channel itself, asks the database nothing
    if not may_log(sight_of(tx, project.workspace, reader), project):
        raise NotFoundError(f"I know no project {project.key} here.")


def check_statement(statement: str) -> None:
    if not statement.strip():
        raise UserFixableError("Write what you assume, for example: The API is live by March 3.")
    if len(statement) > STATEMENT_MAX:
        raise UserFixableError(
            f"That is {len(statement):,} characters; {STATEMENT_MAX:,} is the most I keep. "
            "Shorten it, and link to the rest."
        )


def get_assumption(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, reader: Reader
) -> Assumption:
    """Return the assumption of that key.

    Raises:
        NotFoundError: There is none in this workspace; a foreign key, or one that the reader may
            not see, answers the same.
    """
    found = assumptions.get(tx, workspace, key)
    if found is None or not sees(tx, reader, found):
        raise missing(key)
    return found


def assumption_for(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    reader: Reader | None = None,
) -> Assumption:
    """Return the assumption about which `by` answers, or asks or replies to somebody.

    Whoever was asked about it once knows of it, and is told what became of it. Every other act is
    for who sees it: `get_assumption`.

    Args:
        tx: The transaction.
        workspace: From the verified request.
        key: As named.
        by: Who acts.
        reader: The same, as the request shows them; None: they are nowhere in particular.

    Raises:
        NotFoundError: As `get_assumption`.
    """
    found = assumptions.get(tx, workspace, key)
    if found is not None and (
        by == found.owner or any(person.user == by for person in found.stakeholders)
    ):
        return found
    if found is None or not sees(tx, reader or reader_for(tx, workspace, by), found):
        raise missing(key)
    return found


def sees(tx: Connection, reader: Reader, assumption: Assumption) -> bool:
    """Whether the reader may see it; one's own asks the database nothing."""
    return may_see(sight_without_looking(reader), assumption) or may_see(
        sight_of(tx, assumption.workspace, reader), assumption
    )


def missing(key: AssumptionKey) -> NotFoundError:
    return NotFoundError(f"I know no {key} here. Look it up in the list of what is logged.")


def refold(tx: Connection, assumption: Assumption) -> Assumption:
    """Write the status that the history now gives."""
    standing = rules.standing(history.read(tx, assumption.workspace, assumption.key))
    after = replace(assumption, status=standing.status, valid_until=standing.valid_until)
    return assumptions.update(tx, after) if after != assumption else assumption


def add_stakeholder(
    tx: Connection,
    assumption: Assumption,
    member: Member,
    *,
    by: UserId | None,
    reason: str,
    now: datetime,
    cadence: Cadence,
) -> None:
    """Ask one more person; someone released before is asked again from their next round."""
    earlier = {person.user: person for person in assumption.stakeholders}.get(member.user)
    round_ = earlier.round + 1 if earlier is not None and earlier.is_released else 1
    if earlier is not None and not earlier.is_released:
        round_ = earlier.round
    person = Stakeholder(user=member.user, round=round_)
    assumptions.put_stakeholder(tx, assumption.workspace, assumption.key, person)
    added = StakeholderAdded(stakeholder=member.user, reason=reason)
    history.append(tx, assumption.workspace, assumption.key, added, by=by, at=now)
    planned = ladder.first_ask(
        key=assumption.key,
        impact=assumption.impact,
        validate_by=assumption.validate_by,
        stakeholder=member.user,
        round=round_,
        now=now,
        wt=working_time_of(member, around=now.date()),
        spread=spread_of(assumption.workspace, member.user),
        cadence=cadence_for(tx, assumption.workspace, assumption.key.project, cadence),
    )
    prompt.plan(tx, assumption.workspace, planned)


def join_assumption(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Rely on one that is logged already: the people that `by` wanted to ask are asked there.

    Raises:
        NotFoundError, AssumptionRetiredError: As named.
    """
    reader = reader_for(tx, workspace, by)
    assumption = get_assumption(tx, workspace, key, reader=reader)
    if not may_join(sight_of(tx, workspace, reader), assumption):
        raise missing(key)
    if assumption.status is Status.RETIRED:
        raise AssumptionRetiredError(key)
    active = {p.user for p in assumption.stakeholders if not (p.is_released or p.is_backup)}
    for member in asked:
        if member.user not in active:
            add_stakeholder(tx, assumption, member, by=by, reason="", now=now, cadence=cadence)
    after = refold(tx, get_assumption(tx, workspace, key, reader=OPERATOR))
    refresh_messages(tx, after, now=now, by=by)
    log.info("assumption.joined", assumption=str(key), asked=len(asked))
    renew(tx, after, now=now, cadence=cadence)
    return after


def retire_assumption(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    reason: str,
    now: datetime,
    reader: Reader | None = None,
) -> Assumption:
    """Stop tracking an assumption: nobody is asked about it any more; its history stays.

    Raises:
        NotFoundError, MayNotChangeError: As named.
        UserFixableError: It is retired already.
    """
    reader = reader or reader_for(tx, workspace, by)
    assumption = get_assumption(tx, workspace, key, reader=reader)
    project = projects.get(tx, workspace, key.project)
    if not may_retire(by, members.get(tx, workspace, by), assumption, project):
        raise MayNotChangeError(key)
    if assumption.status is Status.RETIRED:
        raise UserFixableError(f"{key} is retired already.")
    history.append(tx, workspace, key, Retired(reason=reason), by=by, at=now)
    retired = assumptions.update(tx, replace(assumption, status=Status.RETIRED, valid_until=None))
    prompt.cancel(tx, workspace, key, outcome="retired", keeps_check=False)
    refresh_messages(tx, retired, now=now, by=by)
    log.info("assumption.retired", assumption=str(key))
    return retired


def refresh_messages(
    tx: Connection, assumption: Assumption, *, now: datetime, by: UserId | None = None
) -> None:
    """Bring the card, every question and every Home that shows the assumption up to date.

    `by` looks at their Home just now, so theirs comes first.
    """
    workspace, about = assumption.workspace, str(assumption.key)
    project = projects.get(tx, workspace, assumption.key.project)
    refresh_homes(tx, workspace, concerned(assumption, project), now=now, by=by)
    if project is not None:
        card = MessageKey(kind=MessageKind.CARD, about=about, to=project.channel)
        outbox.want(tx, workspace, card, now=now)
    for batch, to in prompt.batches_about(tx, workspace, assumption.key):
        ask = MessageKey(kind=MessageKind.ASK, about="", to=to, occasion=batch)
        outbox.want(tx, workspace, ask, now=now)
