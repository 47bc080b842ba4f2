"""PostgreSQL restarts while questions go out and answers come in: all of them end right."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.outbox import MessageKey, MessageKind
from bot.store import schema
from tests.chaos.herd import Herd
from tests.chaos.lane import lane_on
from tests.chaos.restarts import Away, shown_again, survive
from tests.chaos.slack import Post
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


MARKED = Post(
    key=MessageKey(kind=MessageKind.ASK, about="", to="U1", occasion="b"),
    token="t",
    channel="D1",
    ts="1.1",
    is_marked=True,
    at=20.0,
)
FIRST = replace(MARKED, is_marked=False, at=10.0)


@pytest.mark.parametrize(
    ("posts", "away", "is_wrong"),
    [
        ([FIRST, MARKED], [Away(12.0, 13.0)], False),
        ([FIRST, MARKED], [Away(9.0, 11.0)], False),
        ([FIRST, MARKED], [Away(2.0, 3.0)], True),  # nothing kept the first from being recorded
        ([FIRST, replace(FIRST, at=20.0)], [Away(12.0, 13.0)], True),
        ([FIRST, MARKED, replace(MARKED, at=30.0)], [Away(12.0, 13.0)], True),
        ([replace(MARKED, at=10.0), replace(FIRST, at=20.0)], [Away(12.0, 13.0)], True),
    ],
)
def test_a_message_may_come_again_only_with_a_mark_after_a_restart(
    posts: list[Post], away: list[Away], is_wrong: bool
) -> None:
    assert shown_again(posts, away) == ({FIRST.key} if is_wrong else set())
