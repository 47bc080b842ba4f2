"""`restarts`: PostgreSQL restarts every 5 to 40 s, 0 to 2 s away, while 5,000 questions are asked.

Promised: every question goes out once (once more with a mark where Slack's answer could not be
written down), every answer that looks well to its person is stored, and stored once; so too with
PgBouncer in between.
"""

import asyncio
import contextlib
import os
import tempfile
from functools import partial
from pathlib import Path

from bot.store import schema
from tests.chaos.bouncer import bouncer, program
from tests.chaos.herd import herd
from tests.chaos.lane import lane_on
from tests.chaos.restarts import Survived, survive
from tests.figures.figure import Figure, Value
from tests.figures.postgres import Postgres, postgres

QUESTIONS = int(os.environ.get("STILLTRUE_FIGURE_ROWS", "5000"))  # noqa: TID251 - a figure's own knob
# A short run has to see restarts too.
PAUSE = (5.0, 40.0) if QUESTIONS >= 1000 else (2.0, 4.0)
DOWN = (0.0, 2.0)


async def measure() -> Figure:
    lines, values = [], []
    for way in ("directly", "through PgBouncer"):
        if way != "directly" and program() is None:
            lines.append(f"{way}: not measured, since PgBouncer is not installed here")
            continue
        found = await _survive(has_bouncer=way != "directly")
        lines += [
            f"{way}: {found.questions:,} questions and as many answers, {found.restarts} restarts "
            f"in {found.seconds:.0f} s (seed 1): {found.lost} lost, {found.doubled} doubled, "
            f"{found.repeated} repeated with a mark, recovered in {found.slowest:.1f} s at most",
            f"{way}: answers: {found.unheard} lost unsaid, {found.vanished} stored and gone, "
            f"{found.answered_twice} stored twice",
        ]
        values += _values("" if way == "directly" else "_bouncer", found)
    return Figure(lines=tuple(lines), values=tuple(values))


async def _survive(*, has_bouncer: bool) -> Survived:
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        processes = stack.enter_context(herd(Path(folder)))
        server = stack.enter_context(postgres())
        await asyncio.to_thread(schema.upgrade, server.url)
        url = server.url
        if has_bouncer:
            url = await stack.enter_async_context(bouncer(url, pool_size=20))
        lane = await stack.enter_async_context(lane_on(url, processes))
        await lane.start_project()
        return await survive(
            lane, questions=QUESTIONS, restart=partial(_restart, server), pause=PAUSE, down=DOWN
        )


def _values(slug: str, found: Survived) -> list[Value]:
    answers = found.unheard + found.vanished + found.answered_twice
    return [
        Value(
            name=f"restarts_count{slug}",
            value=found.restarts,
            unit="restarts",
            holds=found.restarts > 0,
        ),
        Value(
            name=f"restarts_lost{slug}", value=found.lost, unit="questions", holds=not found.lost
        ),
        Value(
            name=f"restarts_doubled{slug}",
            value=found.doubled,
            unit="questions",
            holds=found.doubled == 0,
        ),
        Value(
            name=f"restarts_answers_wrong{slug}", value=answers, unit="answers", holds=not answers
        ),
    ]


async def _restart(server: Postgres, down: float) -> None:
    await asyncio.to_thread(server.restart, down)
