"""Duplicates, and clicks at the same moment: one state change each, always acknowledged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count

import pytest

from bot.domain.ids import AssumptionKey, ProjectKey, UserId
from bot.domain.validation import Answer
from bot.slack.views.validation import already_answered
from tests.chaos.clicks import CY, DI, Pair, Race, Row, judge_clicks, race
from tests.chaos.deliveries import BO, Delivery, Heard, deliver_again, judge_deliveries, webs_on
from tests.chaos.lane import Lane
from tests.make import make_validation

chaos = pytest.mark.chaos

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = AssumptionKey(ProjectKey("APOLLO"), 1)
BOS = Row(BO, Answer.HOLDS, NOON)
CYS = Row(CY, Answer.FAILS, NOON)
OTHER = Row(UserId("U0EVE"), Answer.HOLDS, NOON)


@pytest.mark.parametrize("deliveries", [150, pytest.param(10_000, marks=chaos)])
async def test_each_delivery_changes_things_once_and_every_copy_is_acknowledged(
    lane: Lane, deliveries: int
) -> None:
    await lane.start_project()

    async with webs_on(lane) as ports:
        delivered = await deliver_again(lane, ports, deliveries=deliveries, numbers=count(1))

    assert delivered.holds, (delivered, lane.herd.said)


@pytest.mark.parametrize("pairs", [5, pytest.param(1_000, marks=chaos)])
async def test_of_two_clicks_at_once_one_wins_and_the_other_is_told(lane: Lane, pairs: int) -> None:
    await lane.start_project()
    numbers = count(1)

    async with webs_on(lane) as ports:
        raced = [await race(lane, ports, one, pairs=pairs, numbers=numbers) for one in Race]

    assert all(one.holds for one in raced), (raced, lane.herd.said)


def told_of(row: Row, *, is_own: bool = False) -> str:
    return already_answered(make_validation(by=row.by, answer=row.answer, at=row.at), is_own=is_own)


def of(*changes: str) -> list[Delivery]:
    return [Delivery(kind="command", changes=one, make=lambda _c, _p: b"") for one in changes]


@pytest.mark.parametrize(
    ("after", "missing", "extra"),
    [
        ({"A": 1, "B": 1}, {}, {}),
        ({"A": 2}, {"B": 1}, {"A": 1}),
        ({"A": 1, "C": 1}, {"B": 1}, {"C": 1}),
    ],
)
def test_a_delivery_that_counts_twice_makes_no_lost_one_good(
    after: dict[str, int], missing: dict[str, int], extra: dict[str, int]
) -> None:
    found = judge_deliveries(
        of("A", "B", ""), Counter(), Counter(after), kinds=Counter(), heard=Heard()
    )

    assert (found.missing, found.extra) == (missing, extra)
    assert found.holds is not bool(missing or extra)


@pytest.mark.parametrize(
    ("status", "body"), [(500, b""), (200, b'{"text": "Something went wrong on my side."}')]
)
def test_a_refusal_and_an_apology_are_no_acknowledgement(status: int, body: bytes) -> None:
    heard = Heard()
    heard.hear(status, body)

    found = judge_deliveries((), Counter(), Counter(), kinds=Counter(), heard=heard)

    assert not found.holds


@pytest.mark.parametrize(
    ("which", "rows", "told", "wrong"),
    [
        (Race.SAME, [BOS], {2: [told_of(BOS)]}, None),
        (Race.SAME, [BOS], {2: ["Something went wrong on my side."]}, "untold"),
        (Race.SAME, [BOS], {2: [told_of(OTHER)]}, "untold"),
        (Race.SAME, [BOS], {}, "untold"),
        (Race.SAME, [], {2: [told_of(BOS)]}, "lost"),
        (Race.SAME, [BOS, BOS], {2: [told_of(BOS)]}, "doubled"),
        (Race.SAME, [BOS], {1: [told_of(BOS, is_own=True)], 2: [told_of(BOS)]}, "mistold"),
        (Race.DIFFERENT, [BOS, CYS], {}, None),
        (Race.DIFFERENT, [BOS], {}, "lost"),
        (Race.DIFFERENT, [BOS, BOS], {}, "lost"),
        (Race.DIFFERENT, [BOS, CYS], {2: [told_of(BOS)]}, "mistold"),
    ],
)
def test_the_judge_looks_at_each_question_and_at_what_each_was_told(
    which: Race, rows: Sequence[Row], told: Mapping[int, Sequence[str]], wrong: str | None
) -> None:
    pair = Pair(key=KEY, people=(BO, CY), numbers=(1, 2))

    found = judge_clicks(which, [pair], {KEY: rows}, told)

    assert found.is_right is (wrong is None)
    assert wrong is None or KEY in getattr(found, wrong)


def test_somebody_who_was_not_asked_is_told_as_if_it_were_not_there() -> None:
    pair = Pair(key=KEY, people=(BO, DI), numbers=(1, 2))
    words = "I know no APOLLO-1 here. Look it up in the list of what is logged."

    assert judge_clicks(Race.NOT_ASKED, [pair], {KEY: [BOS]}, {2: [words]}).holds
    assert not judge_clicks(Race.NOT_ASKED, [pair], {KEY: [BOS]}, {1: [words]}).holds
