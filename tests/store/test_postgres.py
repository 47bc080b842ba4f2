"""What only PostgreSQL does: lost connections, deadlocks, PgBouncer in front."""

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import URL, Connection, make_url, text

from bot.domain.errors import FatalError, RetryableError, UnclearWriteError
from bot.store import assumption as assumptions
from bot.store import inbox
from bot.store import postgres as postgres_store
from bot.store import project as projects
from bot.store.database import open_database
from bot.store.postgres import PostgresDatabase
from tests.chaos.poll import PATIENCE, until
from tests.engines import PostgresServer
from tests.store.black_hole import black_hole
from tests.store.samples import HERE, NOON, make_new, make_project

_KILL_ME = text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
async def database(url: str) -> AsyncIterator[PostgresDatabase]:
    opened = open_database(url, connections=4)
    assert isinstance(opened, PostgresDatabase)
    yield opened
    await opened.close()


def _first_time(tx: Connection) -> bool:
    return inbox.first_time(tx, HERE, "slack", "Ev1", now=NOON)


async def test_a_unit_that_loses_its_connection_is_run_again(database: PostgresDatabase) -> None:
    runs: list[bool] = []

    def lose_the_first(tx: Connection) -> bool:
        runs.append(_first_time(tx))
        if len(runs) == 1:
            tx.execute(_KILL_ME)
        return runs[-1]

    assert await database.write(lose_the_first)
    assert runs == [True, True]


async def test_a_unit_that_always_loses_its_connection_is_given_up(
    database: PostgresDatabase,
) -> None:
    runs: list[int] = []

    def lose(tx: Connection) -> None:
        runs.append(1)
        tx.execute(_KILL_ME)

    with pytest.raises(RetryableError):
        await database.write(lose)

    assert len(runs) == 3
    assert await database.write(_first_time)


_TRAP = (
    "CREATE TABLE doomed (n int)",
    "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
    "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON doomed DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION die()",
)


def _lay_a_trap(tx: Connection) -> None:
    """Let the connection be lost in the commit of whatever inserts there."""
    for statement in _TRAP:
        tx.execute(text(statement))


async def test_a_connection_that_is_lost_while_it_commits_leaves_it_unclear(
    database: PostgresDatabase,
) -> None:
    runs: list[bool] = []

    def doom(tx: Connection) -> None:
        runs.append(_first_time(tx))
        tx.execute(text("INSERT INTO doomed VALUES (1)"))

    await database.write(_lay_a_trap)
    with pytest.raises(UnclearWriteError):
        await database.write(doom)

    assert runs == [True]


async def test_connections_that_died_while_idle_go_unnoticed(
    database: PostgresDatabase, url: str
) -> None:
    await asyncio.gather(*(database.read(lambda tx: None) for _ in range(4)))
    await database.write(_first_time)
    other = await asyncpg.connect(url.replace(":@/", "@/"))
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await other.close()

    assert not await database.write(_first_time)


async def test_connections_that_died_are_left_when_they_are_asked(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "_IDLE_SECONDS", -1)
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    together = asyncio.Barrier(3)
    await asyncio.gather(*(database.read(lambda tx: await_both(together)) for _ in range(3)))

    await database.write(lambda tx: tx.execute(others) and None)

    assert await asyncio.gather(*(database.read(_one) for _ in range(4))) == [1] * 4


async def test_an_answer_of_the_bouncer_instead_of_the_server_s_is_retryable(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.read(_one)
    monkeypatch.setattr(postgres_store, "_IDLE_SECONDS", -1)

    async def refuse(*_: Any, **__: Any) -> None:
        raise asyncpg.ProtocolViolationError("server login has been failing, try again later")

    monkeypatch.setattr(asyncpg.Connection, "execute", refuse)
    monkeypatch.setattr(asyncpg, "connect", refuse)

    with pytest.raises(RetryableError):
        await database.read(_one)


def _one(tx: Connection) -> int:
    return int(tx.execute(text("SELECT 1")).scalar_one())


async def test_two_that_deadlock_both_end_well(database: PostgresDatabase) -> None:
    await database.write(projects.add, make_project())
    await database.write(projects.add, make_project(key="HERMES", channel="C0OTHER"))
    both_hold = asyncio.Barrier(2)
    first_run = {"a": True, "b": True}

    def lock(tx: Connection, key: str) -> None:
        tx.execute(text("UPDATE project SET name = name WHERE project = :key"), {"key": key})

    def cross(tx: Connection, name: str, first: str, second: str) -> None:
        lock(tx, first)
        if first_run.pop(name, False):
            tx.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
            await_both(both_hold)
        lock(tx, second)

    await asyncio.gather(
        database.write(cross, "a", "APOLLO", "HERMES"),
        database.write(cross, "b", "HERMES", "APOLLO"),
    )

    assert first_run == {}


def await_both(barrier: asyncio.Barrier | asyncio.Event) -> None:
    from sqlalchemy.util.concurrency import await_  # noqa: PLC0415 -- a unit runs in the loop here

    await_(barrier.wait())


async def test_a_server_that_is_away_is_retryable(tmp_path: Path) -> None:
    database = open_database(f"postgresql://postgres@/stilltrue?host={tmp_path}")

    for run in (database.write, database.read):
        with pytest.raises(RetryableError):
            await run(_first_time)

    await database.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
async def test_both_names_of_postgresql_are_accepted(url: str, scheme: str) -> None:
    database = open_database(url.replace("postgresql", scheme, 1))

    assert await database.write(_first_time)

    await database.close()


def test_a_pgbouncer_that_is_neither_true_nor_false_is_said_so() -> None:
    with pytest.raises(FatalError, match="pgbouncer"):
        open_database("postgresql://host/stilltrue?pgbouncer=maybe")


@pytest.fixture
def bouncer(url: str, tmp_path: Path) -> tuple[list[str], str]:
    """The arguments of a PgBouncer in transaction mode, and the URL that it will serve."""
    parsed = make_url(url)
    sockets = Path(str(parsed.query["host"]))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    config = tmp_path / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n* = host={sockets} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 3\nunix_socket_dir =\n"
    )
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # PgBouncer gives up being root before it reads them
    as_user = ["-u", sockets.owner()] if os.geteuid() == 0 else []
    return [
        *as_user,
        str(config),
    ], f"postgresql://postgres@127.0.0.1:{port}/{parsed.database}?pgbouncer=true"


