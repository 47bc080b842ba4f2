"""Whether a body has the shape of something that Slack sends.

Bolt reads bodies before it checks anything and answers 500 to seven kinds of malformed ones
(measured); a sender would take that for a fault of ours and try again.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

_FIELDS_MAX = 200
# Escapes that may stand for what is no text: NUL, and half of a surrogate pair.
_SUSPECT = re.compile(rb"(?:\\|%5[cC])u(?:0000|[dD][89a-fA-F])|%00")

# What Bolt's readers index into without looking; None may stand for each.
_SHAPES: Mapping[str, type] = {
    "type": str,
    "event": dict,
    "team": dict,
    "user": dict,
    "enterprise": dict,
    "view": dict,
    "message": dict,
    "container": dict,
    "channel": dict,
    "actions": list,
    "authorizations": list,
    "team_id": str,
    "api_app_id": str,
    "event_id": str,
    "trigger_id": str,
    "callback_id": str,
    "response_url": str,
}


class MalformedError(Exception):
    """The body is nothing that Slack sends; the text says why, without repeating it."""


def read_payload(content_type: bytes, body: bytes) -> Mapping[str, Any]:
    """Return the JSON object of an event or an interaction, or a command's form fields.

    Raises:
        MalformedError: It has another shape.
    """
    try:
        return _checked(_parsed(content_type, body), body)
    except (ValueError, RecursionError):
        raise MalformedError("the body cannot be read") from None


def _parsed(content_type: bytes, body: bytes) -> Any:
    match content_type.partition(b";")[0].strip().lower():
        case b"application/json":
            return json.loads(body)
        case b"application/x-www-form-urlencoded":
            return _form(body)
        case _:
            raise MalformedError("the content type is neither JSON nor a form")


def _form(body: bytes) -> Any:
    fields = dict(
        parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=_FIELDS_MAX,
            errors="strict",
        )
    )
    if "payload" in fields:
        return json.loads(fields["payload"])
    if not fields.get("command") and "ssl_check" not in fields:
        raise MalformedError("the form is neither a command nor an interaction")
    return fields


def _checked(payload: Any, body: bytes) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise MalformedError("the body is not an object")
    for name, value in payload.items():
        expected = _SHAPES.get(name)
        if expected is not None and value is not None and not isinstance(value, expected):
            raise MalformedError(f"{name} is of another type")
    view = payload.get("view")
    if view and not isinstance(view.get("type"), str):
        raise MalformedError("the view is of no type")  # Bolt looks for it
    if not all(isinstance(action, dict) for action in payload.get("actions") or ()):
        raise MalformedError("an action is not an object")
    if _SUSPECT.search(body) and not all(map(_is_text, _texts(payload))):
        raise MalformedError("the body holds characters that are no text")
    return payload


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _is_text(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
