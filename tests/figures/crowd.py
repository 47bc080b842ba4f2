"""Hundreds of thousands of assumptions, loaded past the use cases: the rows that logging writes."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

import asyncpg

from bot.domain.history import Asked, Logged
from bot.domain.ids import AssumptionKey, ProjectKey, WorkspaceId
from bot.domain.prompt import PromptKind
from bot.store import full_text, happenings
from bot.store.types import sqlite_moment, to_json
from tests.linking.labelled_set import candidates
from tests.make import ANA, BO, HOME, logged

LOGGED_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
SERVICES = tuple(f"service-{n}" for n in range(10))
VOCABULARY = 8_000  # words; the n-th is 1 / (n + 10) as frequent, as the telling words of texts are
WORDS = (6, 14)  # of a statement
_STATEMENT = "§"
_BATCH = 50_000
_COLUMNS = {
    "assumption": """
        workspace assumption project number statement owner impact consequence quorum tags services
        channel status accepted_reason unit logged_by logged_at version last_seq
    """,
    "stakeholder": "workspace assumption user_id position is_backup is_released round",
    "history": "workspace assumption seq at by_user kind data",
}
_TABLES = {table: columns.split() for table, columns in _COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    workspace: WorkspaceId
    key: AssumptionKey
    statement: str
    services: tuple[str, ...]
    logged_at: datetime


def scattered(workspaces: Sequence[WorkspaceId], each: int) -> Iterator[Row]:
    """Yield `each` for every workspace, one after another in turn, as they would be logged."""
    dice = Random(each)  # noqa: S311 -- the same ones every time
    for number in range(1, each + 1):
        for workspace in workspaces:
            project = ProjectKey(f"P{number % 8}")
            services = (dice.choice(SERVICES),) if dice.random() < 0.7 else ()
            at = LOGGED_AT + timedelta(minutes=number)
            key = AssumptionKey(project, number)
            yield Row(workspace, key, " ".join(words(dice, dice.randint(*WORDS))), services, at)


def around_the_labelled(workspace: WorkspaceId, count: int) -> Iterator[Row]:
    """Yield the labelled set among `count` others that are made of its words and of any."""
    dice = Random(count)  # noqa: S311 -- the same ones every time
    known = [one.assumption for one in candidates()]
    for one in known:
        yield Row(workspace, one.key, one.statement, one.services, LOGGED_AT)
    theirs = [word for one in known for word in full_text.words_of(one.statement)]
    services = sorted({name for one in known for name in one.services})
    for number in range(1, count - len(known) + 1):
        half = dice.randint(*WORDS) // 2
        statement = " ".join([*dice.choices(theirs, k=half), *words(dice, half)])
        named = (dice.choice(services),) if dice.random() < 0.3 else ()
        key = AssumptionKey(ProjectKey(f"BIG{number % 8}"), number)
        yield Row(workspace, key, statement, named, LOGGED_AT + timedelta(minutes=number % 9999))


def words(dice: Random, count: int) -> list[str]:
    known, weights = _vocabulary()
    return dice.choices(known, cum_weights=weights, k=count)


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    dice = Random(VOCABULARY)  # noqa: S311
    syllables = [a + b for a in "bdfgklmnprtvz" for b in "aeiou"]
    known: dict[str, None] = {}
    while len(known) < VOCABULARY:
        known["".join(dice.choices(syllables, k=dice.randint(2, 4)))] = None
    return list(known), list(accumulate(1 / (n + 10) for n in range(VOCABULARY)))


def load_sqlite(path: Path, rows: Iterator[Row]) -> None:
    with sqlite3.connect(path) as driver:
        driver.execute("PRAGMA synchronous = OFF")
        for batch in _batches(rows):
            for table, columns in _TABLES.items():
                marks = ", ".join("?" * len(columns))
                names = ", ".join(columns)
                statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
                driver.executemany(statement, map(_for_sqlite, _records(table, batch)))
            driver.executemany(full_text.SQLITE_ADD, map(_sqlite_text, batch))
            driver.commit()
        driver.execute("ANALYZE")
    driver.close()


def _for_sqlite(record: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sqlite_moment(v) if isinstance(v, datetime) else v for v in record)


def _sqlite_text(row: Row) -> tuple[str, str, str]:
    found_by = full_text.sqlite_words(row.workspace, row.key, row.statement, row.services)
    return found_by, row.workspace, str(row.key)


async def load_postgres(url: str, rows: Iterator[Row]) -> None:
    """Copy the rows in; the index of words is built once they are there, by its own definition."""
    driver = await asyncpg.connect(url.replace(":@/", "@/"))
    index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_assumption_text_words'"
    definition = await driver.fetchval(index)
    await driver.execute("SET session_replication_role = replica")  # no check for each reference
    await driver.execute("DROP INDEX ix_assumption_text_words")
    await driver.execute("CREATE TEMP TABLE found_by (workspace text, assumption text, w text[])")
    for batch in _batches(rows):
        for table, columns in _TABLES.items():
            records = _records(table, batch)
            await driver.copy_records_to_table(table, records=records, columns=columns)
        texts = ((row.workspace, str(row.key), _terms(row)) for row in batch)
        await driver.copy_records_to_table("found_by", records=texts)
    await driver.execute(
        "INSERT INTO assumption_text (workspace, assumption, words)"
        " SELECT workspace, assumption, array_to_tsvector(w) FROM found_by"
    )
    await driver.execute(definition)
    await driver.execute("VACUUM ANALYZE")
    await driver.close()


def _terms(row: Row) -> list[str]:
    return full_text.terms_of(row.workspace, row.statement, row.services)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _records(table: str, rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        key = str(row.key)
        if table == "assumption":
            named = to_json(row.services)
            facts = (ANA, "medium", "", "any", "[]", named, HOME, "unvalidated", "", "")
            where = (row.workspace, key, row.key.project, row.key.number, row.statement)
            yield (*where, *facts, ANA, row.logged_at, 1, 2)
        elif table == "stakeholder":
            yield (row.workspace, key, BO, 0, False, False, 1)
        else:
            said = _LOGGED.replace(_STATEMENT, row.statement)
            asked_at = row.logged_at + timedelta(hours=1)
            yield (row.workspace, key, 1, row.logged_at, ANA, "logged", said)
            yield (row.workspace, key, 2, asked_at, None, "asked", _ASKED)


_first: Logged = logged(statement=_STATEMENT)
_LOGGED = to_json(happenings.to_data(_first)).replace(to_json(_STATEMENT)[1:-1], _STATEMENT)
_ASKED = to_json(happenings.to_data(Asked(stakeholder=BO, kind=PromptKind.ASK, round=1, attempt=1)))
