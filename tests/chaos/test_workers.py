"""Several workers at once, one that wakes up late, and one that is asked to stop."""

import pytest

from tests.chaos.kill import place_names
from tests.chaos.lane import Lane
from tests.chaos.questions import people_names
from tests.chaos.steps import Step
from tests.chaos.tells import Write, writes
from tests.chaos.workers import (
    LONG_LEASE,
    count_tries,
    each_sent,
    have_claimed,
    share,
    sleep_through_the_lease,
)

chaos = pytest.mark.chaos


def test_a_worker_that_did_nothing_is_noticed() -> None:
    said = '{"wrote": "accepted", "pid": 7, "changed": 1}\n{"event": "else"}\n'
    too_late = Write("accepted", 8, changed=0)
    other_work = Write("hand_over", 8, changed=1)

    assert each_sent([*writes(said), too_late, other_work], [7, 8]) == (1, 0)


def test_a_worker_that_found_nothing_due_has_not_claimed() -> None:
    found, found_nothing = Write("claim_messages", 7, changed=50), Write("claim_messages", 8, 0)
    other_work = Write("hand_over", 8, changed=1)

    assert have_claimed([found], {7})
    assert not have_claimed([found, found_nothing, other_work], {7, 8})


def test_a_sleeper_that_never_tried_to_write_is_noticed() -> None:
    slept = {7: Step.AFTER_POST, 8: Step.PROMPT_CLAIMED}
    before_it_slept = Write("hand_over", 7, changed=1)
    of_another = Write("accepted", 9, changed=1)
    late = [Write("accepted", 7, changed=0), Write("hand_over", 8, changed=0)]

    assert count_tries([before_it_slept, of_another], slept) == 0
    assert count_tries([before_it_slept, of_another, *late], slept) == 2


@pytest.mark.parametrize(("workers", "rows"), [(3, 120), pytest.param(5, 10_000, marks=chaos)])
async def test_workers_share_the_work_and_send_each_message_once(
    lane: Lane, workers: int, rows: int
) -> None:
    shared = await share(lane, workers=workers, rows=rows, places=place_names("A"))

    assert shared.verdict.is_clean, (shared, lane.herd.said)
    assert not shared.verdict.repeated
    assert shared.posts == rows
    assert shared.is_shared, (shared.each, lane.herd.said)


@pytest.mark.parametrize(
    ("times", "seconds", "at_once", "lease"),
    [(2, 1.5, 1, 1), pytest.param(100, 60, 25, LONG_LEASE, marks=chaos)],
)
async def test_workers_that_slept_through_their_lease_change_nothing(
    lane: Lane, times: int, seconds: float, at_once: int, lease: int
) -> None:
    await lane.start_project()

    slept = await sleep_through_the_lease(
        lane,
        times=times,
        seconds=seconds,
        people=people_names("A"),
        at_once=at_once,
        lease=lease,
    )

    assert slept.holds, (slept, lane.herd.said)
