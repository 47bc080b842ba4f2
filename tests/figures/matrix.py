"""`matrix`: every listener × everybody who should learn nothing, and how much they learned.

Promised: nothing. The entries are the dispatcher's own; one without a recipe ends the measurement.
"""

import asyncio
import logging
import tempfile
from pathlib import Path

from bot.slack.names import CommandNames
from bot.slack.routes import build_dispatcher
from bot.store import schema
from tests.engines import sqlite_url
from tests.figures.figure import Figure, Value
from tests.matrix.judge import Verdict, judge
from tests.matrix.world import CASES, world_at


async def measure() -> Figure:
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)  # it tells of each refused request
    entries = frozenset(build_dispatcher(CommandNames()))
    whole, lines = Verdict(), [f"{'as':20}{'entries':>8}{'leaks':>7}"]
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "world.db"
            await asyncio.to_thread(schema.upgrade, sqlite_url(path))
            async with world_at(path) as world:
                verdict = await judge(world, case, entries)
        lines += [f"{case:20}{verdict.cases:>8}{len(verdict.leaks):>7}", *verdict.leaks]
        whole += verdict
    found = len(whole.leaks)
    return Figure(
        lines=tuple(lines),
        values=(
            Value(name="matrix.entries", value=len(whole.entries), unit="listeners", holds=True),
            Value(name="matrix.cases", value=whole.cases, unit="cases", holds=True),
            Value(name="matrix.leaks", value=found, unit="leaks", holds=not found),
        ),
    )
