"""Logging, changing and reading assumptions."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import ladder
from bot.domain.assumption import (
    STATEMENT_MAX,
    Assumption,
    AssumptionDraft,
    Filter,
    Impact,
    Quorum,
    Stakeholder,
    Status,
)
from bot.domain.cadence import Cadence
from bot.domain.delivery import Delivery
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.history import Edited, Event, Retired, StakeholderAdded, StakeholderReleased
from bot.domain.ids import AssumptionKey, ProjectKey, UserId, WorkspaceId
from bot.domain.linking import likeness
from bot.domain.member import Member
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.permission import (
    OPERATOR,
    Reader,
    Sight,
    may_edit,
    may_log,
    may_reassign,
    may_retire,
    may_see,
    may_see_setback,
)
from bot.domain.project import Project
from bot.domain.prompt import Prompt
from bot.domain.setback import Setback
from bot.domain.trace import Trace
from bot.domain.working_time import spread_of
from bot.store import assumption as assumptions
from bot.store import dependency as dependencies
from bot.store import history, outbox, prompt
from bot.store import member as members
from bot.store import project as projects
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.store.assumption import FirstAsk, NewAssumption
from bot.usecases.cadence import cadence_for, cadence_of
from bot.usecases.channel import reader_for, sight_of, sight_without_looking
from bot.usecases.follow import concerned, refresh_homes
from bot.usecases.measure import check_expected, plan_check
from bot.usecases.renewal import hasten, renew
from bot.usecases.working_time import working_time_of

log = structlog.get_logger()

_SIMILAR_READ, _SIMILAR_SHOWN = 10, 3
_SIMILAR_READ_WIDELY = 100  # where the reader may not see all of those found first
_NEARLY_THE_SAME = 0.5  # of all their telling words; fewer is a shared subject


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

    Returns:
        The new key; None where this delivery was handled before.

    Raises:
        UserFixableError: The statement is empty or too long.
        NotFoundError: The project is gone, or in a channel that the reader may not read.
    """
    check_may_record(tx, project, reader)
    _check_statement(draft.statement)
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


def _check_statement(statement: str) -> None:
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
        raise _missing(key)
    return found


def assumption_for(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    by: UserId,
    reader: Reader | None = None,
) -> Assumption:
    """Return the assumption that `by` means to act on.

    Whoever was asked about it once knows of it, and is told what became of it.

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
        raise _missing(key)
    return found


def sees(tx: Connection, reader: Reader, assumption: Assumption) -> bool:
    """Whether the reader may see it; one's own asks the database nothing."""
    return may_see(sight_without_looking(reader), assumption) or may_see(
        sight_of(tx, assumption.workspace, reader), assumption
    )


