"""Prometheus Alertmanager, webhook version 4.

Source: prometheus.io, "Alertmanager configuration", `webhook_config`. It signs nothing; it sends a
secret, to an address that cannot be guessed. It sends an alert again every `repeat_interval`, as
long as it fires, and gives up at once after a 4xx.

A group is one setback, as it is one page to whoever is on call and one incident where Alertmanager
tells PagerDuty: a storm of a hundred alerts posts one message. It is over when all of the group is;
what fires after that is another setback. `group_by` decides what belongs together.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

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
_NAMED = 3


def _is_genuine(headers: Headers, _body: bytes, secrets: Sequence[str], _now: float) -> bool:
    return has_secret(headers, secrets)


def _read(_headers: Headers, payload: Payload, _body: bytes) -> Received:
    if text(payload, "version") != "4":
        raise MalformedError("version is not 4")
    status = needed_text(payload, "status")
    group = needed_text(payload, "groupKey")
    alerts = [_alert(one) for one in objects(payload, "alerts")]
    if not alerts:
        return Received(event=status, why_ignored="no alerts in it")
    return Received(event=status, updates=(_update(group, alerts),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alert:
    state: str  # the same each time that it is told
    name: str
    notes: str
    started_at: datetime
    ended_at: datetime | None  # None while it fires
    severity: str
    service: str
    permalink: str | None


def _alert(alert: Payload) -> _Alert:
    status = needed_text(alert, "status")
    if status not in _STATUSES:
        raise MalformedError("an alert's status is neither firing nor resolved")
    about, notes = maybe(alert, "labels"), maybe(alert, "annotations")
    fingerprint = needed_text(alert, "fingerprint")
    started_at = moment(alert, "startsAt")
    return _Alert(
        state=f"{fingerprint} {started_at.isoformat()} {status}",
        name=text(about, "alertname") or fingerprint,
        notes=text(notes, "summary") or text(notes, "description"),
        started_at=started_at,
        # Of a firing alert it is in the year 1, or, when Prometheus sets it, in the future.
        ended_at=moment(alert, "endsAt") if status == "resolved" else None,
        severity=text(about, "severity"),
        service=text(about, "service") or text(about, "job"),
        permalink=link(notes, "runbook_url") or link(alert, "generatorURL"),
    )


def _update(group: str, alerts: Sequence[_Alert]) -> SetbackUpdate:
    ends = [one.ended_at for one in alerts if one.ended_at is not None]
    is_over = len(ends) == len(alerts)
    states = "\n".join([group, *sorted(one.state for one in alerts)])
    severities = (labels.severity_of([one.severity]) for one in alerts)
    return SetbackUpdate(
        delivery=as_id(f"group {sha256(states.encode()).hexdigest()}"),
        external_id=as_id(f"group {sha256(group.encode()).hexdigest()}"),
        at=max([*ends, *(one.started_at for one in alerts)]),
        kind=SetbackKind.INCIDENT,
        text=_text(alerts),
        started_at=min(one.started_at for one in alerts),
        is_over=is_over,
        ended_at=max(ends) if is_over else None,
        severity=min(filter(None, severities), default=None),
        services=names(sorted({one.service for one in alerts})),
        permalink=next((one.permalink for one in alerts if one.permalink), None),
        is_group=True,
    )


def _text(alerts: Sequence[_Alert]) -> str:
    """Name the most frequent ones first; the notes are those of the one that began it."""
    counted = Counter(one.name for one in alerts).most_common()
    named = ", ".join(name for name, _ in counted[:_NAMED])
    more = f" and {len(counted) - _NAMED} more" if len(counted) > _NAMED else ""
    count = f" ({len(alerts)} alerts)" if len(alerts) > 1 else ""
    first = min(alerts, key=lambda one: (one.started_at, one.state))
    return titled(f"{named}{more}{count}", first.notes)


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
