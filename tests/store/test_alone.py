"""One bad row among many ends itself alone, on both databases."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import RetryableError
from bot.store import inbox
from bot.store.alone import alone
from tests.engines import ON_POSTGRESQL_ALONE
from tests.store.samples import HERE, NOON


def _note(tx: Connection, key: str, statement: str) -> None:
    inbox.first_time(tx, HERE, "slack", key, now=NOON)
    tx.execute(text(statement), {"n": "no number"} if ":n" in statement else {})


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO inbox SELECT * FROM inbox",  # there already
        "INSERT INTO inbox (workspace) VALUES ('T1')",  # incomplete
    ],
)
def test_what_a_row_is_to_blame_for_ends_it_alone(tx: Connection, statement: str) -> None:
    assert alone(tx, _note, "Ev1", statement) is not None
    assert alone(tx, _note, "Ev2", "SELECT 1") is None

    assert inbox.first_time(tx, HERE, "slack", "Ev1", now=NOON)  # nothing of it was kept
    assert not inbox.first_time(tx, HERE, "slack", "Ev2", now=NOON)


@ON_POSTGRESQL_ALONE  # SQLite takes every value
@pytest.mark.parametrize(
    "statement", ["SELECT 1 / 0", "SELECT 2000000000 + 2000000000", "SELECT CAST(:n AS int) + 1"]
)
def test_a_value_that_postgresql_does_not_take_is_the_row_s(tx: Connection, statement: str) -> None:
    assert alone(tx, _note, "Ev1", statement) is not None
    assert alone(tx, _note, "Ev2", "SELECT 1") is None


def test_what_the_database_is_to_blame_for_is_raised(tx: Connection) -> None:
    with pytest.raises((DBAPIError, RetryableError)):
        alone(tx, _note, "Ev1", "SELECT * FROM no_such_table")


def test_a_bug_ends_its_row_alone(tx: Connection) -> None:
    def fail(_tx: Connection) -> None:
        raise ZeroDivisionError

    assert isinstance(alone(tx, fail), ZeroDivisionError)
