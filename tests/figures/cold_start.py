"""`cold-start`: an event to a process that has never seen its Slack, which does not answer.

Promised: it is not acknowledged, so that Slack delivers it again; once Slack is back it is stored.
"""

import os
import tempfile
from pathlib import Path

from bot.store import schema
from tests.chaos.cold_start import start_cold
from tests.chaos.herd import herd
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "100"))  # noqa: TID251 - a figure's own knob


async def measure() -> Figure:
    with tempfile.TemporaryDirectory() as folder, herd(Path(folder)) as processes:
        empty = Path(folder) / "empty.db"
        schema.upgrade(f"sqlite:///{empty}")
        found = await start_cold(empty, processes, times=TIMES)
    line = (
        f"{found.times} starts without an answer to auth.test: {found.refused} events refused "
        f"with a 5xx, {found.lost} acknowledged and lost; {found.never} never taken"
    )
    wrong = found.lost + found.never
    value = Value(name="cold_start_lost", value=wrong, unit="events", holds=found.holds)
    return Figure(lines=(line,), values=(value,))
