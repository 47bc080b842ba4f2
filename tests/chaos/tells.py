"""Lets each process say which of its writes changed something, and reads what they said."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TOLD = frozenset({"accepted", "hand_over"})


@dataclass(frozen=True, slots=True)
class Write:
    """A message that was written down as sent, or questions that were handed over."""

    unit: str
    pid: int
    changed: int  # rows; 0 where the lease had been lost


class TellingDatabase:
    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.kind = inner.kind
        self.read = inner.read
        self.close = inner.close

    async def write(self, unit: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = await self._inner.write(unit, *args, **kwargs)
        if unit.__name__ in _TOLD:
            told = {"wrote": unit.__name__, "pid": os.getpid(), "changed": int(result)}
            sys.stdout.write(f"{json.dumps(told)}\n")
            sys.stdout.flush()
        return result


def writes(said: str) -> list[Write]:
    """Find what was told among the lines of a log."""
    told = [json.loads(line) for line in said.splitlines() if line.startswith('{"wrote"')]
    return [Write(one["wrote"], one["pid"], one["changed"]) for one in told]
