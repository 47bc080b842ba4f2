from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url

from bot.store.sqlite import sqlite_engine
from tests.engines import copy_sqlite


@pytest.fixture(scope="session")
def sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection to an empty, migrated file; whoever begins a transaction ends it."""
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("simulation") / "stilltrue.db")
    engine = sqlite_engine(make_url(url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def rolled_back(connection: Connection) -> Iterator[Connection]:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:  # the connection is every test's
        connection.rollback()


@pytest.fixture
def sqlite_tx(sqlite: Connection) -> Iterator[Connection]:
    with rolled_back(sqlite):
        yield sqlite
