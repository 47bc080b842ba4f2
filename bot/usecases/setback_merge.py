"""Two setbacks that turned out to be one: recorded by a person and told by a tool, for example."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.errors import UserFixableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.permission import Reader, may_see_setback
from bot.domain.setback import Merge, Setback, completed
from bot.domain.trace import Trace, TraceState
from bot.store import assumption as assumptions
from bot.store import history, setback_origin
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.usecases.assumption import refresh_messages
from bot.usecases.channel import reader_for, sight_of
from bot.usecases.setback import get_setback, get_unmerged, revise, show_in_channel

log = structlog.get_logger()

_NEVER = datetime.min.replace(tzinfo=UTC)


def merge_setbacks(
    tx: Connection,
    workspace: WorkspaceId,
    number: int,
    *,
    into: int,
    by: UserId,
    now: datetime,
    reader: Reader | None = None,
) -> Setback:
    """Let `into` stand for both, and return it; done before, it changes nothing.

    What people decided about the duplicate moves over, folded as of the start of the kept one; of
    two decisions about one assumption the later counts. What only the duplicate knew is filled in,
    tools that tell of it reach the kept one from now on, and its row and its message stay, saying
    what became of it.

    Raises:
        NotFoundError: One of them is not in this workspace, or not theirs to see.
        UserFixableError: They are the same, one of them is part of another one already, or the
            kept one is shown to people who may not see the duplicate.
    """
    reader = reader or reader_for(tx, workspace, by)
    setbacks.take_turns(tx, workspace)
    duplicate = get_setback(tx, workspace, number, reader=reader)
    if duplicate.merged is not None and duplicate.merged.into == into:
        return get_setback(tx, workspace, into, reader=reader)
    duplicate = get_unmerged(tx, workspace, number, by=by, reader=reader)
    kept = get_unmerged(tx, workspace, into, by=by, reader=reader)
    _check_readers(tx, duplicate, kept)
    if number == into:
        raise UserFixableError("That is the same one. Name the other setback that it repeats.")
    parts = [duplicate, *setbacks.merged_into(tx, workspace, number)]
    for part in parts:
        setbacks.update(tx, replace(part, merged=Merge(into=into, by=by, at=now)))
    moved = traces.of_setback(tx, workspace, number)
    traces.drop_all(tx, workspace, number)
    _take_over(tx, kept, moved)
    setback_origin.move(tx, workspace, number, into=into)
    whole = revise(tx, kept, completed(kept, duplicate), now=now)
    for one in (*parts, whole):
        show_in_channel(tx, one, now=now)
    keys = [one.assumption for one in moved if one.state is not TraceState.CANDIDATE]
    for assumption in assumptions.get_many(tx, workspace, keys).values():
        refresh_messages(tx, assumption, now=now)
    log.info("setback.merged", setback=number, into=into, traces=len(keys))
    return whole


def _check_readers(tx: Connection, duplicate: Setback, kept: Setback) -> None:
    """Let nothing said in private be told where others read it.

    Raises:
        UserFixableError: It would be.
    """
    readers = sight_of(tx, kept.workspace, Reader.audience(kept.channel))
    if not may_see_setback(readers, duplicate):
        raise UserFixableError(
            f"#{duplicate.number} was recorded where fewer people read it. Merge #{kept.number} "
            "into that one instead."
        )


def _take_over(tx: Connection, kept: Setback, moved: Iterable[Trace]) -> None:
    """Give the kept one what was decided about the duplicate, as of the kept one's own start."""
    there = {one.assumption: one for one in traces.of_setback(tx, kept.workspace, kept.number)}
    for trace in moved:
        known = there.get(trace.assumption)
        is_news = known is None or (known.decided_at or _NEVER) < (trace.decided_at or _NEVER)
        if trace.state is TraceState.CANDIDATE or not is_news:
            continue
        events = history.read(tx, kept.workspace, trace.assumption)
        assumption = assumptions.get(tx, kept.workspace, trace.assumption)
        is_late = assumption is not None and assumption.logged_at > kept.started_at
        traces.put(
            tx,
            replace(
                trace,
                setback=kept.number,
                as_of=rules.as_of(events, kept.started_at),
                is_unlogged=is_late,
                rank=known.rank if known is not None else 0,
            ),
        )
