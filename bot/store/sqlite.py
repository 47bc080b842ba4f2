"""SQLite: one thread writes and commits waiting units together; a few threads read.

Other processes may share the file. The disk is what a commit costs, so units that wait at the
same moment share one, each in a savepoint of its own.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from bot.domain.errors import FatalError, RetryableError
from bot.store.cipher import Cipher, options_for

P = ParamSpec("P")
R = TypeVar("R")

_BATCH_MAX = 256  # units in one commit
# How long another process may hold the file before a unit gives up: Slack waits 3 s for an answer.
_BUSY_SECONDS = 2.0
_STOP = None


@dataclass(slots=True)
class _Waiting:
    """A unit of work, and who waits for it."""

    unit: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    context: Context = field(default_factory=copy_context)  # for whom, as log lines say
    result: Any = None
    error: BaseException | None = field(default=None)

    def settle(self) -> None:
        if self.future.done():
            return  # its caller was cancelled
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class SqliteDatabase:
    """The port `Database`, on one file.

    A unit whose caller is cancelled before it began does not run; once begun it is committed.
    """

    kind: Literal["sqlite"] = "sqlite"

    def __init__(self, url: URL, *, readers: int, cipher: Cipher | None = None) -> None:
        self._engine = sqlite_engine(url).execution_options(**options_for(cipher))
        self._writing = connect(self._engine)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._closing = False
        self._writer = threading.Thread(target=self._write_all, name="sqlite-writer", daemon=True)
        self._writer.start()
        self._reading: list[Connection] = []
        self._mine = threading.local()
        self._readers = ThreadPoolExecutor(
            readers, thread_name_prefix="sqlite-reader", initializer=self._open_reader
        )

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` and commit; what it raises rolls it back, alone, and reaches the caller.

        Raises:
            RetryableError: Another process held the file for too long, or the disk is full;
                nothing was written.
        """
        if self._closing:
            raise RetryableError("The database is being closed.")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(lambda tx: unit(tx, *args, **kwargs), loop, loop.create_future())
        self._queue.put(waiting)
        return cast(R, await waiting.future)

    async def read(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` on a snapshot; it cannot write."""
        if self._closing:
            raise RetryableError("The database is being closed.")
        call = partial(copy_context().run, self._read, lambda tx: unit(tx, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._readers, call)

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        if self._closing:
            return
        self._closing = True
        self._queue.put(_STOP)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in [*self._reading, self._writing]:
            connection.close()
        self._engine.dispose()

    def _open_reader(self) -> None:
        connection = connect(self._engine)
        _driver(connection).execute("PRAGMA query_only = ON")
        self._mine.connection = connection
        self._reading.append(connection)

    def _read(self, unit: Callable[[Connection], R]) -> R:
        connection: Connection = self._mine.connection
        driver = _driver(connection)
        driver.execute("BEGIN")
        try:
            return unit(connection)
        except (DBAPIError, sqlite3.Error) as error:
            raise _translated(error, _READING_WAITS) from error
        finally:
            driver.execute("ROLLBACK")

    def _write_all(self) -> None:
        is_open = True
        while is_open:
            batch: list[_Waiting] = []
            is_open = self._take(batch)
            refused = self._commit(batch)
            if refused is not None:
                # Before anybody hears of it: who then comes again finds the file as it is by then.
                is_open = self._take_what_waits(batch) and is_open
                _fail_all(batch, refused)
            _wake(batch)

    def _take(self, batch: list[_Waiting]) -> bool:
        """Fill `batch` with what waits; False once the end was seen."""
        one = self._queue.get()
        with suppress(Empty):
            while one is not _STOP:
                if not one.future.cancelled():
                    batch.append(one)
                if len(batch) == _BATCH_MAX:
                    return True
                one = self._queue.get_nowait()
        return one is not _STOP

    def _take_what_waits(self, batch: list[_Waiting]) -> bool:
        """Let nobody wait for the file after those whom it kept waiting; False at the end."""
        with suppress(Empty):
            while (one := self._queue.get_nowait()) is not _STOP:
                batch.append(one)
            return False
        return True

    def _commit(self, batch: list[_Waiting]) -> BaseException | None:
        """Run every unit in one transaction; each gets its result or its error.

        Returns:
            Why nothing was begun, where another process keeps the file; no unit has it yet.
        """
        if not batch:
            return None
        driver = _driver(self._writing)
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return _translated(error)
        try:
            if len(batch) == 1:
                _run(batch[0], self._writing)
            else:
                for waiting in batch:
                    _run_in_savepoint(waiting, self._writing, driver)
            driver.execute("ROLLBACK" if _has_failed(batch) else "COMMIT")
        except sqlite3.Error as error:
            # Nothing of this transaction is kept, so nobody may hear that it is.
            _fail_all(batch, _translated(error))
            if driver.in_transaction:
                driver.execute("ROLLBACK")
        return None


def _has_failed(batch: list[_Waiting]) -> bool:
    """A unit that is alone has no savepoint, so its failure ends the transaction."""
    return len(batch) == 1 and batch[0].error is not None


def _fail_all(batch: list[_Waiting], error: BaseException) -> None:
    """Give `error` to every unit that has none of its own.

    Where one had, it was that unit that ended the transaction of the others, as a full disk does.
    """
    if any(waiting.error for waiting in batch) and not isinstance(error, RetryableError):
        error = RetryableError("Another unit of work ended this transaction.")
    for waiting in batch:
        waiting.error = waiting.error or error


def _run(waiting: _Waiting, connection: Connection) -> None:
    try:
        waiting.result = waiting.context.run(waiting.unit, connection)
    except StopIteration as error:  # no future takes one
        waiting.error = RuntimeError(f"The unit of work raised {error!r}")
    except BaseException as error:  # noqa: BLE001 -- whatever it is, it belongs to the caller
        waiting.error = _translated(error)


def _run_in_savepoint(
    waiting: _Waiting, connection: Connection, driver: sqlite3.Connection
) -> None:
    driver.execute("SAVEPOINT unit")
    _run(waiting, connection)
    if waiting.error is not None:
        driver.execute("ROLLBACK TO unit")
    driver.execute("RELEASE unit")


def _wake(batch: Iterable[_Waiting]) -> None:
    """Settle the futures of each event loop with one call into it."""
    for loop, some in groupby(batch, key=lambda waiting: waiting.loop):
        with suppress(RuntimeError):  # that loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle, list(some))


def _settle(batch: Iterable[_Waiting]) -> None:
    for waiting in batch:
        waiting.settle()


def sqlite_engine(url: URL, *, checks_foreign_keys: bool = True) -> Engine:
    """Return an engine whose connections never begin a transaction by themselves.

    Raises:
        FatalError: The URL names no file.
    """
    if not url.database or url.database == ":memory:":
        raise FatalError("DATABASE_URL must name a file, like sqlite:///stilltrue.db.")
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=NullPool,
        hide_parameters=True,  # what people typed is in them, and what opens a webhook
        connect_args={
            "check_same_thread": False,
            "timeout": _BUSY_SECONDS,
            "isolation_level": None,
            "cached_statements": 512,
        },
    )

    @event.listens_for(engine, "connect")
    def set_up(driver: sqlite3.Connection, _record: object) -> None:
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = FULL")
        if checks_foreign_keys:
            driver.execute("PRAGMA foreign_keys = ON")

    return engine


def connect(engine: Engine) -> Connection:
    """Open a connection of `sqlite_engine`.

    Raises:
        RetryableError: Another process holds the file.
        FatalError: There is no such folder, or the file is no database.
    """
    try:
        return engine.connect()
    except DBAPIError as error:
        waits = _translated(error)
        if isinstance(waits, RetryableError):
            raise waits from error
        folder = Path(engine.url.database or "").absolute().parent
        if not folder.is_dir():
            raise FatalError(f"There is no folder {folder} for the database.") from error
        raise FatalError(f"The database {engine.url.database} cannot be opened.") from error


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


_WAITS = {
    sqlite3.SQLITE_BUSY: "Another process is writing to the database.",
    sqlite3.SQLITE_LOCKED: "The database is locked.",
    sqlite3.SQLITE_FULL: "The disk is full.",
    sqlite3.SQLITE_IOERR: "The disk does not answer.",
    sqlite3.SQLITE_READONLY: "The database's file or its disk is read-only.",
}
# A reader's connection takes no writes, so there the last one is a fault of the unit.
_READING_WAITS = {code: why for code, why in _WAITS.items() if code != sqlite3.SQLITE_READONLY}


def _translated(error: BaseException, waits: Mapping[int, str] = _WAITS) -> BaseException:
    """Return a `RetryableError` for what passes by itself, and any other error as it is."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(origin, "sqlite_errorcode", None)
    if not isinstance(origin, sqlite3.Error) or code is None:
        return error
    message = waits.get(code & 0xFF)  # the primary code, without its detail
    if message is None:
        return error
    translated = RetryableError(message)
    translated.__cause__ = error
    return translated
