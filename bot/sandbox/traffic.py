"""The inspector's list of what went over the wire, tokens cut to their last four characters."""

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

KEPT = 2000
TOKEN = re.compile(r"\b(?:xox[a-z]|xapp|xwfp|xoxe\.xox[a-z])-[\w-]+")
SHOWN = 4
SECRET = ("token", "access_token", "bot_access_token")


class Traffic:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._next = 1
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def add(
        self,
        direction: str,
        kind: str,
        name: str,
        *,
        status: int | None,
        seconds: float,
        error: str | None,
        request: Any,
        response: Any,
    ) -> None:
        """`direction` is seen from the sandbox: `in` is a call by the app, `out` a delivery."""
        self._entries.append(
            {
                "n": self._next,
                "at": self._now().isoformat(),
                "direction": direction,
                "kind": kind,
                "name": name,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "ok": error is None,
                "error": error,
                "request": redacted(request),
                "response": redacted(response),
            }
        )
        self._next += 1

    def since(self, n: int) -> dict[str, Any]:
        """Entries numbered `n` or above, and the number to ask from next time."""
        return {
            "next": self._next,
            "entries": [entry for entry in self._entries if entry["n"] >= n],
        }


def redacted(value: Any) -> Any:
    if isinstance(value, str):
        return TOKEN.sub(lambda match: f"…{match.group()[-SHOWN:]}", value)
    if isinstance(value, dict):
        return {
            key: f"…{item[-SHOWN:]}" if key in SECRET and isinstance(item, str) else redacted(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value
