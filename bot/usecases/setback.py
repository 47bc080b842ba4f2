"""Recording what went wrong, correcting it, and reading it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption
from bot.domain.delivery import Delivery
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.permission import (
    OPERATOR,
    Reader,
    Sight,
    may_record,
    may_see,
    may_see_setback,
    may_trace,
)
from bot.domain.setback import TEXT_MAX, Setback, SetbackDraft, with_end
from bot.domain.trace import Trace, TraceState
from bot.store import assumption as assumptions
from bot.store import history, inbox, outbox
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.usecases.assumption import refresh_messages
from bot.usecases.channel import expect_channel, reader_for, sight_of, sight_without_looking
from bot.usecases.follow import refresh_homes_of_setback
from bot.usecases.linking import rank_all, suggest
from bot.usecases.project import get_project

log = structlog.get_logger()

_FURTHER = 8  # behind the button


def record_setback(
    tx: Connection,
    workspace: WorkspaceId,
    draft: SetbackDraft,
    *,
    by: UserId,
    now: datetime,
    delivery: Delivery | None = None,
    reader: Reader = OPERATOR,
) -> Setback | None:
    """Store a setback, rank its candidates as of its start, and show both in its channel.

    `reader` is `by`, as the verified request shows them; the operator for what a tool tells.

    Returns:
        None where this delivery was handled before.

    Raises:
        NotFoundError: The reader may not read the channel, or the project that it names.
        UserFixableError: No text, too much text, or a start or an end that cannot be.
    """
    _check(draft, now)
    check_may_record_there(tx, workspace, draft, reader)
    if delivery is not None and not inbox.first_time(
        tx, workspace, delivery.source, delivery.key, now=now
    ):
        return None
    expect_channel(tx, workspace, draft.channel, now=now)
    setback = setbacks.add(tx, workspace, draft, by=by, at=now)
    suggested = suggest(tx, setback)
    for trace in suggested:
        traces.put(tx, trace)
    show_in_channel(tx, setback, now=now)
    log.info(
        "setback.recorded",
        setback=setback.number,
        kind=setback.kind.value,
        candidates=len(suggested),
    )
    return setback


def check_may_record_there(
    tx: Connection, workspace: WorkspaceId, draft: SetbackDraft, reader: Reader
) -> None:
    """Let nobody record where they may not read.

    Raises:
        NotFoundError: They may not, or may not see its project.
    """
    if draft.project is not None:
        get_project(tx, workspace, draft.project, reader=reader)
    if not may_record(sight_without_looking(reader), draft.channel) and not may_record(
        sight_of(tx, workspace, reader), draft.channel
    ):
        raise NotFoundError("I cannot see that you are in this channel. Type the command there.")


def edit_setback(
    tx: Connection,
    workspace: WorkspaceId,
    number: int,
    draft: SetbackDraft,
    *,
    by: UserId,
    now: datetime,
    reader: Reader | None = None,
) -> Setback:
    """Let the setback say what `draft` says; where it is shown and where it came from stay.

    Raises:
        NotFoundError: There is none of that number in this workspace.
        UserFixableError: As `record_setback`.
    """
    before = get_unmerged(tx, workspace, number, by=by, reader=reader)
    if draft.project is not None and draft.project != before.project:
        get_project(tx, workspace, draft.project, reader=reader or reader_for(tx, workspace, by))
    after = replace(
        before,
        kind=draft.kind,
        text=draft.text,
        started_at=draft.started_at,
        ended_at=draft.ended_at,
        cost=draft.cost,
        severity=draft.severity,
        services=draft.services,
        project=draft.project,
    )
    changed = revise(tx, before, after, now=now)
    log.info("setback.edited", setback=number, by=by)
    return changed


def close_setback(
    tx: Connection,
    workspace: WorkspaceId,
    number: int,
    *,
    ended_at: datetime,
    by: UserId,
    now: datetime,
    minutes: int | None = None,
    reader: Reader | None = None,
) -> Setback:
    """Say when it ended; an incident's minutes down follow from it unless `minutes` are given.

    Raises:
        NotFoundError: There is none of that number in this workspace.
        UserFixableError: It would end before it began, or in the future, or is part of another one.
    """
    before = get_unmerged(tx, workspace, number, by=by, reader=reader)
    after = with_end(before, ended_at)
    if minutes is not None:
        after = replace(after, cost=replace(after.cost, minutes_down=minutes))
    closed = revise(tx, before, after, now=now)
    log.info("setback.closed", setback=number, by=by)
    return closed


def reopen_setback(
    tx: Connection,
    workspace: WorkspaceId,
    number: int,
    *,
    by: UserId,
    now: datetime,
    reader: Reader | None = None,
) -> Setback:
    """Say that it goes on.

    Raises:
        NotFoundError: There is none of that number in this workspace.
    """
    before = get_unmerged(tx, workspace, number, by=by, reader=reader)
    opened = revise(tx, before, with_end(before, None), now=now)
    log.info("setback.reopened", setback=number, by=by)
    return opened


def revise(tx: Connection, before: Setback, after: Setback, *, now: datetime) -> Setback:
    """Write a setback that changed; its message follows in place. No change writes nothing.

    What was suggested for it is looked for again where the change bears on it. Where its start is
    corrected, what people decided stays, and what was known then is folded again.

    Raises:
        UserFixableError: As `record_setback`.
        StaleWriteError: Somebody else wrote it since `before` was read.
    """
    if after == before:
        return before
    _check(after, now)
    if after.started_at != before.started_at:
        first = before.first_started_at or before.started_at
        after = replace(after, first_started_at=first)
    written = setbacks.update(tx, after)
    if written.started_at != before.started_at:
        _fold_again(tx, written, now=now)
    if _asks_for(written) != _asks_for(before):
        _suggest_again(tx, written)
    show_in_channel(tx, written, now=now)
    return written


def _asks_for(setback: Setback) -> tuple[object, ...]:
    """Return what the ranking of its candidates depends on."""
    return (setback.started_at, setback.text, setback.services, setback.project)


def _fold_again(tx: Connection, setback: Setback, *, now: datetime) -> None:
    decided = [
        trace
        for trace in traces.of_setback(tx, setback.workspace, setback.number)
        if trace.state is not TraceState.CANDIDATE
    ]
    keys = [trace.assumption for trace in decided]
    known = assumptions.get_many(tx, setback.workspace, keys)
    events = history.read_many(tx, setback.workspace, keys)
    for trace in decided:
        assumption = known[trace.assumption]
        folded = replace(
            trace,
            as_of=rules.as_of(events[trace.assumption], setback.started_at),
            is_unlogged=assumption.logged_at > setback.started_at,
        )
        traces.put(tx, folded)
        if trace.is_confirmed:
            refresh_messages(tx, assumption, now=now)


def _suggest_again(tx: Connection, setback: Setback) -> None:
    traces.drop_candidates(tx, setback.workspace, setback.number)
    decided = {one.assumption for one in traces.of_setback(tx, setback.workspace, setback.number)}
    for trace in suggest(tx, setback):
        if trace.assumption not in decided:
            traces.put(tx, trace)


def _check(draft: SetbackDraft | Setback, now: datetime) -> None:
    if not draft.text.strip():
        raise UserFixableError("Say what happened, for example: waiting for the payments API.")
    if len(draft.text) > TEXT_MAX:
        raise UserFixableError(
            f"That is {len(draft.text):,} characters; {TEXT_MAX:,} is the most I keep. "
            "Shorten it, and link to the rest."
        )
    if draft.started_at > now:
        raise UserFixableError("It cannot begin in the future. Say when it began.")
    if draft.ended_at is not None and draft.ended_at > now:
        raise UserFixableError("It cannot have ended in the future. Say when it ended.")
    if draft.ended_at is not None and draft.ended_at < draft.started_at:
        raise UserFixableError("It cannot end before it began.")


def show_in_channel(tx: Connection, setback: Setback, *, now: datetime) -> None:
    """Post the setback's message, or bring it up to date."""
    key = MessageKey(kind=MessageKind.SETBACK, about=str(setback.number), to=setback.channel)
    outbox.want(tx, setback.workspace, key, now=now)
    refresh_homes_of_setback(tx, setback, now=now)


