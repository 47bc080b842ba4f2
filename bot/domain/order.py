"""In which order a list of assumptions comes."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, assert_never

from bot.domain.assumption import Assumption
from bot.domain.harm import expected_harm


class Order(StrEnum):
    NEW = "new"  # by project, the newest first
    HARM = "harm"  # by expected harm, the greatest first
    AGE = "age"  # the oldest first
    NEEDED = "needed"  # the soonest day first; what is needed by no day comes last


def in_order(found: Iterable[Assumption], order: Order, *, now: datetime) -> list[Assumption]:
    """Sort them; what is equal comes by key, so that pages never overlap."""
    return sorted(found, key=lambda one: (_rank(one, order, now), one.key))


def _rank(one: Assumption, order: Order, now: datetime) -> Any:
    match order:
        case Order.NEW:
            return one.key.project, -one.key.number
        case Order.HARM:
            return -expected_harm(one, now).points
        case Order.AGE:
            return one.logged_at
        case Order.NEEDED:
            return one.validate_by or date.max
        case _:
            assert_never(order)
