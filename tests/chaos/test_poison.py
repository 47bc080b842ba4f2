"""What kills each process that has it is given up in the end, and holds up nothing else."""

from datetime import datetime

import pytest

from bot.domain.ids import UserId
from bot.domain.lease import LAPSES_MAX
from bot.domain.outbox import ENDS_PROCESSES, MessageState
from bot.domain.prompt import PromptState
from bot.store import outbox, prompt
from tests.chaos.herd import Child
from tests.chaos.lane import HERE, Lane
from tests.chaos.poll import PATIENCE, until
from tests.chaos.questions import TUESDAY_NOON, judge_questions, plan_questions

POISON = "C0POISON"
DEADLY = UserId("U0POISON")


# Each on one of the two: a death costs a start and a lease, and the store's own suite has both.
on_sqlite = pytest.mark.parametrize("engine_kind", ["sqlite"])
on_postgresql = pytest.mark.parametrize("engine_kind", ["postgresql"])


async def _die_of(lane: Lane, *, poison: str, now: datetime | None = None) -> None:
    """Let one worker after the other die of the poison, as often as it may be tried."""
    for _ in range(LAPSES_MAX):
        worker = await _worker(lane, poison=poison, now=now)
        await worker.ended(within=PATIENCE)
        assert worker.said_at_its_end == "poison"


async def _worker(lane: Lane, *, poison: str, now: datetime | None = None) -> Child:
    if now is not None:
        lane.given["CHAOS_NOW"] = now.isoformat()
    return await lane.spawn("worker", CHAOS_HASTE="1", CHAOS_POISON=poison)


@on_sqlite
async def test_a_message_that_kills_its_process_is_parked_and_the_others_go_out(
    lane: Lane,
) -> None:
    places = [f"C{number}" for number in range(30)]
    [poison] = await lane.want([POISON])
    others = await lane.want(places)

    await _die_of(lane, poison=POISON)
    survivor = await _worker(lane, poison=POISON)
    await lane.until_all_sent(within=PATIENCE)
    await survivor.stop()

    rows = await lane.outbox()
    assert {rows[key].state for key in others} == {MessageState.SENT}
    assert rows[poison].state is MessageState.DEAD
    assert await lane.db.read(outbox.troubles) == [(MessageState.DEAD, ENDS_PROCESSES, 1)]
    assert sorted({post.key.to for post in lane.slack.posts}) == sorted(places)


@on_postgresql
async def test_a_question_that_kills_its_process_waits_and_the_others_are_asked(
    lane: Lane,
) -> None:
    people = [DEADLY, *(UserId(f"U0{number}") for number in range(5))]
    await lane.start_project()
    await lane.db.write(plan_questions, people)

    await _die_of(lane, poison=DEADLY, now=TUESDAY_NOON)
    survivor = await _worker(lane, poison=DEADLY, now=TUESDAY_NOON)

    async def is_all_asked() -> bool:
        return len({post.key.to for post in lane.slack.posts}) == len(people) - 1

    await until(is_all_asked)
    await survivor.stop()

    verdict, _ = await judge_questions(lane, people[1:])
    assert verdict.is_clean
    [waiting] = await lane.db.read(prompt.planned_for, HERE, DEADLY)
    assert (waiting.state, waiting.due_at > TUESDAY_NOON) == (PromptState.PLANNED, True)
