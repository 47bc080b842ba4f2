"""What is known of each tool: how it proves who it is, and how its payloads are read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.setback_update import SetbackUpdate
from bot.web.webhooks.payload import Payload
from bot.web.webhooks.proof import Headers

BODY_MAX = 1_000_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a genuine body says."""

    event: str  # what the tool calls it
    updates: tuple[SetbackUpdate, ...] = ()
    is_test: bool = False  # the tool, or a person, only tries the connection
    why_ignored: str = ""  # where there is nothing to record, unless it was recorded before


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool's ways.

    `is_genuine(headers, body, secrets, now)` looks at raw bytes; `now` is real time in seconds.
    `read(headers, payload, body)` raises `MalformedError` for what the tool does not send.
    `signed(secret, body, now)` returns the headers of a request that `is_genuine` accepts.
    """

    is_genuine: Callable[[Headers, bytes, Sequence[str], float], bool]
    read: Callable[[Headers, Payload, bytes], Received]
    signed: Callable[[str, bytes, float], Mapping[str, str]]
    sample: bytes  # a body of ours in the tool's shape, to try an endpoint with
    body_max: int = BODY_MAX
