"""Jira Cloud, admin webhooks with a secret.

Source: developer.atlassian.com, "Webhooks" of the Jira platform. It tries again up to five times,
with the same identifier.

The labels and the issue type say which kind of setback an issue is, as in `labels`; an issue
with none of those words is work, and no setback. One that was recorded before is over then.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from bot.domain.setback import SetbackKind
from bot.domain.setback_update import SetbackUpdate, withdrawn
from bot.web.webhooks import labels
from bot.web.webhooks.payload import (
    Payload,
    as_id,
    id_of,
    link,
    maybe,
    maybe_moment,
    moment,
    moment_in,
    names,
    need,
    needed_text,
    objects,
    text,
    texts,
)
from bot.web.webhooks.proof import Headers, is_signed, signs
from bot.web.webhooks.tool import Received, Tool

_HEADER = "X-Hub-Signature"
_SCHEME = b"sha256="
_DELETED = "jira:issue_deleted"
_KNOWN = frozenset({"jira:issue_created", "jira:issue_updated", _DELETED})


def _is_genuine(headers: Headers, body: bytes, secrets: Sequence[str], _now: float) -> bool:
    return is_signed(headers.get(_HEADER.lower().encode(), b""), body, secrets, scheme=_SCHEME)


def _read(headers: Headers, payload: Payload, body: bytes) -> Received:
    event = needed_text(payload, "webhookEvent")
    if event not in _KNOWN:
        return Received(event=event, why_ignored="only issues are read")
    fields = need(need(payload, "issue"), "fields")
    named = (*texts(fields, "labels"), *names([text(maybe(fields, "issuetype"), "name")]))
    kind = labels.kind_of(named)
    update = _update(payload, named, kind or SetbackKind.BUG, _delivery(headers, body))
    if kind is None:
        why = "its type and labels name no setback"
        return Received(event=event, updates=(withdrawn(update),), why_ignored=why)
    return Received(event=event, updates=(update,))


def _update(
    payload: Payload, named: Sequence[str], kind: SetbackKind, delivery: str
) -> SetbackUpdate:
    issue = need(payload, "issue")
    fields = need(issue, "fields")
    at = moment_in(payload, "timestamp", ticks_a_second=1000)
    is_gone = payload["webhookEvent"] == _DELETED
    is_done = text(maybe(maybe(fields, "status"), "statusCategory"), "key") == "done"
    components = [text(component, "name") for component in objects(fields, "components")]
    return SetbackUpdate(
        delivery=delivery,
        external_id=id_of(issue, "id"),
        at=at,
        kind=kind,
        text=needed_text(fields, "summary"),
        started_at=moment(fields, "created"),
        is_over=is_done or is_gone,
        ended_at=_end(payload, fields, at) if is_done else None,
        severity=labels.severity_of([text(maybe(fields, "priority"), "name")]),
        services=names([*labels.services_of(named), *components]),
        permalink=_page(issue),
        is_withdrawn=is_gone,
    )


def _end(payload: Payload, fields: Payload, at: datetime) -> datetime | None:
    """Return when it was done: as a field says, else now if this is the change of its status."""
    changes = objects(maybe(payload, "changelog"), "items")
    is_the_change = any(text(change, "field") == "status" for change in changes)
    return maybe_moment(fields, "resolutiondate") or (at if is_the_change else None)


def _page(issue: Payload) -> str | None:
    """Return the page that people read; the payload holds only the address of the API."""
    api, key = link(issue, "self"), text(issue, "key")
    if api is None or not key.replace("-", "").replace("_", "").isalnum():
        return None
    try:
        parts = urlsplit(api)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}/browse/{key}" if parts.netloc else None


def _delivery(headers: Headers, body: bytes) -> str:
    given = headers.get(b"x-atlassian-webhook-identifier", b"").decode("ascii", "replace").strip()
    return as_id(given or f"body {sha256(body).hexdigest()}")


def _signed(secret: str, body: bytes, _now: float) -> Mapping[str, str]:
    return {_HEADER: (_SCHEME + signs(secret, body)).decode()}


TOOL = Tool(
    is_genuine=_is_genuine,
    read=_read,
    signed=_signed,
    sample=b"""{"timestamp": 1772460300000, "webhookEvent": "jira:issue_created",
 "issue": {"id": "1", "key": "OPS-1", "self": "https://example.atlassian.net/rest/api/2/1",
  "fields": {"summary": "The payments API is down", "labels": ["incident"],
   "issuetype": {"name": "Incident"}, "priority": {"name": "High"},
   "status": {"statusCategory": {"key": "indeterminate"}},
   "created": "2026-03-02T14:05:00.000+0000"}}}""",
)
