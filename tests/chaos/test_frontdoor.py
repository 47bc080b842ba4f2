"""Whatever comes in by HTTP is answered, and never with a 5xx."""

from collections import Counter

import pytest

from tests.chaos.frontdoor import BARE, CUT, Fuzzed, fuzz
from tests.chaos.lane import Lane


@pytest.fixture
def engine_kind() -> str:
    """The front door is the same before both databases."""
    return "sqlite"


def answered(source: str, status: int) -> Fuzzed:
    return Fuzzed(
        requests=1,
        signed=1,
        answers={source: Counter({200: 5, status: 1})},
        hung=0,
        slowest=0.1,
        warm_mb=100.0,
        end_mb=101.0,
    )


@pytest.mark.parametrize("status", [CUT, 405, 408, 411, 414, 417, 431, 500, 503])
def test_an_answer_that_nobody_should_get_is_noticed(status: int) -> None:
    assert answered("slack", 400).holds
    assert not answered("slack", status).holds


def test_only_what_is_no_http_may_lose_its_connection() -> None:
    assert answered(BARE, CUT).holds
    assert not answered(BARE, 500).holds


@pytest.mark.parametrize("requests", [80, pytest.param(100_000, marks=pytest.mark.chaos)])
async def test_no_request_gets_a_5xx_or_no_answer(lane: Lane, requests: int) -> None:
    await lane.start_project()

    fuzzed = await fuzz(lane, requests=requests)

    # Memory and seconds are said by the long run, on a machine of its own.
    is_long = requests >= 100_000
    assert fuzzed.holds if is_long else fuzzed.is_right, (fuzzed, lane.herd.said[-3000:])
    for source, answers in fuzzed.answers.items():  # enough of it reaches what is behind the door
        assert source == BARE or answers[200] + answers[202] > requests / 20, fuzzed
