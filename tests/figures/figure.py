"""What a figure prints: a table of what was compared, then each value as one line of JSON."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    name: str
    value: float
    unit: str
    holds: bool  # whether the promise behind it holds; True for one that is only shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measurement: `lines` for people, `values` for machines."""

    lines: tuple[str, ...]
    values: tuple[Value, ...]

    def show(self) -> bool:
        """Print it; return whether every value holds, and there is one."""
        for line in self.lines:
            print(line)
        for value in self.values:
            print(json.dumps(asdict(value)))
        return bool(self.values) and all(value.holds for value in self.values)


Measure = Callable[[], Coroutine[Any, Any, Figure]]
