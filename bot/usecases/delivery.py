"""What somebody outside delivered is done once, however often it comes."""

from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.domain.delivery import Delivery, SecondCopyError
from bot.domain.ids import WorkspaceId
from bot.store import inbox

P = ParamSpec("P")
R = TypeVar("R")


def once(
    delivery: Delivery,
    workspace: WorkspaceId,
    now: datetime,
    unit: Callable[Concatenate[Connection, P], R],
) -> Callable[Concatenate[Connection, P], R]:
    """Return `unit` with the delivery's row in the same transaction.

    Of two copies at once the second waits for the first; where that one fails, nothing of it
    stays and the second is done.

    Raises (when run):
        SecondCopyError: The delivery was handled before; nothing is written.
    """

    def run(tx: Connection, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not inbox.first_time(tx, workspace, delivery.source, delivery.key, now=now):
            raise SecondCopyError(delivery.key)
        return unit(tx, *args, **kwargs)

    run.__name__ = unit.__name__
    return run


def was_handled(
    tx: Connection, workspace: WorkspaceId, delivery: Delivery, *, now: datetime
) -> bool:
    """Whether the delivery was handled before; nothing is written.

    Where that is not over yet, it is waited for, which a look at the rows would not do.
    """
    with tx.begin_nested() as trial:
        is_first = inbox.first_time(tx, workspace, delivery.source, delivery.key, now=now)
        trial.rollback()
    return not is_first


def heard(_tx: Connection) -> None:
    """Be the unit of an act that stores nothing: only that it was delivered is kept."""
