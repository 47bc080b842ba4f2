"""`socket`: Socket Mode breaks in each way, 50 times; an app-level token that Slack refuses.

Promised: another connection within 2 s where Slack says or closes, 10 s after a reset, 60 s where
the line is dead and nobody says so; a command is answered on it. A wrong token ends the process
with its cause. `STILLTRUE_FIGURE_TIMES` makes it shorter.
"""

import os
import tempfile
from pathlib import Path

from bot.store import schema
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.chaos.sockets import BREAKS, break_links, start_with_a_wrong_token
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "50"))  # noqa: TID251 - a figure's own knob


async def measure() -> Figure:
    head = f"{'connection broken by':<20}{'times':>7}{'slowest':>11}{'promised':>10}{'deaf':>6}"
    lines, values = [head], []
    with tempfile.TemporaryDirectory() as folder, herd(Path(folder)) as processes:
        url = f"sqlite:///{Path(folder) / 'socket.db'}"
        schema.upgrade(url)
        async with lane_on(url, processes) as lane:
            await lane.start_project()
            for kind in BREAKS:
                broken = await break_links(lane, kind, times=TIMES)
                lines.append(
                    f"{kind:<20}{broken.times:>7}{broken.slowest:>9.2f} s{broken.within:>8.0f} s"
                    f"{broken.deaf:>6}"
                )
                values.append(
                    Value(
                        name=f"socket_{kind.lower().replace(' ', '_').replace('-', '_')}",
                        value=round(broken.slowest, 2),
                        unit="s",
                        holds=broken.holds,
                    )
                )
            refused = [await start_with_a_wrong_token(lane) for _ in range(TIMES)]
    right = sum(one.holds for one in refused)
    lines.append(f"wrong token: ended with its cause {right} of {TIMES} times")
    values.append(Value(name="socket_wrong_token", value=right, unit="ends", holds=right == TIMES))
    return Figure(lines=tuple(lines), values=tuple(values))
