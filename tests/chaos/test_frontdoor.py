"""Whatever comes in by HTTP is answered, and never with a 5xx."""

import pytest

from tests.chaos.frontdoor import fuzz
from tests.chaos.lane import Lane


@pytest.fixture
def engine_kind() -> str:
    """The front door is the same before both databases."""
    return "sqlite"


@pytest.mark.parametrize("requests", [600, pytest.param(100_000, marks=pytest.mark.chaos)])
async def test_no_request_gets_a_5xx_or_no_answer(lane: Lane, requests: int) -> None:
    await lane.start_project()

    fuzzed = await fuzz(lane, requests=requests)

    assert fuzzed.holds, (fuzzed, lane.herd.said[-3000:])
    assert fuzzed.answers[200] > requests / 20  # enough of it reaches what lies behind the door
