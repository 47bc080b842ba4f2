"""incident.io, by Standard Webhooks (Svix).

Source: api-docs.incident.io, "Webhooks". The data stands under a key that is the event's name.
Of a private incident only the id is sent, so there is nothing to record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.setback import SetbackKind
from bot.domain.setback_update import SetbackUpdate
from bot.web.webhooks import labels
from bot.web.webhooks.payload import (
    MalformedError,
    Payload,
    as_id,
    id_of,
    link,
    maybe,
    maybe_moment,
    moment,
    names,
    need,
    needed_text,
    objects,
    text,
    titled,
)
from bot.web.webhooks.proof import Headers, is_signed_by_svix, svix_header, svix_signature
from bot.web.webhooks.tool import Received, Tool

_KNOWN = frozenset(
    f"public_incident.incident_{what}_v2" for what in ("created", "updated", "status_updated")
)
_OVER = frozenset({"learning", "post-incident", "closed"})
_WITHDRAWN = frozenset({"declined", "merged", "canceled"})
_TRIES = frozenset({"test", "tutorial"})
_BEGINNING = frozenset({"started", "start", "began"})
_ENDING = frozenset({"resolved", "fixed", "ended", "end"})


def _is_genuine(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> bool:
    return is_signed_by_svix(headers, body, secrets, now=now)


def _read(headers: Headers, payload: Payload, _body: bytes) -> Received:
    event = needed_text(payload, "event_type")
    if event not in _KNOWN:
        return Received(event=event, why_ignored="only public incidents are read")
    data = need(payload, event)
    incident = need(data, "incident") if "incident" in data else data
    if text(incident, "mode") in _TRIES:
        return Received(event=event, is_test=True)
    category = text(maybe(incident, "incident_status"), "category")
    if category == "triage":
        return Received(event=event, why_ignored="nobody has accepted it as an incident yet")
    delivery = as_id(svix_header(headers, b"id").decode("ascii", "replace"))
    if not delivery:
        raise MalformedError("the header webhook-id is missing")
    return Received(event=event, updates=(_update(incident, category, delivery),))


def _update(incident: Payload, category: str, delivery: str) -> SetbackUpdate:
    at = moment(incident, "updated_at")
    is_withdrawn = category in _WITHDRAWN
    is_over = category in _OVER or is_withdrawn
    return SetbackUpdate(
        delivery=delivery,
        external_id=id_of(incident, "id"),
        at=at,
        kind=SetbackKind.INCIDENT,
        text=titled(needed_text(incident, "name"), text(incident, "summary")),
        started_at=_stamped(incident, _BEGINNING) or moment(incident, "created_at"),
        is_over=is_over,
        ended_at=_stamped(incident, _ENDING) if is_over else None,
        severity=labels.severity_of([text(maybe(incident, "severity"), "name")]),
        services=_services(incident),
        permalink=link(incident, "permalink"),
        is_withdrawn=is_withdrawn,
    )


def _stamped(incident: Payload, words: frozenset[str]) -> datetime | None:
    """Return the earliest of the moments that the team noted under such a name."""
    found = []
    for entry in objects(incident, "incident_timestamp_values"):
        name = text(maybe(entry, "incident_timestamp"), "name")
        value = maybe_moment(maybe(entry, "value"), "value")
        if value is not None and words & set(name.casefold().split()):
            found.append(value)
    return min(found, default=None)


def _services(incident: Payload) -> tuple[str, ...]:
    found = []
    for entry in objects(incident, "custom_field_entries"):
        if "service" not in text(maybe(entry, "custom_field"), "name").casefold():
            continue
        for value in objects(entry, "values"):
            catalog, option = maybe(value, "value_catalog_entry"), maybe(value, "value_option")
            found.append(text(catalog, "name") or text(option, "value"))
    return names(found)


def _signed(secret: str, body: bytes, now: float) -> Mapping[str, str]:
    id_, stamp = "sample", str(int(now))
    signature = svix_signature(secret, id_.encode(), stamp.encode(), body)
    return {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": signature.decode(),
    }


TOOL = Tool(
    is_genuine=_is_genuine,
    read=_read,
    signed=_signed,
    sample=b"""{"event_type": "public_incident.incident_created_v2",
 "public_incident.incident_created_v2": {"id": "SAMPLE", "name": "The payments API is down",
  "summary": "Cards are rejected", "mode": "standard", "severity": {"name": "Major"},
  "incident_status": {"category": "active"},
  "permalink": "https://app.incident.io/example/incidents/1",
  "created_at": "2026-03-02T14:05:00Z", "updated_at": "2026-03-02T14:05:00Z"}}""",
)