def _missing(key: AssumptionKey) -> NotFoundError:
    return NotFoundError(f"I know no {key} here. Look it up in the list of what is logged.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionEdit:
    """The form's fields as they should be; stakeholders missing here are released."""

    statement: str
    owner: UserId
    impact: Impact
    confidence_percent: int | None
    validate_by: date | None
    consequence: str
    quorum: Quorum
    tags: tuple[str, ...]
    services: tuple[str, ...]
    stakeholders: tuple[UserId, ...]
    backup: UserId | None


def edit_assumption(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    edit: AssumptionEdit,
    *,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Change an assumption; what changed goes into its history, and new people get a first ask.

    Raises:
        NotFoundError, AssumptionRetiredError, MayNotChangeError, UserFixableError: As named.
        StaleWriteError: Somebody else changed it meanwhile.
    """
    _check_statement(edit.statement)
    before = assumption_for(tx, workspace, key, by=by)
    project, actor = projects.get(tx, workspace, key.project), members.get(tx, workspace, by)
    if not may_edit(by, actor, before, project):
        raise MayNotChangeError(key)
    if edit.owner != before.owner and before.logged_by != by:
        _check_may_reassign(before, project, by=by, actor=actor)
    if before.status is Status.RETIRED:
        raise AssumptionRetiredError(key)
    values = {f.name: getattr(edit, f.name) for f in fields(edit) if f.name not in _PEOPLE}
    after = replace(before, **values)
    changes = _changes(before, after)
    if changes:
        history.append(tx, workspace, key, Edited(changes=changes), by=by, at=now)
        after = assumptions.update(tx, after)
    _release_missing(tx, after, edit, by=by, now=now)
    _ask_newcomers(tx, after, edit, by=by, asked=asked, now=now, cadence=cadence)
    after = refold(tx, get_assumption(tx, workspace, key, reader=OPERATOR))
    refresh_messages(tx, after, now=now, by=by)
    refresh_homes(tx, workspace, [before.owner], now=now)
    log.info("assumption.edited", assumption=str(key), fields=[change[0] for change in changes])
    renew(tx, after, now=now, cadence=cadence)
    hasten(tx, after, now=now, cadence=cadence)
    return after


def _check_may_reassign(
    before: Assumption, project: Project | None, *, by: UserId, actor: Member | None
) -> None:
    if not may_reassign(by, actor, before, project, owner_has_left=False):
        raise MayNotChangeError(before.key)


_PEOPLE = frozenset({"stakeholders", "backup"})


def _release_missing(
    tx: Connection, assumption: Assumption, edit: AssumptionEdit, *, by: UserId, now: datetime
) -> None:
    """Release who is not named any more; their answers stay in the history."""
    workspace, key = assumption.workspace, assumption.key
    for person in assumption.stakeholders:
        if person.is_released or person.user in {*edit.stakeholders, edit.backup}:
            continue
        assumptions.put_stakeholder(tx, workspace, key, replace(person, is_released=True))
        gone = StakeholderReleased(stakeholder=person.user, reason="no longer asked")
        history.append(tx, workspace, key, gone, by=by, at=now)
        prompt.cancel(tx, workspace, key, stakeholder=person.user, outcome=gone.reason)


def _ask_newcomers(
    tx: Connection,
    assumption: Assumption,
    edit: AssumptionEdit,
    *,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> None:
    """Ask who was not asked before; a backup only waits."""
    active = {p.user for p in assumption.stakeholders if not (p.is_released or p.is_backup)}
    known = {member.user: member for member in asked}
    for user in edit.stakeholders:
        if user not in active and user in known:
            add_stakeholder(tx, assumption, known[user], by=by, reason="", now=now, cadence=cadence)
    if edit.backup is not None and edit.backup not in edit.stakeholders:
        _let_wait(tx, assumption, edit.backup, by=by, now=now)


def _let_wait(
    tx: Connection, assumption: Assumption, backup: UserId, *, by: UserId, now: datetime
) -> None:
    """Make somebody the backup; one who is asked now is asked no more, until another cannot be."""
    workspace, key = assumption.workspace, assumption.key
    earlier = next((p for p in assumption.stakeholders if p.user == backup), None)
    if earlier is not None and earlier.is_backup and not earlier.is_released:
        return
    if earlier is not None and not earlier.is_released:
        gone = StakeholderReleased(stakeholder=backup, reason="waits as the backup")
        history.append(tx, workspace, key, gone, by=by, at=now)
        prompt.cancel(tx, workspace, key, stakeholder=backup, outcome=gone.reason)
    # A later round, since what they were asked in this one will not be asked again.
    round_ = earlier.round + 1 if earlier is not None else 1
    waiting = Stakeholder(user=backup, is_backup=True, round=round_)
    assumptions.put_stakeholder(tx, workspace, key, waiting)


def _changes(before: Assumption, after: Assumption) -> tuple[tuple[str, str, str], ...]:
    skipped = {"version", "stakeholders"}
    return tuple(
        (f.name, _as_text(getattr(before, f.name)), _as_text(getattr(after, f.name)))
        for f in fields(before)
        if f.name not in skipped and getattr(before, f.name) != getattr(after, f.name)
    )


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, tuple) else str(value)


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
    """Rely on one that is logged already: the people that `by` wanted to ask are asked there."""
    assumption = assumption_for(tx, workspace, key, by=by)
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
    assumption = assumption_for(tx, workspace, key, by=by, reader=reader)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything about one assumption that a person can look at."""

    assumption: Assumption
    project: Project
    events: tuple[Event, ...]
    prompts: tuple[Prompt, ...]
    traces: tuple[tuple[Trace, Setback], ...]  # confirmed ones
    foundations: tuple[Assumption, ...]  # what it depends on, by key
    dependants: tuple[Assumption, ...]  # what depends on it, by key


def show_assumption(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, reader: Reader
) -> Shown:
    """Read one assumption with its history, prompts, confirmed traces and dependencies.

    Of what it hangs together with, only what the reader may see as well.

    Raises:
        NotFoundError: As `get_assumption`.
    """
    assumption = get_assumption(tx, workspace, key, reader=reader)
    sight = sight_of(tx, workspace, reader)
    project = projects.get(tx, workspace, key.project)
    if project is None:
        raise NotFoundError(f"I know no project {key.project} here.")
    return Shown(
        assumption=assumption,
        project=project,
        events=tuple(history.read(tx, workspace, key)),
        prompts=tuple(prompt.of_assumption(tx, workspace, key)),
        traces=confirmed_traces(tx, workspace, key, reader=reader),
        foundations=_seen(tx, sight, workspace, dependencies.foundations_of(tx, workspace, key)),
        dependants=_seen(tx, sight, workspace, dependencies.dependants_of(tx, workspace, key)),
    )


def _seen(
    tx: Connection, sight: Sight, workspace: WorkspaceId, keys: Sequence[AssumptionKey]
) -> tuple[Assumption, ...]:
    found = assumptions.get_many(tx, workspace, keys).values()
    return tuple(one for one in found if may_see(sight, one))


def confirmed_traces(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, reader: Reader
) -> tuple[tuple[Trace, Setback], ...]:
    """Return the setbacks in sight that people traced to the assumption, oldest first."""
    found = [one for one in traces.of_assumption(tx, workspace, key) if one.is_confirmed]
    if not found:
        return ()
    sight = sight_of(tx, workspace, reader)
    known = setbacks.get_many(tx, workspace, [one.setback for one in found])
    return tuple(
        (trace, known[trace.setback])
        for trace in found
        if trace.setback in known and may_see_setback(sight, known[trace.setback])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list, and where the next one begins (None: this is the last)."""

    assumptions: tuple[Assumption, ...]
    next_after: AssumptionKey | None


def list_assumptions(
    tx: Connection,
    workspace: WorkspaceId,
    wanted: Filter,
    *,
    reader: Reader,
    now: datetime,
    limit: int = 10,
    after: AssumptionKey | None = None,
) -> Page:
    """Return a page of those that pass the filter and that the reader may see."""
    found = assumptions.page(
        tx,
        workspace,
        filter=wanted,
        sight=sight_of(tx, workspace, reader),
        now=now,
        limit=limit + 1,
        after=after,
    )
    shown = tuple(found[:limit])
    return Page(
        assumptions=shown,
        next_after=shown[-1].key if len(found) > limit else None,
    )


def near_duplicates(
    tx: Connection, workspace: WorkspaceId, project: ProjectKey, statement: str, *, reader: Reader
) -> list[Assumption]:
    """Return up to three open assumptions of the project that say nearly the same, best first."""
    sight = sight_of(tx, workspace, reader)
    found: list[Assumption] = []
    for limit in (_SIMILAR_READ, _SIMILAR_READ_WIDELY):
        read = assumptions.similar(tx, workspace, project, statement, limit=limit)
        found = [one for one in read if may_see(sight, one)]
        if len(found) == len(read) or len(read) < limit:
            break
    alike = [one for one in found if likeness(one.statement, statement) >= _NEARLY_THE_SAME]
    return alike[:_SIMILAR_SHOWN]
