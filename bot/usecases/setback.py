"""Recording what went wrong, and suggesting which assumptions were underneath it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import linking
from bot.domain.assumption import Assumption
from bot.domain.delivery import Delivery
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.setback import TEXT_MAX, Setback, SetbackDraft
from bot.domain.trace import Trace, TraceState
from bot.store import assumption as assumptions
from bot.store import history, inbox, outbox
from bot.store import setback as setbacks
from bot.store import trace as traces

log = structlog.get_logger()

_RETRIEVED = 50  # by shared words; the ranking looks at all of them


def record_setback(
    tx: Connection,
    workspace: WorkspaceId,
    draft: SetbackDraft,
    *,
    by: UserId,
    now: datetime,
    delivery: Delivery | None = None,
) -> Setback | None:
    """Store a setback, rank its candidates as of its start, and show both in its channel.

    Returns:
        None where this delivery was handled before.

    Raises:
        UserFixableError: No text, too much text, a start in the future, or an end before it.
    """
    _check(draft, now)
    if delivery is not None and not inbox.first_time(
        tx, workspace, delivery.source, delivery.key, now=now
    ):
        return None
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


def _check(draft: SetbackDraft, now: datetime) -> None:
    if not draft.text.strip():
        raise UserFixableError("Say what happened, for example: waiting for the payments API.")
    if len(draft.text) > TEXT_MAX:
        raise UserFixableError(
            f"That is {len(draft.text):,} characters; {TEXT_MAX:,} is the most I keep. "
            "Shorten it, and link to the rest."
        )
    if draft.started_at > now:
        raise UserFixableError("It cannot begin in the future. Say when it began.")
    if draft.ended_at is not None and draft.ended_at < draft.started_at:
        raise UserFixableError("It cannot end before it began.")


def show_in_channel(tx: Connection, setback: Setback, *, now: datetime) -> None:
    """Post the setback's message, or bring it up to date."""
    key = MessageKey(kind=MessageKind.SETBACK, about=str(setback.number), to=setback.channel)
    outbox.want(tx, setback.workspace, key, now=now)


def suggest(tx: Connection, setback: Setback) -> list[Trace]:
    """Rank the workspace's assumptions by what was known of them when the setback began.

    Those logged after it began are left out: hindsight is not a candidate.
    """
    found = assumptions.retrieve(tx, setback.workspace, setback.text, limit=_RETRIEVED)
    events = history.read_many(tx, setback.workspace, [one.key for one in found])
    candidates = [
        linking.Candidate(assumption=one, as_of=rules.as_of(events[one.key], setback.started_at))
        for one in found
        if one.logged_at <= setback.started_at
    ]
    ranked = linking.rank(setback, candidates)
    as_of = {candidate.assumption.key: candidate.as_of for candidate in candidates}
    return [
        Trace(
            workspace=setback.workspace,
            setback=setback.number,
            assumption=one.key,
            state=TraceState.CANDIDATE,
            as_of=as_of[one.key],
            rank=rank,
            reasons=one.reasons,
        )
        for rank, one in enumerate(ranked, start=1)
    ]


def get_setback(tx: Connection, workspace: WorkspaceId, number: int) -> Setback:
    """Return the setback of that number.

    Raises:
        NotFoundError: There is none in this workspace.
    """
    found = setbacks.get(tx, workspace, number)
    if found is None:
        raise NotFoundError(f"I know no setback {number} here.")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetback:
    setback: Setback
    traces: tuple[tuple[Trace, Assumption], ...]


def show_setback(tx: Connection, workspace: WorkspaceId, number: int) -> ShownSetback:
    """Read a setback with its traces, by rank.

    Raises:
        NotFoundError: There is none in this workspace.
    """
    setback = get_setback(tx, workspace, number)
    found: Sequence[Trace] = traces.of_setback(tx, workspace, number)
    known = assumptions.get_many(tx, workspace, [trace.assumption for trace in found])
    return ShownSetback(
        setback=setback,
        traces=tuple(
            (trace, known[trace.assumption]) for trace in found if trace.assumption in known
        ),
    )
