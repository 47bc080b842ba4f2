"""`kill -9` at every step: nothing is lost, and nothing shows twice without saying so."""

from itertools import count

import pytest

from tests.chaos.kill import (
    kill_while_migrating,
    kill_while_sending,
    kill_while_taking,
    place_names,
)
from tests.chaos.lane import Lane
from tests.chaos.steps import MAY_REPEAT, SENDING, TAKING

long = pytest.param(200, marks=pytest.mark.chaos)


@pytest.mark.parametrize("times", [1, long])
async def test_a_worker_that_dies_loses_nothing_and_doubles_nothing(lane: Lane, times: int) -> None:
    places = place_names("A")

    for step in SENDING:
        killed = await kill_while_sending(lane, step, times=times, places=places)

        assert killed.is_right, (killed, lane.herd.said)
        assert killed.repeated == (times if step in MAY_REPEAT else 0)


@pytest.mark.parametrize("times", [1, long])
async def test_a_command_is_stored_once_though_its_process_dies(lane: Lane, times: int) -> None:
    await lane.start_project()
    numbers = count(1)

    for step in TAKING:
        killed = await kill_while_taking(lane, step, times=times, numbers=numbers)

        assert killed.is_right, (killed, lane.herd.said)


@pytest.mark.parametrize("times", [1, pytest.param(60, marks=pytest.mark.chaos)])
async def test_an_upgrade_that_dies_is_done_again_whole(empty_lane: Lane, times: int) -> None:
    killed = await kill_while_migrating(empty_lane, times=times)

    assert killed.times > 0
    assert killed.lost == 0, (killed, empty_lane.herd.said)
