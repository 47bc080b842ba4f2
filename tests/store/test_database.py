"""The port `Database` on both engines: what is kept, what is not, and who hears of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util.concurrency import await_

from bot.domain.delivery import Delivery
from bot.domain.errors import FatalError, NotFoundError, RetryableError
from bot.domain.history import Retired
from bot.domain.lease import Claimed
from bot.domain.outbox import Message, MessageKey, MessageKind
from bot.store import assumption as assumptions
from bot.store import history, inbox, outbox, outbox_claim, schema
from bot.store import project as projects
from bot.store import setback as setbacks
from bot.store.database import Database, open_database
from tests.store.samples import (
    ANA,
    APOLLO,
    ELSEWHERE,
    HERE,
    HOME,
    NO_LEASE,
    NOON,
    TS,
    log_one,
    make_new,
    make_project,
    make_setback_draft,
)

TASKS = 32


@pytest.fixture
async def second(database_url: str) -> AsyncIterator[Database]:
    """Another process on the same database."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


def _first_time(tx: Connection, key: str) -> bool:
    return inbox.first_time(tx, HERE, "slack", key, now=NOON)


def _count(tx: Connection) -> int:
    found: int = tx.execute(text("SELECT count(*) FROM inbox")).scalar_one()
    return found


class BugError(Exception):
    """What a unit of work raises by mistake."""


def _store_then_raise(tx: Connection, key: str, error: BaseException) -> None:
    _first_time(tx, key)
    raise error


async def test_what_is_written_is_read_by_everybody(database: Database, second: Database) -> None:
    assert await database.write(_first_time, "a")

    assert await second.read(_count) == 1
    assert not await second.write(_first_time, "a")


@pytest.mark.parametrize("error", [NotFoundError("not there"), BugError(), StopIteration()])
async def test_what_a_unit_raises_reaches_its_caller_and_leaves_nothing(
    database: Database, error: Exception
) -> None:
    expected = RuntimeError if isinstance(error, StopIteration) else type(error)

    with pytest.raises(expected):
        await database.write(_store_then_raise, "a", error)

    assert await database.read(_count) == 0
    assert await database.write(_first_time, "a")


async def test_of_units_together_the_one_that_fails_rolls_back_alone(database: Database) -> None:
    async def unit(number: int) -> None:
        if number % 3 == 0:
            await database.write(_store_then_raise, str(number), BugError())
        await database.write(_first_time, str(number))

    results = await asyncio.gather(*(unit(n) for n in range(TASKS)), return_exceptions=True)

    assert [isinstance(one, BugError) for one in results] == [n % 3 == 0 for n in range(TASKS)]
    assert await database.read(_count) == TASKS - len(range(0, TASKS, 3))


async def test_a_statement_that_fails_rolls_its_unit_back_alone(database: Database) -> None:
    def broken(tx: Connection) -> None:
        _first_time(tx, "broken")
        tx.execute(text("INSERT INTO inbox (workspace) VALUES ('no source')"))

    results = await asyncio.gather(
        *(database.write(_first_time, str(n)) for n in range(8)),
        database.write(broken),
        return_exceptions=True,
    )

    assert results[:8] == [True] * 8
    assert isinstance(results[8], DBAPIError)
    assert await database.read(_count) == 8


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.read(_first_time, "a")

    assert await database.read(_count) == 0


async def test_a_reader_sees_one_moment(database: Database, second: Database) -> None:
    loop = asyncio.get_running_loop()

    def write_elsewhere() -> None:
        if database.kind == "postgresql":  # a unit runs in the loop's own thread there
            await_(second.write(_first_time, "a"))
        else:
            asyncio.run_coroutine_threadsafe(second.write(_first_time, "a"), loop).result()

    def count_twice(tx: Connection) -> tuple[int, int]:
        before = _count(tx)
        write_elsewhere()
        return before, _count(tx)

    assert await database.read(count_twice) == (0, 0)
    assert await database.read(_count) == 1


async def test_a_result_passes_through_as_it_is(database: Database) -> None:
    one = object()

    def same(_tx: Connection, first: object, *, key: object) -> tuple[object, object]:
        return first, key

    assert await database.write(same, one, key=one) == (one, one)
    assert await database.read(same, one, key=one) == (one, one)


