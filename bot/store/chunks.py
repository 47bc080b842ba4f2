"""Long lists in pieces that an IN (…) can hold."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

_SIZE = 500  # below every engine's limit on parameters, and few enough shapes to be cached


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, _SIZE)):
        yield some
