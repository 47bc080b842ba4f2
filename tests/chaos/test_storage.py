"""The SQLite file when its process dies, its lock is held, its disk is full."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.chaos.lane import Lane
from tests.chaos.storage import Blocked, fill_the_disk, kill_while_writing, lock_the_file

chaos = pytest.mark.chaos


CLEAN = Blocked(
    times=2,
    commands=5,
    wordless=0,
    claimed=0,
    events=5,
    misled=0,
    accepted=0,
    controls=2,
    slowest=0.1,
    recovered=0.1,
)


@pytest.fixture
def engine_kind() -> str:
    return "sqlite"


@pytest.mark.parametrize("fault", ["wordless", "claimed", "misled", "accepted"])
def test_one_wrong_answer_is_noticed(fault: str) -> None:
    assert CLEAN.holds
    assert not replace(CLEAN, **{fault: 1}).holds


@pytest.mark.parametrize("missing", ["commands", "events", "controls"])
def test_a_run_in_which_nothing_was_refused_or_nothing_went_on_is_noticed(missing: str) -> None:
    assert not replace(CLEAN, **{missing: 0}).holds


@pytest.mark.parametrize(
    ("times", "blocks", "seconds"), [(1, 1, 0.3), pytest.param(200, 20, 10.0, marks=chaos)]
)
async def test_nobody_is_told_that_something_is_stored_which_is_not(
    lane: Lane, times: int, blocks: int, seconds: float
) -> None:
    await lane.start_project()
    file, numbers = Path(str(make_url(lane.url).database)), count(1)

    killed = await kill_while_writing(lane, file, times=times, numbers=numbers)
    full = await fill_the_disk(lane, times=blocks, seconds=seconds, numbers=numbers)

    assert killed.holds, killed
    assert full.is_honest if times == 1 else full.holds, full  # a busy machine is slow


@chaos
async def test_a_lock_that_stays_keeps_nobody_waiting_in_vain(lane: Lane) -> None:
    await lane.start_project()
    file = Path(str(make_url(lane.url).database))

    locked = await lock_the_file(lane, file, times=20, seconds=10.0, numbers=count(1))

    assert locked.holds, locked
