"""Work on one of many rows, whose failure leaves the others be."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from bot.domain.errors import RetryableError

P = ParamSpec("P")


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
    except (IntegrityError, DataError) as error:
        return error
    except (DBAPIError, RetryableError, OSError):  # a TimeoutError is an OSError
        raise
    except Exception as error:  # noqa: BLE001 -- it is returned, and the caller logs it
        return error
    return None