@pytest.fixture
async def pooled_url(bouncer: tuple[list[str], str]) -> AsyncIterator[str]:
    arguments, url = bouncer
    program = shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin:/usr/local/bin")
    if program is None:
        pytest.skip("PgBouncer is not installed here")
    running = await asyncio.create_subprocess_exec(
        program, *arguments, stderr=asyncio.subprocess.DEVNULL
    )
    await asyncio.to_thread(_wait_until_it_listens, make_url(url).port)
    yield url
    running.terminate()
    await running.wait()


def _wait_until_it_listens(port: int | None) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError


async def test_pgbouncer_may_give_each_transaction_another_connection(
    pooled_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "_IDLE_SECONDS", 0)  # each connection is asked first, too
    database, second = open_database(pooled_url), open_database(pooled_url)
    await database.write(projects.add, make_project())

    keys = await asyncio.gather(
        *((database if n % 2 else second).write(assumptions.log, make_new()) for n in range(24))
    )
    read = await asyncio.gather(
        *(db.read(assumptions.get, HERE, key) for db in (database, second) for key in keys if key)
    )

    assert {one.key.number for one in read if one is not None} == set(range(1, 25))
    await database.close()
    await second.close()


async def test_a_server_that_vanishes_within_a_unit_is_given_up_and_left(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "_STATEMENT_SECONDS", 0.5)
    runs: list[int] = []

    async with black_hole(url) as (hole, far), opened_at(far) as database:

        def vanish(tx: Connection) -> None:
            runs.append(1)
            tx.execute(text("SELECT 1"))
            hole.swallow()
            tx.execute(text("SELECT 1"))

        async with asyncio.timeout(PATIENCE):
            with pytest.raises(RetryableError):
                await database.write(vanish)
            await until(lambda: _answers(database))
        hole.let_go()

    assert len(runs) <= 1


async def test_connections_whose_server_vanished_while_they_were_idle_go_unnoticed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "_IDLE_SECONDS", 0)
    monkeypatch.setattr(postgres_store, "_ASKED_FOR_SECONDS", 0.5)
    monkeypatch.setattr(postgres_store, "_STATEMENT_SECONDS", 2 * PATIENCE)

    async with black_hole(url) as (hole, far), opened_at(far) as database:
        await asyncio.gather(*(database.read(lambda tx: None) for _ in range(4)))
        hole.swallow()

        async with asyncio.timeout(PATIENCE):
            written = await database.write(_first_time)
        hole.let_go()

    assert written


async def test_who_waits_for_a_connection_waits_no_longer_than_told(url: str) -> None:
    database = open_database(url, connections=1, wait_seconds=0.1)
    holds, may_end = asyncio.Event(), asyncio.Event()

    def hold(_tx: Connection) -> None:
        holds.set()
        await_both(may_end)

    holding = asyncio.create_task(database.write(hold))
    async with asyncio.timeout(PATIENCE):
        await holds.wait()
        with pytest.raises(RetryableError):
            await database.write(_first_time)

    may_end.set()
    await holding
    await database.close()


async def test_a_connection_by_tcp_is_kept_alive(url: str) -> None:
    found: dict[str, int] = {}

    def look(tx: Connection) -> None:
        driver: Any = tx.connection.driver_connection
        end = driver._transport.get_extra_info("socket")
        found["alive"] = end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        found["idle"] = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
        found["unheard"] = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    async with black_hole(url) as (_, far), opened_at(far) as database:
        await database.read(look)

    assert found == {"alive": 1, "idle": 10, "unheard": 10_000}


async def _answers(database: PostgresDatabase) -> bool:
    try:
        return await database.write(_first_time)
    except RetryableError:
        return False


@asynccontextmanager
async def opened_at(url: URL) -> AsyncIterator[PostgresDatabase]:
    opened = open_database(url.render_as_string(hide_password=False), connections=4)
    assert isinstance(opened, PostgresDatabase)
    yield opened
    await opened.close()
