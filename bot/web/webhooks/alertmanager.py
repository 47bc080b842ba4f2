"""Prometheus Alertmanager, webhook version 4.

Source: prometheus.io, "Alertmanager configuration", `webhook_config`. It signs nothing; it sends a
secret, to an address that cannot be guessed. It sends an alert again every `repeat_interval`, as
long as it fires, and gives up at once after a 4xx.

Each firing of an alert, told apart by when it began, is a setback of its own.
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
    link,
    maybe,
    moment,
    names,
    needed_text,
    objects,
    text,
    titled,
)
from bot.web.webhooks.proof import Headers, has_secret
from bot.web.webhooks.tool import Received, Tool

_STATUSES = frozenset({"firing", "resolved"})


def _is_genuine(headers: Headers, _body: bytes, secrets: Sequence[str], _now: float) -> bool:
    return has_secret(headers, secrets)


def _read(_headers: Headers, payload: Payload, _body: bytes) -> Received:
    if text(payload, "version") != "4":
        raise MalformedError("version is not 4")
    status = needed_text(payload, "status")
    updates = tuple(_update(alert) for alert in objects(payload, "alerts"))
    return Received(event=status, updates=updates, why_ignored="" if updates else "no alerts in it")


def _update(alert: Payload) -> SetbackUpdate:
    status = needed_text(alert, "status")
    if status not in _STATUSES:
        raise MalformedError("an alert's status is neither firing nor resolved")
    about, notes = maybe(alert, "labels"), maybe(alert, "annotations")
    fingerprint = needed_text(alert, "fingerprint")
    started_at = moment(alert, "startsAt")
    # Of a firing alert it is in the year 1, or, when Prometheus sets it, in the future.
    ended_at: datetime | None = moment(alert, "endsAt") if status == "resolved" else None
    firing = f"{fingerprint} {started_at.isoformat()}"
    name = text(about, "alertname") or fingerprint
    return SetbackUpdate(
        delivery=as_id(f"{firing} {status}"),
        external_id=as_id(firing),
        at=max(ended_at or started_at, started_at),
        kind=SetbackKind.INCIDENT,
        text=titled(name, text(notes, "summary") or text(notes, "description")),
        started_at=started_at,
        is_over=ended_at is not None,
        ended_at=ended_at,
        severity=labels.severity_of([text(about, "severity")]),
        services=names([text(about, "service") or text(about, "job")]),
        permalink=link(notes, "runbook_url") or link(alert, "generatorURL"),
    )


def _signed(secret: str, _body: bytes, _now: float) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secret}"}


TOOL = Tool(
    is_genuine=_is_genuine,
    read=_read,
    signed=_signed,
    sample=b"""{"version": "4", "groupKey": "{}:{alertname=\\"CheckoutDown\\"}", "status": "firing",
 "receiver": "stilltrue", "alerts": [{"status": "firing", "fingerprint": "0123456789abcdef",
  "labels": {"alertname": "CheckoutDown", "severity": "critical", "service": "checkout"},
  "annotations": {"summary": "The payments API has not answered for 5 minutes"},
  "startsAt": "2026-03-02T14:05:00Z", "endsAt": "0001-01-01T00:00:00Z",
  "generatorURL": "https://prometheus.example/graph"}]}""",
)
