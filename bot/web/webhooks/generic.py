"""Any other tool, or a script: signed JSON of our own shape.

    {"id": "OPS-7", "updated_at": "2026-03-02T14:20:00Z", "kind": "incident",
     "text": "The payments API is down", "started_at": "2026-03-02T14:05:00Z", "ended_at": null,
     "severity": "sev2", "services": ["checkout"], "url": "https://status.example/7"}

`id`, `updated_at` and `text` are needed. `kind` is incident (when left out), delay, bug or scope
change. While `ended_at` is null or left out it goes on. `"test": true` records nothing.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from bot.domain.setback import SetbackKind
from bot.domain.setback_update import SetbackUpdate
from bot.web.webhooks import labels
from bot.web.webhooks.payload import (
    MalformedError,
    Payload,
    id_of,
    link,
    maybe_moment,
    moment,
    needed_text,
    text,
    texts,
)
from bot.web.webhooks.proof import Headers, is_signed, signs
from bot.web.webhooks.tool import Received, Tool

_HEADER = "X-Signature-256"
_SCHEME = b"sha256="


def _is_genuine(headers: Headers, body: bytes, secrets: Sequence[str], _now: float) -> bool:
    return is_signed(headers.get(_HEADER.lower().encode(), b""), body, secrets, scheme=_SCHEME)


def _read(_headers: Headers, payload: Payload, body: bytes) -> Received:
    kind = text(payload, "kind") or SetbackKind.INCIDENT.value
    if payload.get("test") is True:
        return Received(event=kind, is_test=True)
    try:
        named = SetbackKind(kind.replace("_", " "))
    except ValueError:
        raise MalformedError("kind is not incident, delay, bug or scope change") from None
    ended_at = maybe_moment(payload, "ended_at")
    update = SetbackUpdate(
        delivery=f"body {sha256(body).hexdigest()}",
        external_id=id_of(payload, "id"),
        at=moment(payload, "updated_at"),
        kind=named,
        text=needed_text(payload, "text"),
        started_at=maybe_moment(payload, "started_at"),
        is_over=ended_at is not None,
        ended_at=ended_at,
        severity=labels.severity_of([text(payload, "severity")]),
        services=texts(payload, "services"),
        permalink=link(payload, "url"),
    )
    return Received(event=named.value, updates=(update,))


def _signed(secret: str, body: bytes, _now: float) -> Mapping[str, str]:
    return {_HEADER: (_SCHEME + signs(secret, body)).decode()}


TOOL = Tool(
    is_genuine=_is_genuine,
    read=_read,
    signed=_signed,
    sample=b"""{"id": "sample", "updated_at": "2026-03-02T14:05:00Z", "kind": "incident",
 "text": "The payments API is down", "started_at": "2026-03-02T14:05:00Z", "severity": "sev2",
 "services": ["checkout"], "url": "https://status.example/1"}""",
)
