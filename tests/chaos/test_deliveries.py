"""Duplicates, and clicks at the same moment: one state change each, always acknowledged."""

from itertools import count

import pytest

from tests.chaos.deliveries import BO, DI, click_at_once, deliver_again
from tests.chaos.lane import Lane

chaos = pytest.mark.chaos


@pytest.mark.parametrize("deliveries", [150, pytest.param(10_000, marks=chaos)])
async def test_each_delivery_changes_things_once_and_every_copy_is_acknowledged(
    lane: Lane, deliveries: int
) -> None:
    await lane.start_project()

    delivered = await deliver_again(lane, deliveries=deliveries, numbers=count(1))

    assert delivered.holds, (delivered, lane.herd.said)


@pytest.mark.parametrize("pairs", [15, pytest.param(1_000, marks=chaos)])
async def test_of_two_clicks_at_once_one_wins_and_the_other_is_told(lane: Lane, pairs: int) -> None:
    await lane.start_project()

    for other in (BO, DI):
        clicked = await click_at_once(lane, pairs=pairs, other=other)

        assert clicked.holds, (other, clicked, lane.herd.said)
