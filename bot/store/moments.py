"""The database's own clock, on which leases run, whatever the product's clock says."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Float, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.store.types import UtcDateTime

# The digits of a microsecond that SQLite's clock does not have: moments are compared as text.
_SQLITE_FORMAT = "'%Y-%m-%d %H:%M:%f000'"


class _Moment(FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True


class DbNow(_Moment):
    """When this statement began, by the database."""

    inherit_cache = True


class DbNowPlus(_Moment):
    """That much after now, by the database."""

    inherit_cache = True

    def __init__(self, wait: timedelta) -> None:
        super().__init__(bindparam(None, wait.total_seconds(), type_=Float(), unique=True))


@compiles(DbNow, "postgresql")
def _pg_now(element: DbNow, compiler: SQLCompiler, **kw: Any) -> str:
    return "statement_timestamp()"


@compiles(DbNow, "sqlite")
def _sqlite_now(element: DbNow, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strftime({_SQLITE_FORMAT}, 'now')"


@compiles(DbNowPlus, "postgresql")
def _pg_now_plus(element: DbNowPlus, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"statement_timestamp() + make_interval(secs => {seconds})"


@compiles(DbNowPlus, "sqlite")
def _sqlite_now_plus(element: DbNowPlus, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime({_SQLITE_FORMAT}, 'now', printf('%+.3f seconds', {seconds}))"
