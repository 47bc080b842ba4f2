"""`slack-faults`: a Slack that fails in each way it can, method by method, 50 calls each.

Promised: nothing lost, nothing doubled without a mark, no call before Retry-After has ended, and
another workspace's message through within a second meanwhile. A code that nobody knows parks the
message with its reason.
"""

import os
import tempfile
from pathlib import Path

from bot.store import schema
from tests.chaos.faults import METHODS, Faulted, office, try_fault
from tests.chaos.kill import place_names
from tests.chaos.slack import FAULTS
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "50"))  # noqa: TID251 - a figure's own knob


async def measure() -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'faults.db'}"
        schema.upgrade(url)
        async with office(url) as opened:
            places = place_names("A")
            found = [
                await try_fault(opened, fault, method, times=TIMES, places=places)
                for method in METHODS
                for fault in FAULTS
            ]
    return Figure(lines=tuple(_table(found)), values=tuple(_values(found)))


def _table(found: list[Faulted]) -> list[str]:
    head = (
        f"{'method':<18}{'fault':<20}{'times':>6}{'lost':>6}{'parked':>8}{'doubled':>9}"
        f"{'marked':>8}{'early':>7}{'recovered':>11}{'others wait':>13}"
    )
    rows = [
        f"{one.method:<18}{one.fault:<20}{one.injected:>6}{one.lost:>6}{one.parked:>8}"
        f"{one.doubled:>9}{one.repeated:>8}{one.too_early:>7}{one.recovered:>9.1f} s"
        f"{one.other_waited:>11.2f} s"
        for one in found
    ]
    return [head, *rows]


def _values(found: list[Faulted]) -> list[Value]:
    def total(name: str) -> int:
        return sum(getattr(one, name) for one in found)

    values = [
        Value(name=f"slack_faults_{name}", value=total(name), unit="", holds=total(name) == 0)
        for name in ("lost", "doubled", "unwanted", "too_early")
    ]
    waited = max(one.other_waited for one in found)
    return [
        Value(
            name="slack_faults_injected",
            value=total("injected"),
            unit="calls",
            holds=all(one.holds for one in found),
        ),
        *values,
        Value(name="slack_faults_marked", value=total("repeated"), unit="messages", holds=True),
        Value(
            name="slack_faults_others_waited",
            value=round(waited, 2),
            unit="s",
            holds=waited < 1,
        ),
    ]
