"""The labelled set is what it says, and the ranking does on it what it promises."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from bot.domain.permission import OPERATOR
from bot.usecases.linking import rank_all
from tests.linking.labelled_set import candidates, setbacks
from tests.linking.loading import load
from tests.linking.scores import by_ours, by_text_alone, score


def test_the_set_is_as_large_as_it_must_be() -> None:
    known, labelled = candidates(), setbacks()

    assert len(known) >= 300
    assert len({one.assumption.key.project for one in known}) == 5
    assert len(labelled) >= 40
    for is_held_out in (True, False):
        half = [one for one in labelled if one.is_held_out is is_held_out]
        assert sum(bool(one.true) for one in half) >= 20
        assert sum(not one.true for one in half) >= 6


def test_no_setback_began_before_its_assumptions_were_logged() -> None:
    last = max(one.assumption.logged_at for one in candidates())

    assert all(one.setback.started_at > last for one in setbacks())


@pytest.mark.parametrize("is_held_out", [False, True], ids=["tuning", "held-out"])
def test_ours_is_better_than_text_alone(tx: Connection, is_held_out: bool) -> None:
    load(tx)
    half = [one for one in setbacks() if one.is_held_out is is_held_out]

    text, ours = score(tx, by_text_alone, half), score(tx, by_ours, half)

    assert ours.hit >= text.hit
    assert ours.recall > text.recall
    assert ours.mrr > text.mrr + 0.1
    assert ours.rightly_none > text.rightly_none + 0.2


@pytest.fixture
def on_both(request: pytest.FixtureRequest) -> Iterator[tuple[Connection, Connection]]:
    """A transaction on each engine; both are rolled back after the test."""
    sqlite: Connection = request.getfixturevalue("_sqlite_connection")
    postgres: Connection = request.getfixturevalue("_postgres_connection")
    sqlite.exec_driver_sql("BEGIN IMMEDIATE")
    yield sqlite, postgres
    sqlite.rollback()
    postgres.rollback()


def test_both_engines_give_the_same_final_order(on_both: tuple[Connection, Connection]) -> None:
    for tx in on_both:
        load(tx)

    for one in setbacks():
        sqlite, postgres = (
            [
                (trace.assumption, trace.reasons)
                for trace, _ in rank_all(tx, one.setback, reader=OPERATOR)
            ]
            for tx in on_both
        )
        assert sqlite == postgres
