"""SIGTERM under load: it ends in time, and nothing is lost or sent twice."""

from collections import Counter
from collections.abc import Mapping
from itertools import count

import pytest

from bot.domain.outbox import MessageKey, MessageKind, MessageState
from tests.chaos.acks import Acked, Asked
from tests.chaos.judge import Recorded, judge
from tests.chaos.kill import place_names
from tests.chaos.lane import Lane
from tests.chaos.stops import (
    OF_WORKERS,
    Ended,
    Stop,
    judge_stops,
    judge_webs,
    stop_webs,
    stop_workers,
)

chaos = pytest.mark.chaos


@pytest.mark.parametrize(
    ("stop", "times"),
    [(Stop.SENDING, 1), *(pytest.param(stop, 10, marks=chaos) for stop in OF_WORKERS)],
)
async def test_a_worker_that_is_asked_to_stop_loses_nothing(
    lane: Lane, stop: Stop, times: int
) -> None:
    stopped = await stop_workers(lane, stop, times=times, rows=5, places=place_names("A"))

    assert stopped.is_right, (stopped, lane.herd.said)
    assert times == 1 or stopped.holds  # the long run has a machine of its own


@pytest.mark.parametrize(
    ("stop", "times"),
    [
        (Stop.TAKING, 1),
        pytest.param(Stop.TAKING, 10, marks=chaos),
        pytest.param(Stop.TAKING_WHILE_SLACK_HANGS, 10, marks=chaos),
    ],
)
async def test_a_web_process_that_is_asked_to_stop_keeps_what_it_took(
    lane: Lane, stop: Stop, times: int
) -> None:
    await lane.start_project()

    stopped = await stop_webs(lane, stop, times=times, numbers=count(1))

    assert stopped.is_right, (stopped, lane.herd.said)
    assert times == 1 or stopped.holds  # the long run has a machine of its own


A, B = (MessageKey(kind=MessageKind.SETBACK, about=name, to="D1") for name in "AB")
SENT, DUE = Recorded(MessageState.SENT, "1.1"), Recorded(MessageState.PENDING, None)


def ended(left: Mapping[MessageKey, Recorded], *, seconds: float = 1.0, called: int = 1) -> Ended:
    return Ended(seconds=seconds, called=called, recovered=1.0, left=left)


def test_a_stop_that_takes_too_long_or_leaves_nothing_over_is_noticed() -> None:
    clean = judge(frozenset(), (), {})

    assert judge_stops(Stop.SENDING, [ended({A: SENT, B: DUE})], clean).holds
    assert not judge_stops(Stop.SENDING, [ended({A: SENT, B: DUE}, seconds=16)], clean).holds
    assert not judge_stops(Stop.SENDING, [ended({A: SENT, B: SENT})], clean).holds


def test_a_message_that_is_nowhere_after_a_stop_is_lost() -> None:
    verdict = judge({A}, (), {A: SENT})

    assert judge_stops(Stop.SENDING, [ended({A: DUE})], verdict).lost == 1


@pytest.mark.parametrize(("stop", "allowed"), [(Stop.SENDING, 0), (Stop.HANGING, 2)])
def test_only_calls_of_which_nobody_knows_may_be_repeated(stop: Stop, allowed: int) -> None:
    clean = judge(frozenset(), (), {})

    assert judge_stops(stop, [ended({A: DUE, B: DUE}, called=2)], clean).may_repeat == allowed


def test_a_web_process_that_forgot_what_it_acknowledged_is_noticed() -> None:
    kept, lost = (Acked(stored=Counter(stored)) for stored in (["A"], []))
    for acked in (kept, lost):
        acked.hear(Asked(b"", "A"), 200, b"", 0.1)

    assert judge_webs(Stop.TAKING, [(1.0, 3, kept)]).holds
    assert not judge_webs(Stop.TAKING, [(1.0, 3, lost)]).holds
    assert not judge_webs(Stop.TAKING, [(1.0, 0, kept)]).holds
