"""What a control call's body says, or the sentence that refuses it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request

from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError
from bot.sandbox.model import Json

Handler = Callable[[Core, Json, Request], Awaitable[Json]]
T = TypeVar("T")


def need(body: Json, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise ControlError("missing", f"Say {key}.")
    return value


def made(build: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Build from JSON; a wrong name or type is the caller's mistake, said in one sentence."""
    try:
        return build(*arguments, **named)
    except (TypeError, ValueError) as error:
        raise ControlError("bad_value", str(error)) from None