def further_candidates(
    tx: Connection, workspace: WorkspaceId, number: int, *, reader: Reader
) -> list[tuple[Trace, Assumption]]:
    """Return what else may have been underneath, weak ones too; none that its message shows.

    Raises:
        NotFoundError: There is no such setback in this workspace, or the reader may not see it.
    """
    setback = get_setback(tx, workspace, number, reader=reader)
    known = {trace.assumption for trace in traces.of_setback(tx, workspace, number)}
    found = rank_all(tx, setback, reader=reader)
    return [pair for pair in found if pair[0].assumption not in known][:_FURTHER]


def get_setback(tx: Connection, workspace: WorkspaceId, number: int, *, reader: Reader) -> Setback:
    """Return the setback of that number.

    Raises:
        NotFoundError: There is none in this workspace, or the reader may not see it.
    """
    return see_setback(tx, workspace, number, sight=sight_of(tx, workspace, reader))


def see_setback(tx: Connection, workspace: WorkspaceId, number: int, *, sight: Sight) -> Setback:
    """Return the setback of that number, where the reader's sight is known already.

    Raises:
        NotFoundError: There is none in this workspace, or it is out of sight.
    """
    found = setbacks.get(tx, workspace, number)
    if found is None or not may_see_setback(sight, found):
        raise _missing(number)
    return found


def _missing(number: int) -> NotFoundError:
    return NotFoundError(f"I know no setback {number} here.")


def get_unmerged(
    tx: Connection, workspace: WorkspaceId, number: int, *, by: UserId, reader: Reader | None = None
) -> Setback:
    """Return the setback of that number, for `by` to change something about it.

    `reader` is the same person, as the request shows them; None: they are nowhere in particular.

    Raises:
        NotFoundError: There is none in this workspace, or it is not theirs to see.
        UserFixableError: It was merged into another one.
    """
    found = setbacks.get(tx, workspace, number)
    sight = sight_of(tx, workspace, reader or reader_for(tx, workspace, by))
    if found is None or not may_trace(sight, found):
        raise _missing(number)
    if found.merged is not None:
        into = found.merged.into
        raise UserFixableError(f"#{number} is part of #{into} now. Change that one instead.")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetback:
    setback: Setback
    traces: tuple[tuple[Trace, Assumption], ...]


def show_setback(
    tx: Connection, workspace: WorkspaceId, number: int, *, reader: Reader
) -> ShownSetback:
    """Read a setback with its traces that the reader may see, by rank.

    Raises:
        NotFoundError: There is none in this workspace, or the reader may not see it.
    """
    setback = get_setback(tx, workspace, number, reader=reader)
    sight = sight_of(tx, workspace, reader)
    found: Sequence[Trace] = traces.of_setback(tx, workspace, number)
    known = assumptions.get_many(tx, workspace, [trace.assumption for trace in found])
    return ShownSetback(
        setback=setback,
        traces=tuple(
            (trace, known[trace.assumption])
            for trace in found
            if trace.assumption in known and may_see(sight, known[trace.assumption])
        ),
    )
