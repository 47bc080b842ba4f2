"""`outage`: nobody there for an hour, a day, a week, and 10,000 questions overdue in a workspace.

Everybody has ten questions, two more than a message holds. Promised: one message to each person,
full; each other question planned on with its reason; none refused for haste, and all done about
when the pace lets it be: half as long again, and 10 s.
"""

import os
import tempfile
from datetime import timedelta
from pathlib import Path

from bot.store import schema
from tests.chaos.outages import Recovered, come_back
from tests.figures.figure import Figure, Value

ROWS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "10000"))  # noqa: TID251 - a figure's own knob
GAPS = {
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "7 days": timedelta(days=7),
}


async def measure() -> Figure:
    head = (
        f"{'away for':<9}{'people':>7}{'told':>7}{'overdue':>9}{'asked':>8}"
        f"{'planned on':>12}{'unexplained':>13}{'crowded':>9}{'429':>5}"
        f"{'done in':>10}{'of it work':>12}{'the pace':>10}"
    )
    lines, values = [head], []
    for name, gap in GAPS.items():
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'outage.db'}"
            schema.upgrade(url)
            found = await come_back(url, gap=gap, overdue=ROWS)
        lines.append(_row(name, found))
        untold = found.people - found.told
        wrong = found.unexplained + found.crowded + found.refused + untold
        values.append(
            Value(
                name=f"outage_{name.replace(' ', '_')}_wrong",
                value=wrong,
                unit="questions, people or refusals",
                holds=found.holds,
            )
        )
    return Figure(lines=tuple(lines), values=tuple(values))


def _row(name: str, found: Recovered) -> str:
    return (
        f"{name:<9}{found.people:>7,}{found.told:>7,}{found.overdue:>9,}{found.asked:>8,}{found.waiting:>12,}"
        f"{found.unexplained:>13}{found.crowded:>9}{found.refused:>5}{found.seconds:>8.1f} s"
        f"{found.worked:>10.1f} s{found.bound:>8.1f} s"
    )
