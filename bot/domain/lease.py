"""A claim on a row: it ends by itself, and every later write carries its token (fencing)."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Claimed(Generic[T]):
    item: T
    token: str
