from dataclasses import replace

from sqlalchemy import Connection

from bot.domain.assumption import Status
from bot.domain.history import AsOf
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.trace import Role, TraceState
from bot.store import setback as setbacks
from bot.store import trace as traces
from tests.store.samples import (
    ANA,
    APOLLO,
    DAY,
    ELSEWHERE,
    HERE,
    NOON,
    log_one,
    make_setback_draft,
    make_trace,
)


def _logged(tx: Connection, *, setbacks_at: int = 1) -> AssumptionKey:
    """Log an assumption and so many setbacks, a day apart; those of even number are of Apollo."""
    for days in range(setbacks_at):
        draft = make_setback_draft(
            started_at=NOON + days * DAY, project=APOLLO if days % 2 else None
        )
        setbacks.add(tx, HERE, draft, by=ANA, at=NOON)
    return log_one(tx).key


def test_a_trace_reads_back_as_it_was_put(tx: Connection) -> None:
    key = _logged(tx)
    as_of = AsOf(
        status=Status.REFUTED,
        is_stale=True,
        was_asked=True,
        was_unanswered=True,
        refuted_at=NOON - DAY,
    )
    trace = make_trace(key, as_of=as_of, is_unlogged=True, reasons=("a", "b"))

    traces.put(tx, trace)

    assert traces.get(tx, HERE, 1, key) == trace
    assert traces.get(tx, ELSEWHERE, 1, key) is None
    assert traces.get(tx, HERE, 2, key) is None


def test_a_trace_is_decided_in_place(tx: Connection) -> None:
    key = _logged(tx)
    candidate = make_trace(key)
    traces.put(tx, candidate)
    decided = replace(
        candidate,
        state=TraceState.CONFIRMED,
        role=Role.CAUSED,
        decided_by=ANA,
        decided_at=NOON,
    )

    traces.put(tx, decided)

    assert traces.of_assumption(tx, HERE, key) == [decided]


def test_the_traces_of_a_setback_are_by_rank(tx: Connection) -> None:
    keys = [_logged(tx), log_one(tx).key, log_one(tx).key]
    for key, rank in zip(keys, (2, 0, 1), strict=True):
        traces.put(tx, make_trace(key, rank=rank))

    assert [trace.rank for trace in traces.of_setback(tx, HERE, 1)] == [0, 1, 2]
    assert traces.of_setback(tx, ELSEWHERE, 1) == []


def test_up_to_a_moment_there_are_the_traces_of_the_setbacks_that_began_before_it(
    tx: Connection,
) -> None:
    key = _logged(tx, setbacks_at=4)
    for number in (4, 3, 2, 1):
        traces.put(tx, make_trace(key, setback=number))

    until = NOON + 3 * DAY
    everywhere = traces.before(tx, HERE, until=until, project=None)
    apollo = traces.before(tx, HERE, until=until, project=APOLLO)

    assert [trace.setback for trace in everywhere] == [1, 2, 3]
    assert apollo == everywhere  # to its assumption, whosever setback it was
    assert traces.before(tx, HERE, until=until, project=ProjectKey("OTHER")) == []


def test_decisions_are_the_latest_of_people_in_this_workspace_without_hindsight(
    tx: Connection,
) -> None:
    key = _logged(tx, setbacks_at=4)
    states = (TraceState.CONFIRMED, TraceState.REJECTED, TraceState.CANDIDATE, TraceState.CONFIRMED)
    for number, state in enumerate(states, start=1):
        is_decided = state is not TraceState.CANDIDATE
        trace = make_trace(
            key,
            setback=number,
            state=state,
            is_unlogged=number == 4,
            decided_by=ANA if is_decided else None,
            decided_at=NOON + number * DAY if is_decided else None,
        )
        traces.put(tx, trace)

    found = traces.decisions(tx, HERE, limit=9)

    assert [one.is_confirmed for one in found] == [False, True]
    assert found[0].setback_text == "Waiting for the payments API"
    assert found[0].statement == "The payments API is live by March 3"
    assert traces.decisions(tx, HERE, limit=1) == found[:1]
    assert traces.decisions(tx, ELSEWHERE, limit=9) == []
