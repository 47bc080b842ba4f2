"""`idle`: memory and processor time of `stilltrue run` with nothing to do, once it has worked.

Promised: under 150 MB of resident memory and under 1 % of one core. Linux only: it reads /proc.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tests.figures.figure import Figure, Value
from tests.figures.processes import free_port, process
from tests.figures.slack import (
    ANA,
    BO,
    BOT_TOKEN,
    CHANNEL,
    SIGNING_SECRET,
    LocalSlack,
    local_slack,
    start_project,
)

WATCHED_SECONDS = 30.0
MEMORY_MB = 150.0
CORE_PERCENT = 1.0


async def measure() -> Figure:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with local_slack(deliver_to=port) as slack:
            env = {
                "SLACK_API_URL": slack.api_url,
                "SLACK_BOT_TOKEN": BOT_TOKEN,
                "SLACK_SIGNING_SECRET": SIGNING_SECRET,
                "DATABASE_URL": f"sqlite:///{Path(folder) / 'idle.db'}",
                "STILLTRUE_HOST": "127.0.0.1",
                "PORT": str(port),
            }
            async with process("-m", "bot", "db", "upgrade", env=env, ready=None) as upgrade:
                if await upgrade.wait() != 0:
                    raise RuntimeError("`stilltrue db upgrade` failed")
            ready = f"http://127.0.0.1:{port}/readyz"
            async with process("-m", "bot", "run", env=env, ready=ready) as bot:
                await _work(slack)
                memory, percent = await _watch(bot.pid)
    lines = (
        f"after a few commands, {WATCHED_SECONDS:.0f} s with nothing to do: "
        f"{memory:.0f} MB resident, {percent:.2f} % of one core",
    )
    values = (
        Value(name="idle_memory", value=round(memory, 1), unit="MB", holds=memory < MEMORY_MB),
        Value(
            name="idle_core",
            value=round(percent, 2),
            unit="% of a core",
            holds=percent < CORE_PERCENT,
        ),
    )
    return Figure(lines=lines, values=values)


async def _work(slack: LocalSlack) -> None:
    """Let it load what real use loads: forms, dates in words, full text, the report."""
    await start_project(slack)
    for text in (
        f"/assume The payments API is live | ask <@{BO}> by the second friday of march impact:high",
        "/assume list",
        "/setback delay 3d waiting for the payments API",
        "/stilltrue report",
    ):
        await slack.call("compose", as_=ANA, channel=CHANNEL, text=text)


async def _watch(pid: int) -> tuple[float, float]:
    """Return resident MB at the end, and processor time as a share of the time that passed."""
    await asyncio.sleep(3)
    before, began = _processor_seconds(pid), time.monotonic()
    await asyncio.sleep(WATCHED_SECONDS)
    used, passed = _processor_seconds(pid) - before, time.monotonic() - began
    return _resident_mb(pid), 100 * used / passed


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000
