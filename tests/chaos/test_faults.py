"""Slack fails: no message is lost or shown twice without a mark, and nobody else waits."""

from pathlib import Path

import pytest

from tests.chaos.faults import METHODS, office, try_fault
from tests.chaos.kill import place_names
from tests.chaos.slack import FAULTS
from tests.engines import copy_sqlite

QUICK = ("429", "reset after")


@pytest.mark.parametrize(
    ("faults", "times"), [(QUICK, 3), pytest.param(FAULTS, 50, marks=pytest.mark.chaos)]
)
@pytest.mark.parametrize("method", METHODS)
async def test_a_call_that_fails_costs_no_message_and_no_other_workspace(
    sqlite_template: Path, tmp_path: Path, method: str, faults: tuple[str, ...], times: int
) -> None:
    places = place_names("A")
    async with office(copy_sqlite(sqlite_template, tmp_path / "faults.db")) as opened:
        for fault in faults:
            faulted = await try_fault(opened, fault, method, times=times, places=places)

            # How long the other workspace waits is said by the long run, on a machine of its own.
            assert faulted.is_right if faults is QUICK else faulted.holds, faulted
