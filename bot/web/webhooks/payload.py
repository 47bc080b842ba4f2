"""Reading what a stranger wrote: each field is of the type it should be, or the body is malformed.

Every text that comes out of here can be stored and shown.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.domain.setback import TEXT_MAX
from bot.domain.text import clip, strip_controls

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # no tool that is read here is older
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID_MAX = 200  # characters; a longer one is told apart by its hash
_NAME_MAX = 100
_URL_MAX = 2000
_ITEMS_MAX = 50  # labels, services: more than a person reads
_SHOWN = 60  # characters of a field's name in an error

Payload = Mapping[str, Any]


class MalformedError(Exception):
    """The body is nothing that this tool sends; the text says why, without repeating it."""


def read_object(body: bytes) -> Payload:
    """Return the JSON object that `body` is.

    Raises:
        MalformedError: It is something else.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedError("the body is no JSON") from None
    if not isinstance(found, dict):
        raise MalformedError("the body is no JSON object")
    return found


def need(payload: Payload, name: str) -> Payload:
    """Return the object under `name`."""
    found = payload.get(name)
    if not isinstance(found, dict):
        raise MalformedError(f"{name[:_SHOWN]} is no object")
    return found


def maybe(payload: Payload, name: str) -> Payload:
    """Return the object under `name`; an empty one where there is none."""
    return need(payload, name) if payload.get(name) is not None else {}


def objects(payload: Payload, name: str) -> Iterator[Payload]:
    """Return the objects of the list under `name`; none where there is no list."""
    found = payload.get(name)
    if found is None:
        return
    if not isinstance(found, list):
        raise MalformedError(f"{name[:_SHOWN]} is no list")
    for item in found:
        if not isinstance(item, dict):
            raise MalformedError(f"{name[:_SHOWN]} holds something that is no object")
        yield item


def texts(payload: Payload, name: str) -> tuple[str, ...]:
    """Return the names in the list under `name`, each once; none where there is no list."""
    found = payload.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise MalformedError(f"{name[:_SHOWN]} is no list of texts")
    return names(found)


def names(found: list[str]) -> tuple[str, ...]:
    cleaned = (clip(_clean(name), _NAME_MAX) for name in found[:_ITEMS_MAX])
    return tuple(dict.fromkeys(name for name in cleaned if name))


def text(payload: Payload, name: str) -> str:
    """Return the text under `name`, cleaned and at most 10,000 characters; "" where it is none."""
    found = payload.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise MalformedError(f"{name[:_SHOWN]} is no text")
    return clip(_clean(found), TEXT_MAX)


def titled(title: str, more: str = "") -> str:
    """Return what happened, with what the tool says beside the title."""
    together = f"{title}\n{more}" if more and more != title else title
    return clip(together, TEXT_MAX)


def needed_text(payload: Payload, name: str) -> str:
    found = text(payload, name)
    if not found:
        raise MalformedError(f"{name[:_SHOWN]} is empty")
    return found


def id_of(payload: Payload, name: str) -> str:
    """Return the id under `name`, a text or a whole number."""
    found = payload.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        return as_id(hex(found) if found.bit_length() > 64 else str(found))  # noqa: PLR2004
    return as_id(needed_text(payload, name))


def as_id(found: str) -> str:
    """Return a text that fits into a key: itself, or what stands for it."""
    return found if len(found) <= _ID_MAX else f"sha256:{sha256(found.encode()).hexdigest()}"


def link(payload: Payload, name: str) -> str | None:
    """Return the address under `name`; None where it is none that a person could follow."""
    found = text(payload, name)
    is_web = found.startswith(("https://", "http://")) and not any(map(str.isspace, found))
    return found if is_web and len(found) <= _URL_MAX else None


def moment(payload: Payload, name: str) -> datetime:
    """Return the moment under `name`, ISO 8601 with its zone."""
    found = maybe_moment(payload, name)
    if found is None:
        raise MalformedError(f"{name[:_SHOWN]} is missing")
    return found


def maybe_moment(payload: Payload, name: str) -> datetime | None:
    """Return the moment under `name`; None where there is none."""
    found = text(payload, name)
    if not found:
        return None
    try:
        read = datetime.fromisoformat(found)
        if read.tzinfo is None:
            raise MalformedError(f"{name[:_SHOWN]} has no time zone")
        return _believable(read.astimezone(UTC), name)
    except (ValueError, OverflowError):
        raise MalformedError(f"{name[:_SHOWN]} is no moment") from None


def moment_in(payload: Payload, name: str, *, ticks_a_second: int) -> datetime:
    """Return the moment under `name`, a whole number since 1970."""
    found = payload.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise MalformedError(f"{name[:_SHOWN]} is no whole number")
    try:
        # By whole numbers: in a float, nanoseconds since 1970 lose their microseconds.
        since = timedelta(microseconds=found * 1_000_000 // ticks_a_second)
        return _believable(_EPOCH + since, name)
    except OverflowError:
        raise MalformedError(f"{name[:_SHOWN]} is no moment") from None


def _believable(found: datetime, name: str) -> datetime:
    if not _EARLIEST <= found < _LATEST:
        raise MalformedError(f"{name[:_SHOWN]} is no moment of this century")
    return found


def _clean(found: str) -> str:
    # Half of a surrogate pair is valid in JSON, and in nothing else.
    return strip_controls(found.encode("utf-8", "replace").decode()).strip()
