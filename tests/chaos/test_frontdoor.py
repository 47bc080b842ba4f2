"""Whatever comes in by HTTP is answered, and never with a 5xx."""

import pytest

from tests.chaos.frontdoor import fuzz
from tests.chaos.lane import Lane


@pytest.fixture
def engine_kind() -> str:
    """The front door is the same before both databases."""
    return "sqlite"


@pytest.mark.parametrize("requests", [80, pytest.param(100_000, marks=pytest.mark.chaos)])
async def test_no_request_gets_a_5xx_or_no_answer(lane: Lane, requests: int) -> None:
    await lane.start_project()

    fuzzed = await fuzz(lane, requests=requests)

    assert fuzzed.holds, (fuzzed, lane.herd.said[-3000:])
    for answers in fuzzed.answers.values():  # enough of it reaches what lies behind the door
        assert answers[200] + answers[202] > requests / 20, fuzzed
