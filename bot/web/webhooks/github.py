"""GitHub issues.

Source: docs.github.com, "Webhook events and payloads" and "Validating webhook deliveries".
GitHub does not send again by itself; a redelivery by hand keeps its id.

The labels say which kind of setback an issue is, as in `labels`; an issue with none of those
words is a bug, unless its labels say that nothing went wrong. One that was recorded before they
said so is over then.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from bot.domain.setback import SetbackKind
from bot.domain.setback_update import SetbackUpdate, withdrawn
from bot.web.webhooks import labels
from bot.web.webhooks.payload import (
    MalformedError,
    Payload,
    as_id,
    id_of,
    link,
    maybe_moment,
    moment,
    names,
    need,
    needed_text,
    objects,
    text,
)
from bot.web.webhooks.proof import Headers, is_signed, signs
from bot.web.webhooks.tool import Received, Tool

_HEADER = "X-Hub-Signature-256"
_SCHEME = b"sha256="
_BODY_MAX = 5_000_000  # bytes; GitHub's own limit is 25 MB, and what is refused is lost
_GONE = frozenset({"deleted", "transferred"})


def _is_genuine(headers: Headers, body: bytes, secrets: Sequence[str], _now: float) -> bool:
    return is_signed(headers.get(_HEADER.lower().encode(), b""), body, secrets, scheme=_SCHEME)


def _read(headers: Headers, payload: Payload, body: bytes) -> Received:
    event = headers.get(b"x-github-event", b"").decode("ascii", "replace")
    if not event:
        raise MalformedError("the header X-GitHub-Event is missing")
    if event == "ping":
        return Received(event=event, is_test=True)
    if event != "issues":
        return Received(event=event, why_ignored="only issues are read")
    action, issue = needed_text(payload, "action"), need(payload, "issue")
    named = names([text(label, "name") for label in objects(issue, "labels")])
    kind = labels.kind_of(named)
    update = _update(issue, action, named, kind or SetbackKind.BUG, _delivery(headers, body))
    why = ""
    if kind is None and labels.is_no_setback(named):
        update, why = withdrawn(update), "its labels name no setback"
    return Received(event=f"{event}.{action}", updates=(update,), why_ignored=why)


def _update(
    issue: Payload, action: str, named: Sequence[str], kind: SetbackKind, delivery: str
) -> SetbackUpdate:
    at = moment(issue, "updated_at")
    # `closed_at` stays set on an issue that is open again.
    is_gone, is_closed = action in _GONE, text(issue, "state") == "closed"
    closed_at = maybe_moment(issue, "closed_at") if is_closed else None
    return SetbackUpdate(
        delivery=delivery,
        external_id=id_of(issue, "id"),
        at=at,
        kind=kind,
        text=needed_text(issue, "title"),
        started_at=moment(issue, "created_at"),
        is_over=is_closed or is_gone,
        ended_at=closed_at or (at if is_gone or is_closed else None),
        severity=labels.severity_of(named),
        services=labels.services_of(named),
        permalink=link(issue, "html_url"),
        is_withdrawn=is_gone,
    )


def _delivery(headers: Headers, body: bytes) -> str:
    given = headers.get(b"x-github-delivery", b"").decode("ascii", "replace").strip()
    return as_id(given or f"body {sha256(body).hexdigest()}")


def _signed(secret: str, body: bytes, _now: float) -> Mapping[str, str]:
    return {
        _HEADER: (_SCHEME + signs(secret, body)).decode(),
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": "sample",
    }


TOOL = Tool(
    is_genuine=_is_genuine,
    read=_read,
    signed=_signed,
    body_max=_BODY_MAX,
    sample=b"""{"action": "opened", "issue": {"id": 1, "number": 1, "state": "open",
 "title": "The payments API rejects valid cards",
 "html_url": "https://github.com/example/shop/issues/1",
 "labels": [{"name": "bug"}, {"name": "service:checkout"}], "closed_at": null,
 "created_at": "2026-03-02T14:05:00Z", "updated_at": "2026-03-02T14:05:00Z"}}""",
)
