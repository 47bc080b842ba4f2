"""Lets each process say what it claims and which of its writes changed something; reads it."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TOLD = frozenset({"claim_messages", "accepted", "hand_over"})


@dataclass(frozen=True, slots=True)
class Write:
    """Messages that were claimed, one that was written down as sent, or questions handed over."""

    unit: str
    pid: int
    changed: int  # rows; 0 where nothing was due, or the lease had been lost


class TellingDatabase:
    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.kind = inner.kind
        self.read = inner.read
        self.close = inner.close

    async def write(self, unit: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = await self._inner.write(unit, *args, **kwargs)
        if unit.__name__ in _TOLD:
            changed = len(result) if isinstance(result, list) else int(result)
            told = {"wrote": unit.__name__, "pid": os.getpid(), "changed": changed}
            sys.stdout.write(f"{json.dumps(told)}\n")
            sys.stdout.flush()
        return result


def writes(said: str) -> list[Write]:
    """Find what was told among the lines of a log; the last may be half written."""
    lines = said.rpartition("\n")[0].splitlines()
    told = [json.loads(line) for line in lines if line.startswith('{"wrote"')]
    return [Write(one["wrote"], one["pid"], one["changed"]) for one in told]
