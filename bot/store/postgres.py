"""PostgreSQL by asyncpg; any number of processes share it, PgBouncer may stand before it."""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.domain.errors import FatalError, RetryableError, UnclearWriteError
from bot.store.cipher import Cipher, options_for

P = ParamSpec("P")
R = TypeVar("R")

_TRIES = 3  # of one unit: a lost connection or a deadlock leaves nothing behind
_CONNECT_SECONDS = 5.0
WAIT_SECONDS = 30.0  # for a connection, where nobody outside waits for the answer
# Of one statement. No statement takes as long, but for a migration's, which have no bound.
_STATEMENT_SECONDS = 30.0
# A connection that was idle for longer is asked before it is used: its server may be gone without
# a word, as after a fail-over. One in steady use is not, and costs no round trip.
_IDLE_SECONDS = 5.0
_ASKED_FOR_SECONDS = 1.0
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

# Classes and codes of SQLSTATE after which the same unit may well succeed.
_RETRYABLE_CLASSES = ("08", "53", "57P")  # connection, resources, shutdown and start
_RETRYABLE_CODES = frozenset({"40001", "40P01", "55P03", "57014"})
# What a connection says that is asked and whose server, or PgBouncer's, went away.
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class PostgresDatabase:
    """The port `Database`, on a server.

    A unit that meets a deadlock or loses its connection before its commit is run again.
    """

    kind: Literal["postgresql"] = "postgresql"

    def __init__(
        self,
        url: URL,
        *,
        connections: int,
        wait_seconds: float = WAIT_SECONDS,
        cipher: Cipher | None = None,
    ) -> None:
        pooled = postgres_engine(
            url,
            statement_seconds=_STATEMENT_SECONDS,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=wait_seconds * 0.75,
        )
        _notice_the_dead(pooled)
        self._wait_seconds = wait_seconds
        self._engine = pooled.execution_options(**options_for(cipher))
        self._reading = self._engine.execution_options(**_SNAPSHOT)

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` and commit; what it raises rolls it back and reaches the caller.

        Raises:
            RetryableError: The server is away or overloaded; nothing was written.
            UnclearWriteError: The connection was lost during the commit itself.
        """
        return await self._run(self._engine, lambda tx: unit(tx, *args, **kwargs))

    async def read(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` on a snapshot; it cannot write."""
        return await self._run(self._reading, lambda tx: unit(tx, *args, **kwargs))

    async def close(self) -> None:
        await self._engine.dispose()

    async def _run(self, engine: AsyncEngine, unit: Callable[[Connection], R]) -> R:
        tries_left = _TRIES
        while True:
            tries_left -= 1
            attempt = _Attempt(unit)
            async with _Borrowed(engine, self._wait_seconds) as connection:
                try:
                    return await connection.run_sync(attempt)
                except TimeoutError as error:
                    if attempt.is_committing and engine is not self._reading:
                        raise UnclearWriteError("The database went away.") from error
                    raise RetryableError("The database does not answer.") from error
                except DBAPIError as error:
                    if not _is_retryable(error):
                        raise
                    if attempt.is_committing and engine is not self._reading:
                        raise UnclearWriteError("The database went away.") from error
                    if tries_left == 0:
                        raise _away(error) from error


class _Attempt(Generic[R]):
    """One run of a unit, with its commit in the same call: locks are held for no turn more."""

    def __init__(self, unit: Callable[[Connection], R]) -> None:
        self._unit = unit
        self.is_committing = False

    def __call__(self, connection: Connection) -> R:
        result = self._unit(connection)
        self.is_committing = True
        connection.commit()
        return result


class _Borrowed:
    """A connection of the pool, given back whatever happens."""

    def __init__(self, engine: AsyncEngine, seconds: float) -> None:
        self._connection = engine.connect()
        self._seconds = seconds

    async def __aenter__(self) -> AsyncConnection:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._connection.start()
        except PoolTimeoutError as error:
            raise RetryableError("Every connection to the database is in use.") from error
        except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
            raise RetryableError("The database does not answer.") from error
        except asyncpg.PostgresError as error:  # as it is, where nobody has a connection yet
            if _is_passing(error.sqlstate):
                raise RetryableError("The database does not answer.") from error
            raise
        except DBAPIError as error:
            if _is_retryable(error):
                raise _away(error) from error
            raise

    async def __aexit__(self, *_: object) -> None:
        await asyncio.shield(self._connection.close())


def postgres_engine(
    url: URL, *, statement_seconds: float | None = None, **pool: Any
) -> AsyncEngine:
    """Return an engine for `url`; `?pgbouncer=true` leaves every statement without a name.

    Args:
        url: Of the server, or of a PgBouncer before it.
        statement_seconds: How long this side waits for the answer to a statement. The server is
            not told: PgBouncer refuses a connection that asks for a `statement_timeout`.
        pool: How connections are pooled.

    Raises:
        FatalError: `pgbouncer` is neither true nor false.
    """
    wanted = url.query.get("pgbouncer", "false")
    if wanted not in {"true", "false"}:
        raise FatalError("In DATABASE_URL, pgbouncer is true or false.")
    connect_args: dict[str, Any] = {
        "timeout": _CONNECT_SECONDS,
        "command_timeout": statement_seconds,
        "server_settings": {"application_name": "stilltrue"},
    }
    if wanted == "true":
        # The next transaction may run on another server connection, which knows no names of ours.
        connect_args |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: "",
        }
    plain = url.difference_update_query(["pgbouncer"])
    engine = create_async_engine(
        plain.set(drivername="postgresql+asyncpg"),
        connect_args=connect_args,
        hide_parameters=True,  # what people typed is in them, and what opens a webhook
        **pool,
    )
    event.listen(engine.sync_engine, "connect", _keep_alive)
    return engine


# Of one end of TCP to the other, in seconds: after 10 of silence it is asked, and given up after
# 25, as is what it did not acknowledge for 10. The system alone would take hours and a quarter of
# one. What a system does not know is left as it is.
_KEEP_ALIVE = {
    "TCP_KEEPIDLE": 10,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 10_000,  # milliseconds
}


def _keep_alive(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    driver: Any = connection.driver_connection
    end = driver._transport.get_extra_info("socket")
    if end is None or end.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        if hasattr(socket, name):
            end.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _notice_the_dead(engine: AsyncEngine) -> None:
    """Let no connection be used again whose server does not answer, and none beside it."""

    def note_idle(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    def ask(connection: Any, record: ConnectionPoolEntry, _borrowed: object) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) < _IDLE_SECONDS:
            return
        try:
            connection.run_async(
                lambda driver: driver.execute("SELECT 1", timeout=_ASKED_FOR_SECONDS)
            )
        except (TimeoutError, *_LOST) as error:
            connection.driver_connection.terminate()
            raise InvalidatePoolError from error

    def cut_off(context: ExceptionContext) -> None:
        # Else it would be rolled back, which waits for the same server.
        if isinstance(context.original_exception, TimeoutError) and context.connection is not None:
            driver: Any = context.connection.connection.driver_connection
            driver.terminate()
            context.is_disconnect = True

    event.listen(engine.sync_engine, "checkin", note_idle)
    event.listen(engine.sync_engine, "checkout", ask)
    event.listen(engine.sync_engine, "handle_error", cut_off)


def _is_retryable(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    return _is_passing(getattr(error.orig, "sqlstate", None))


def _is_passing(sqlstate: str | None) -> bool:
    code = sqlstate or ""
    return code in _RETRYABLE_CODES or code.startswith(_RETRYABLE_CLASSES)


def _away(error: DBAPIError) -> RetryableError:
    return RetryableError(f"The database cannot do it now ({type(error.orig).__name__}).")
