"""PagerDuty, webhooks v3.

Source: developer.pagerduty.com, "Webhooks overview" and "Verifying signatures". A signature has no
timestamp, so a request can be replayed; the event's id then says that it was here before.
"""

from collections.abc import Mapping, Sequence

from bot.domain.setback import SetbackKind
from bot.domain.setback_update import SetbackUpdate
from bot.web.webhooks import labels
from bot.web.webhooks.payload import (
    Payload,
    id_of,
    link,
    maybe,
    maybe_moment,
    moment,
    names,
    need,
    needed_text,
    text,
)
from bot.web.webhooks.proof import Headers, is_signed, signs
from bot.web.webhooks.tool import Received, Tool

_HEADER = "X-PagerDuty-Signature"
_SCHEME = b"v1="
_PING = "pagey.ping"
_RESOLVED = "incident.resolved"
_KNOWN = frozenset(
    f"incident.{what}"
    for what in (
        *("triggered", "acknowledged", "unacknowledged", "resolved", "reopened", "escalated"),
        *("reassigned", "delegated", "priority_updated", "service_updated"),
    )
)


def _is_genuine(headers: Headers, body: bytes, secrets: Sequence[str], _now: float) -> bool:
    given = headers.get(_HEADER.lower().encode(), b"")
    return is_signed(given, body, secrets, scheme=_SCHEME, several=True)


def _read(_headers: Headers, payload: Payload, _body: bytes) -> Received:
    event = need(payload, "event")
    kind = needed_text(event, "event_type")
    if kind == _PING:
        return Received(event=kind, is_test=True)
    if kind not in _KNOWN:
        return Received(event=kind, why_ignored="this kind of event changes no incident")
    return Received(event=kind, updates=(_update(event, need(event, "data"), kind),))


def _update(event: Payload, incident: Payload, kind: str) -> SetbackUpdate:
    at = moment(event, "occurred_at")
    return SetbackUpdate(
        delivery=id_of(event, "id"),
        external_id=id_of(incident, "id"),
        at=at,
        kind=SetbackKind.INCIDENT,
        text=needed_text(incident, "title"),
        started_at=maybe_moment(incident, "created_at")
        or (at if kind == "incident.triggered" else None),
        is_over=_is_over(incident, kind),
        ended_at=at if kind == _RESOLVED else None,
        severity=labels.severity_of([text(maybe(incident, "priority"), "summary")]),
        services=names([text(maybe(incident, "service"), "summary")]),
        permalink=link(incident, "html_url"),
    )


def _is_over(incident: Payload, kind: str) -> bool | None:
    """What other events say of a resolved incident tells no new end."""
    if kind == _RESOLVED:
        return True
    return None if text(incident, "status") == "resolved" else False


def _signed(secret: str, body: bytes, _now: float) -> Mapping[str, str]:
    return {_HEADER: (_SCHEME + signs(secret, body)).decode()}


TOOL = Tool(
    is_genuine=_is_genuine,
    read=_read,
    signed=_signed,
    sample=b"""{"event": {"id": "sample", "event_type": "incident.triggered",
 "resource_type": "incident", "occurred_at": "2026-03-02T14:05:00Z",
 "data": {"id": "SAMPLE", "type": "incident", "status": "triggered",
  "title": "The payments API is down",
  "html_url": "https://example.pagerduty.com/incidents/SAMPLE",
  "service": {"summary": "checkout"}, "priority": {"summary": "P2"}}}}""",
)