async def test_one_who_stops_waiting_leaves_the_others_alone(database: Database) -> None:
    tasks = [asyncio.create_task(database.write(_first_time, str(n))) for n in range(TASKS)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()

    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert results[1::2] == [True] * (TASKS // 2)
    assert await database.write(_first_time, "after")


async def test_closing_finishes_what_waits(database_url: str) -> None:
    database = open_database(database_url)
    tasks = [asyncio.create_task(database.write(_first_time, str(n))) for n in range(TASKS)]
    await asyncio.sleep(0)
    if database.kind == "postgresql":
        await asyncio.gather(*tasks)

    await database.close()

    assert await asyncio.gather(*tasks) == [True] * TASKS
    again = open_database(database_url)
    assert await again.read(_count) == TASKS
    await again.close()


async def test_a_closed_sqlite_takes_no_more_work(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/a.db")
    await database.close()
    await database.close()

    for run in (database.write, database.read):
        with pytest.raises(RetryableError):
            await run(_count)


async def test_numbers_are_given_once_each_under_load(database: Database, second: Database) -> None:
    await database.write(projects.add, make_project())

    keys = await asyncio.gather(
        *(
            (database if n % 2 else second).write(
                assumptions.log, make_new(delivery=Delivery("slack", str(n)))
            )
            for n in range(100)
        )
    )

    assert sorted(key.number for key in keys if key is not None) == list(range(1, 101))


async def test_of_many_copies_of_a_delivery_one_is_stored(
    database: Database, second: Database
) -> None:
    await database.write(projects.add, make_project())
    new = make_new(delivery=Delivery("slack", "Ev1"))

    keys = await asyncio.gather(
        *((database if n % 2 else second).write(assumptions.log, new) for n in range(TASKS))
    )

    assert [str(key) for key in keys if key is not None] == ["APOLLO-1"]


async def test_history_has_no_gaps_when_many_write(database: Database, second: Database) -> None:
    key = (await database.write(lambda tx: log_one(tx))).key  # noqa: PLW0108 -- its type has no name

    def append(tx: Connection) -> int:
        return history.append(tx, HERE, key, Retired(), by=ANA, at=NOON)

    seqs = await asyncio.gather(
        *((database if n % 2 else second).write(append) for n in range(TASKS))
    )

    assert sorted(seqs) == list(range(2, TASKS + 2))


async def test_setbacks_are_numbered_once_each(database: Database, second: Database) -> None:
    def add(tx: Connection) -> int:
        return setbacks.add(tx, HERE, make_setback_draft(), by=ANA, at=NOON).number

    numbers = await asyncio.gather(
        *((database if n % 2 else second).write(add) for n in range(TASKS))
    )

    assert sorted(numbers) == list(range(1, TASKS + 1))


async def test_two_workers_never_claim_one_message(database: Database, second: Database) -> None:
    def want(tx: Connection) -> None:
        for number in range(200):
            key = MessageKey(kind=MessageKind.CARD, about=f"{APOLLO}-{number}", to=HOME)
            outbox.want(tx, HERE if number % 2 else ELSEWHERE, key, now=NOON)

    async def work(db: Database) -> list[Claimed[Message]]:
        taken: list[Claimed[Message]] = []
        while some := await db.write(_claim):
            taken += some
        return taken

    await database.write(want)
    shares = await asyncio.gather(*(work(db) for db in (database, second, database, second)))

    taken = [(one.item.workspace, one.item.key) for share in shares for one in share]
    assert len(taken) == len(set(taken)) == 200


def _claim(tx: Connection) -> list[Claimed[Message]]:
    return outbox_claim.claim_due(tx, now=NOON, limit=7, lease=timedelta(minutes=1))


async def test_a_worker_that_wakes_up_late_changes_nothing(
    database: Database, second: Database
) -> None:
    card = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=HOME)
    await database.write(outbox.want, HERE, card, now=NOON)
    (slow,) = await database.write(outbox_claim.claim_due, now=NOON, limit=1, lease=NO_LEASE)
    (quick,) = await second.write(_claim)

    late = await database.write(outbox_claim.sent, slow, channel=HOME, ts=TS, at=NOON)

    assert not late
    assert await second.write(outbox_claim.sent, quick, channel=HOME, ts=TS, at=NOON)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://h/db", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_names_no_database_we_know_is_said_so(url: str) -> None:
    with pytest.raises(FatalError, match="DATABASE_URL"):
        open_database(url)


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="no folder"):
        open_database(f"sqlite:///{tmp_path}/none/a.db")


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("not a database " * 100)

    with pytest.raises(FatalError, match="cannot be opened"):
        open_database(f"sqlite:///{tmp_path}/a.db")


async def test_a_schema_that_is_missing_is_said_so(empty_url: str) -> None:
    database = open_database(empty_url)

    with pytest.raises(FatalError, match="stilltrue db upgrade"):
        await database.read(schema.check)

    await database.close()


def _who_asked(_tx: Connection) -> dict[str, object]:
    return dict(structlog.contextvars.get_contextvars())


async def test_what_is_logged_inside_a_unit_says_for_whom(database: Database) -> None:
    async def ask(user: str) -> list[dict[str, object]]:
        with structlog.contextvars.bound_contextvars(workspace=HERE, user=user):
            return [await database.write(_who_asked), await database.read(_who_asked)]

    told = await asyncio.gather(*(ask(f"U{n}") for n in range(TASKS)))

    assert told == [[{"workspace": HERE, "user": f"U{n}"}] * 2 for n in range(TASKS)]
    assert await database.write(_who_asked) == await database.read(_who_asked) == {}


async def test_what_people_typed_is_in_no_error_of_the_database(database: Database) -> None:
    def fail(tx: Connection) -> None:
        tx.execute(text("SELECT :typed FROM nowhere"), {"typed": "canary"})

    with pytest.raises(DBAPIError) as raised:
        await database.write(fail)

    assert "canary" not in str(raised.value)


async def test_the_check_for_writing_writes(database: Database) -> None:
    def rows(tx: Connection) -> int:
        written: list[int] = []

        def note(*_: Any) -> None:
            written.append(_[1].rowcount)

        event.listen(tx, "after_cursor_execute", note)
        schema.check_writable(tx)
        event.remove(tx, "after_cursor_execute", note)
        return written[-1]

    assert await database.write(rows) == 1
