"""Column types: what the domain means, in what both engines can hold."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator

from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey

W = TypeVar("W", bound=StrEnum)


class UnstorableTextError(UserFixableError, DontWrapMixin):
    """The text holds a character that PostgreSQL, or UTF-8 itself, cannot keep.

    SQLAlchemy hands it to the caller as it is, instead of a `StatementError` around it.
    """

    def __init__(self) -> None:
        super().__init__(
            "The text contains a character that cannot be stored. Type it again without it."
        )


def storable(text: str) -> str:
    """Return `text` as it is.

    Raises:
        UnstorableTextError: It holds NUL, or half of a surrogate pair.
    """
    if "\0" in text:
        raise UnstorableTextError
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise UnstorableTextError from error
    return text


def utc(moment: datetime) -> datetime:
    """Return the same moment in UTC.

    Raises:
        ValueError: It has no zone, so nobody can say which moment it is.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return moment.astimezone(UTC)


def sqlite_moment(moment: datetime) -> str:
    """Write a moment as SQLite keeps it: UTC, of one width, so that text order is time order."""
    return utc(moment).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def to_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. SQLite drops the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


class TypedText(TypeDecorator[str]):
    """What a person typed: kept as it is, or refused with a sentence for them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Word(TypeDecorator[W], Generic[W]):
    """A word of a fixed list, kept as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[W]) -> None:
        super().__init__()
        self.words = words
        self._of_text = {word.value: word for word in words}  # half the time of a call

    def process_bind_param(self, value: W | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> W | None:
        return None if value is None else self._of_text[value]


class Json(TypeDecorator[Any]):
    """JSON as text: no engine looks into it, and ASCII escapes hold every character."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return [] if value == "[]" else json.loads(value)  # most lists are empty


class Key(TypeDecorator[AssumptionKey]):
    """An assumption's key as people read it, `APOLLO-12`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: AssumptionKey | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> AssumptionKey | None:
        return None if value is None else _parsed(value)


_parsed = lru_cache(maxsize=65_536)(AssumptionKey.parse)  # each row of a history names its key
