"""Endpoints, and which setback it is that a tool calls so."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.domain.setback import SetbackKind, Severity
from bot.domain.setback_update import Origin, Told
from bot.domain.webhook import WebhookEndpoint, WebhookSecret, WebhookSource
from bot.store import setback as setbacks
from bot.store import setback_origin as origins
from bot.store import webhook as endpoints
from tests.store.samples import (
    ANA,
    APOLLO,
    DAY,
    ELSEWHERE,
    HERE,
    HOME,
    HOUR,
    NOON,
    make_setback_draft,
)


def make_endpoint(**changed: Any) -> WebhookEndpoint:
    values: dict[str, Any] = {
        "workspace": HERE,
        "id": "e1",
        "source": WebhookSource.GITHUB,
        "token": "token",
        "channel": HOME,
        "project": APOLLO,
        "secrets": (WebhookSecret(value="new"), WebhookSecret(value="old", expires_at=NOON + DAY)),
        "added_at": NOON,
    }
    return WebhookEndpoint(**values | changed)


def test_an_endpoint_reads_back_in_its_workspace_alone(tx: Connection) -> None:
    endpoint, bare = make_endpoint(), make_endpoint(id="e2", project=None, secrets=())
    for one in (endpoint, bare):
        endpoints.add(tx, one)
    endpoints.add(tx, make_endpoint(workspace=ELSEWHERE, token="other"))

    assert endpoints.get(tx, HERE, "e1") == endpoint
    assert endpoints.all_of(tx, HERE) == [endpoint, bare]
    assert endpoints.get(tx, HERE, "e3") is None


def test_secrets_change_and_what_was_heard_is_noted(tx: Connection) -> None:
    endpoint = make_endpoint()
    endpoints.add(tx, endpoint)
    changed = (WebhookSecret(value="newest"),)

    endpoints.put_secrets(tx, HERE, "e1", changed)
    endpoints.heard(tx, HERE, "e1", at=NOON + HOUR)

    expected = replace(endpoint, secrets=changed, heard_at=NOON + HOUR)
    assert endpoints.get(tx, HERE, "e1") == expected


def test_an_endpoint_is_removed_once_and_in_its_workspace_alone(tx: Connection) -> None:
    endpoints.add(tx, make_endpoint())

    assert not endpoints.remove(tx, ELSEWHERE, "e1")
    assert endpoints.remove(tx, HERE, "e1")
    assert not endpoints.remove(tx, HERE, "e1")
    assert endpoints.all_of(tx, HERE) == []


def test_an_origin_is_as_last_followed(tx: Connection) -> None:
    setback = setbacks.add(tx, HERE, make_setback_draft(), by=ANA, at=NOON)
    told = Told(
        kind=SetbackKind.BUG,
        text="Cards are rejected",
        started_at=NOON,
        ended_at=None,
        severity=None,
        services=(),
        permalink=None,
    )
    first = Origin(number=setback.number, told=told, at=NOON, knows_start=False, over_at=None)
    told = replace(told, ended_at=NOON + HOUR, severity=Severity.SEV2, services=("pay", "cart"))
    after = replace(first, told=told, at=NOON + HOUR, knows_start=True, over_at=NOON + HOUR)

    for origin in (first, after):
        origins.put(tx, HERE, "e1", "OPS-1", origin)

    assert origins.get(tx, HERE, "e1", "OPS-1") == after
    assert origins.get(tx, HERE, "e2", "OPS-1") is None
    assert origins.get(tx, ELSEWHERE, "e1", "OPS-1") is None


def test_a_secret_that_has_run_out_is_not_accepted() -> None:
    endpoint = make_endpoint()

    assert endpoint.accepted(NOON) == ("new", "old")
    assert endpoint.accepted(NOON + DAY) == ("new",)
