"""What happened, as a kind and JSON; rows of years ago must stay readable.

A field that was added later takes its default for older rows; a kind's name never changes, even
if its class is renamed.
"""

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from types import UnionType
from typing import Any, NewType, cast, get_args, get_origin, get_type_hints

from bot.domain.history import (
    Answered,
    AnswerUndone,
    Asked,
    ContestDecided,
    DependencyChanged,
    Edited,
    Happening,
    Logged,
    Measured,
    OutageCounted,
    OwnerAsked,
    OwnerReplied,
    Retired,
    RiskAccepted,
    SplitOff,
    StakeholderAdded,
    StakeholderReleased,
    WentUnanswered,
)
from bot.store.types import utc

_CLASS_OF: dict[str, type[Happening]] = {
    "logged": Logged,
    "edited": Edited,
    "asked": Asked,
    "answered": Answered,
    "answer undone": AnswerUndone,
    "stakeholder added": StakeholderAdded,
    "stakeholder released": StakeholderReleased,
    "went unanswered": WentUnanswered,
    "owner asked": OwnerAsked,
    "owner replied": OwnerReplied,
    "risk accepted": RiskAccepted,
    "contest decided": ContestDecided,
    "measured": Measured,
    "outage counted": OutageCounted,
    "split off": SplitOff,
    "dependency changed": DependencyChanged,
    "retired": Retired,
}
_KIND_OF = {what: kind for kind, what in _CLASS_OF.items()}

Reader = Callable[[Any], Any]


def kind_of(what: Happening) -> str:
    return kind_named(type(what))


def kind_named(type_: type[Happening]) -> str:
    return _KIND_OF[type_]


def to_data(what: Happening) -> dict[str, Any]:
    """Return what JSON can hold of it: one entry for each field."""
    return {field.name: _to_json(getattr(what, field.name)) for field in fields(what)}


def from_data(kind: str, data: dict[str, Any]) -> Happening:
    """Read it back, equal to what was written.

    Raises:
        KeyError: A kind that this version does not know, or a field without a default is missing.
    """
    values = {
        name: read(data[name])
        for name, (read, is_needed) in _readers(kind).items()
        if is_needed or name in data
    }
    return _CLASS_OF[kind](**values)


@lru_cache(maxsize=8192)
def from_text(kind: str, data: str) -> Happening:
    """Read it back from the column's text. Many events say the same, so that one object serves."""
    return from_data(kind, json.loads(data))


def _to_json(value: Any) -> Any:
    match value:
        case datetime():
            return utc(value).isoformat()
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
        case tuple():
            return [_to_json(item) for item in value]
        case _:
            return value


@cache
def _readers(kind: str) -> dict[str, tuple[Reader, bool]]:
    """Map each field to how its JSON is read, and whether a row must have it."""
    cls = _CLASS_OF[kind]
    hints = get_type_hints(cls)
    return {field.name: (_reader(hints[field.name]), _is_needed(field)) for field in fields(cls)}


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _reader(hint: Any) -> Reader:
    if isinstance(hint, NewType):
        return _reader(hint.__supertype__)
    if isinstance(hint, UnionType):
        (inner,) = (one for one in get_args(hint) if one is not type(None))
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if get_origin(hint) is tuple:
        return _tuple_reader(get_args(hint))
    if hint is datetime:
        return datetime.fromisoformat
    if hint is date:
        return date.fromisoformat
    is_word = issubclass(hint, StrEnum)
    return cast(Reader, hint) if is_word else _same


def _tuple_reader(items: tuple[Any, ...]) -> Reader:
    if items[-1] is Ellipsis:
        read = _reader(items[0])
        return lambda value: tuple(read(item) for item in value)
    readers = [_reader(item) for item in items]
    return lambda value: tuple(read(item) for read, item in zip(readers, value, strict=True))


def _same(value: Any) -> Any:
    return value
