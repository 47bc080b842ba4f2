"""Work on one of many rows, whose failure leaves the others be."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from bot.domain.errors import RetryableError

P = ParamSpec("P")

_OF_THE_ROW = ("22", "23")  # classes of SQLSTATE: what it holds, and what it breaks


def alone(
    tx: Connection,
    unit: Callable[Concatenate[Connection, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Exception | None:
    """Run `unit` in a savepoint; return what went wrong in it, of which nothing is kept.

    What the database itself is to blame for is raised: it ends the whole transaction.
    """
    try:
        with tx.begin_nested():
            unit(tx, *args, **kwargs)
    except Exception as error:
        if not is_of_the_row(error):
            raise
        return error
    return None


def is_of_the_row(error: Exception) -> bool:
    """Whether the row or the bot is at fault, and not the database: others may do well then."""
    if not isinstance(error, DBAPIError):
        return not isinstance(error, RetryableError | OSError)  # a TimeoutError is an OSError
    if isinstance(error, IntegrityError | DataError):
        return True
    code = getattr(error.orig, "sqlstate", None) or ""
    # A value that asyncpg itself does not take never reaches the server, which gives the codes.
    return code.startswith(_OF_THE_ROW) or isinstance(
        getattr(error.orig, "__cause__", None), ValueError
    )
