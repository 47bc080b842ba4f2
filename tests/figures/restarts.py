"""`restarts`: PostgreSQL restarts every 5 to 40 s, 0 to 2 s away, while 5,000 questions are asked.

Promised: every question goes out once (once more with a mark where Slack's answer could not be
written down), every answer that looks well to its person is stored, and stored once.
"""

import asyncio
import os
import tempfile
from functools import partial
from pathlib import Path

from bot.store import schema
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.chaos.restarts import survive
from tests.figures.figure import Figure, Value
from tests.figures.postgres import Postgres, postgres

QUESTIONS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "5000"))  # noqa: TID251 - a figure's own knob
# A short run has to see restarts too.
PAUSE = (5.0, 40.0) if QUESTIONS >= 1000 else (2.0, 4.0)
DOWN = (0.0, 2.0)


async def measure() -> Figure:
    with (
        tempfile.TemporaryDirectory() as folder,
        herd(Path(folder)) as processes,
        postgres() as server,
    ):
        await asyncio.to_thread(schema.upgrade, server.url)
        async with lane_on(server.url, processes) as lane:
            await lane.start_project()
            found = await survive(
                lane,
                questions=QUESTIONS,
                restart=partial(_restart, server),
                pause=PAUSE,
                down=DOWN,
            )
    lines = (
        f"{found.questions:,} questions and as many answers, {found.restarts} restarts in "
        f"{found.seconds:.0f} s: {found.lost} lost, {found.doubled} doubled, "
        f"{found.repeated} repeated with a mark",
        f"answers: {found.unanswered} lost, {found.answered_twice} stored twice",
    )
    values = (
        Value(
            name="restarts_count",
            value=found.restarts,
            unit="restarts",
            holds=found.restarts > 0,
        ),
        Value(name="restarts_lost", value=found.lost, unit="questions", holds=found.lost == 0),
        Value(
            name="restarts_doubled",
            value=found.doubled,
            unit="questions",
            holds=found.doubled == 0,
        ),
        Value(
            name="restarts_answers_lost",
            value=found.unanswered,
            unit="answers",
            holds=found.unanswered == 0 and found.answered_twice == 0,
        ),
    )
    return Figure(lines=lines, values=values)


async def _restart(server: Postgres, down: float) -> None:
    await asyncio.to_thread(server.restart, down)
