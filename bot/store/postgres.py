"""PostgreSQL by asyncpg; any number of processes share it, PgBouncer may stand before it."""

import asyncio
from collections.abc import Callable
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.domain.errors import FatalError, RetryableError, UnclearWriteError
from bot.store.cipher import Cipher, options_for

P = ParamSpec("P")
R = TypeVar("R")

_TRIES = 3  # of one unit: a lost connection or a deadlock leaves nothing behind
_CONNECT_SECONDS = 5.0
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

# Classes and codes of SQLSTATE after which the same unit may well succeed.
_RETRYABLE_CLASSES = ("08", "53", "57P")  # connection, resources, shutdown and start
_RETRYABLE_CODES = frozenset({"40001", "40P01", "55P03", "57014"})


class PostgresDatabase:
    """The port `Database`, on a server.

    A unit that meets a deadlock or loses its connection before its commit is run again.
    """

    kind: Literal["postgresql"] = "postgresql"

    def __init__(self, url: URL, *, connections: int, cipher: Cipher | None = None) -> None:
        pooled = postgres_engine(url, pool_size=connections, max_overflow=0)
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
            async with _Borrowed(engine) as connection:
                try:
                    return await connection.run_sync(attempt)
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

    def __init__(self, engine: AsyncEngine) -> None:
        self._connection = engine.connect()

    async def __aenter__(self) -> AsyncConnection:
        try:
            return await self._connection.start()
        except PoolTimeoutError as error:
            raise RetryableError("Every connection to the database is in use.") from error
        except (OSError, TimeoutError) as error:
            raise RetryableError("The database does not answer.") from error
        except DBAPIError as error:
            if _is_retryable(error):
                raise _away(error) from error
            raise

    async def __aexit__(self, *_: object) -> None:
        await asyncio.shield(self._connection.close())


def postgres_engine(url: URL, **pool: Any) -> AsyncEngine:
    """Return an engine for `url`; `?pgbouncer=true` leaves every statement without a name.

    Raises:
        FatalError: `pgbouncer` is neither true nor false.
    """
    wanted = url.query.get("pgbouncer", "false")
    if wanted not in {"true", "false"}:
        raise FatalError("In DATABASE_URL, pgbouncer is true or false.")
    connect_args: dict[str, Any] = {
        "timeout": _CONNECT_SECONDS,
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
    return create_async_engine(
        plain.set(drivername="postgresql+asyncpg"), connect_args=connect_args, **pool
    )


def _is_retryable(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlstate", None) or ""
    return code in _RETRYABLE_CODES or code.startswith(_RETRYABLE_CLASSES)


def _away(error: DBAPIError) -> RetryableError:
    return RetryableError(f"The database cannot do it now ({type(error.orig).__name__}).")
