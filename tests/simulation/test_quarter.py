"""A small quarter in every run; the whole one is the figure `quarter`."""

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import Status
from tests.simulation.quarter import Size, play


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.chaos)])
def test_in_a_small_quarter_nobody_is_disturbed_and_nothing_is_forgotten(
    sqlite_tx: Connection, seed: int
) -> None:
    size = Size(people=10, projects=3, assumptions=40, weeks=9)

    outcome = play(sqlite_tx, size=size, seed=seed)

    print("\n".join(outcome.lines()))  # noqa: T201 - what a quarter was like is worth reading
    assert outcome.verdict.is_clean, outcome.verdict
    assert outcome.lost == outcome.unended == outcome.stuck == ()
    # It is a quarter with life in it, or the above would say little.
    assert outcome.rounds > 50
    assert outcome.answered > outcome.rounds / 2
    assert {Status.VALIDATED, Status.REFUTED} <= outcome.statuses.keys()
