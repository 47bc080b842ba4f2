"""Failures on demand: injected into the next calls of the Web API, or into deliveries."""

from dataclasses import dataclass

from bot.sandbox.errors import ControlError

KINDS = ("429", "5xx", "html", "empty", "hang", "reset_before", "reset_after", "error", "duplicate")
DELIVERY = "delivery"


@dataclass(slots=True, kw_only=True)
class Fault:
    method: str
    """A Web API method, `*` for all of them, or `delivery`."""
    kind: str
    times: int = 1
    status: int | None = None
    error: str = "internal_error"
    retry_after: int = 1
    seconds: float = 40.0
    """How long a hanging call holds the line, in real seconds, before it is cut."""


class Faults:
    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        if fault.kind not in KINDS:
            raise ControlError("unknown_kind", f"A fault's kind is one of {', '.join(KINDS)}.")
        if (fault.method == DELIVERY) != (fault.kind == "duplicate"):
            raise ControlError("unknown_kind", "Only deliveries can be duplicated, and only that.")
        self._planned.append(fault)

    def clear(self) -> None:
        self._planned.clear()

    def for_call(self, method: str) -> Fault | None:
        return self._take((method, "*"))

    def for_delivery(self) -> Fault | None:
        return self._take((DELIVERY,))

    def _take(self, methods: tuple[str, ...]) -> Fault | None:
        fault = next((fault for fault in self._planned if fault.method in methods), None)
        if fault is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._planned.remove(fault)
        return fault
