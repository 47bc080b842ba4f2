"""PostgreSQL restarts while questions go out and answers come in: all of them end right."""

import asyncio
from functools import partial

import pytest

from bot.store import schema
from tests.chaos.herd import Herd
from tests.chaos.lane import lane_on
from tests.chaos.restarts import survive
from tests.figures.postgres import Postgres, postgres


async def restart(server: Postgres, down: float) -> None:
    await asyncio.to_thread(server.restart, down)


@pytest.mark.parametrize(
    ("questions", "pause", "down"),
    [
        (5, (1.0, 1.5), (0.0, 0.2)),
        pytest.param(5_000, (5.0, 40.0), (0.0, 2.0), marks=pytest.mark.chaos),
    ],
)
async def test_restarts_of_the_database_lose_no_question_and_no_answer(
    processes: Herd, questions: int, pause: tuple[float, float], down: tuple[float, float]
) -> None:
    with postgres() as server:
        await asyncio.to_thread(schema.upgrade, server.url)
        async with lane_on(server.url, processes) as lane:
            await lane.start_project()

            survived = await survive(
                lane,
                questions=questions,
                restart=partial(restart, server),
                pause=pause,
                down=down,
            )
        processes.end_all()

    assert survived.holds, (survived, processes.said[-3000:])
    assert survived.restarts > 0
