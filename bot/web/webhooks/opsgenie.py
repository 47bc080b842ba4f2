"""Opsgenie, the webhook integration.

Source: support.atlassian.com, "Integrate Opsgenie with a webhook" (its end of life is April 2027).
It signs nothing; it sends a secret, to an address that cannot be guessed. An action says what
happened, and not how the alert stands.
"""

from collections.abc import Mapping, Sequence

from bot.domain.setback import SetbackKind
from bot.domain.setback_update import SetbackUpdate
from bot.web.webhooks import labels
from bot.web.webhooks.payload import (
    Payload,
    as_id,
    id_of,
    moment_in,
    names,
    need,
    needed_text,
    text,
    texts,
)
from bot.web.webhooks.proof import Headers, has_secret
from bot.web.webhooks.tool import Received, Tool

_IS_OVER = {  # None: the action does not tell
    "Create": False,
    "Close": True,
    "Delete": True,
    "Acknowledge": None,
    "UnAcknowledge": None,
    "Escalate": None,
    "UpdatePriority": None,
    "UpdateMessage": None,
    "AddTags": None,
    "RemoveTags": None,
}


def _is_genuine(headers: Headers, _body: bytes, secrets: Sequence[str], _now: float) -> bool:
    return has_secret(headers, secrets)


def _read(_headers: Headers, payload: Payload, _body: bytes) -> Received:
    action = needed_text(payload, "action")
    if action not in _IS_OVER:
        return Received(event=action, why_ignored="this action changes no alert")
    return Received(event=action, updates=(_update(need(payload, "alert"), action),))


def _update(alert: Payload, action: str) -> SetbackUpdate:
    started_at = moment_in(alert, "createdAt", ticks_a_second=1000)
    at = started_at
    if alert.get("updatedAt") is not None:
        at = moment_in(alert, "updatedAt", ticks_a_second=1_000_000_000)
    tags = texts(alert, "tags")
    id_ = id_of(alert, "alertId")
    return SetbackUpdate(
        # To the nanosecond, as it came: a moment of ours holds microseconds.
        delivery=as_id(f"{id_} {action} {alert.get('updatedAt')}"),
        external_id=id_,
        at=at,
        kind=labels.kind_of(tags) or SetbackKind.INCIDENT,
        text=needed_text(alert, "message"),
        started_at=started_at,
        is_over=_IS_OVER[action],
        ended_at=at if _IS_OVER[action] else None,
        severity=labels.severity_of([text(alert, "priority")]),
        services=names([*labels.services_of(tags), text(alert, "entity")]),
        is_withdrawn=action == "Delete",
    )


def _signed(secret: str, _body: bytes, _now: float) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secret}"}


TOOL = Tool(
    is_genuine=_is_genuine,
    read=_read,
    signed=_signed,
    sample=b"""{"action": "Create", "alert": {"alertId": "sample",
 "message": "The payments API is down", "tags": ["service:checkout"], "priority": "P2",
 "createdAt": 1772460300000, "updatedAt": 1772460300000000000}}""",
)
