"""Several workers at once, one that wakes up late, and one that is asked to stop."""

import pytest

from tests.chaos.kill import place_names
from tests.chaos.lane import Lane
from tests.chaos.workers import LONG_LEASE, share, sleep_through_the_lease, stop_under_load

chaos = pytest.mark.chaos


@pytest.mark.parametrize(("workers", "rows"), [(3, 120), pytest.param(5, 10_000, marks=chaos)])
async def test_workers_share_the_work_and_send_each_message_once(
    lane: Lane, workers: int, rows: int
) -> None:
    shared = await share(lane, workers=workers, rows=rows, places=place_names("A"))

    assert shared.verdict.is_clean, (shared, lane.herd.said)
    assert not shared.verdict.repeated
    assert shared.posts == rows


@pytest.mark.parametrize(
    ("times", "seconds", "at_once", "lease"),
    [(1, 1.5, 1, 1), pytest.param(100, 60, 25, LONG_LEASE, marks=chaos)],
)
async def test_workers_that_slept_through_their_lease_change_nothing(
    lane: Lane, times: int, seconds: float, at_once: int, lease: int
) -> None:
    slept = await sleep_through_the_lease(
        lane,
        times=times,
        seconds=seconds,
        places=place_names("A"),
        at_once=at_once,
        lease=lease,
    )

    assert slept.late_writes == 0
    assert slept.verdict.is_clean, (slept, lane.herd.said)


@pytest.mark.parametrize("times", [1, pytest.param(100, marks=chaos)])
async def test_a_worker_that_is_asked_to_stop_loses_nothing_and_repeats_nothing(
    lane: Lane, times: int
) -> None:
    stopped = await stop_under_load(lane, times=times, rows=5, places=place_names("A"))

    assert times == 1 or stopped.slowest < 15  # the long run has a machine of its own
    assert stopped.verdict.is_clean, (stopped, lane.herd.said)
    assert not stopped.verdict.repeated
