"""What no tool sends gets a 4xx: a 5xx would make the sender try it again and again."""

import asyncio
import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.domain.webhook import WebhookSource
from tests.web.webhooks.tools import Door, our_sample

_NEVER_WELL = {400, 413, 415}

NO_OBJECTS = {
    "empty": b"",
    "a space": b" ",
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"text"',
    "null": b"null",
    "true": b"true",
    "NaN": b"NaN",
    "an empty object": b"{}",
    "not UTF-8": b'{"a": "\xff"}',
    "half of UTF-16": b"\xff\xfe{",
    "NUL": b"\0",
    "ten thousand lists": b"[" * 10_000,
    "ten thousand objects": b'{"event":' * 10_000,
    "a number that is too long": b'{"id": ' + b"9" * 5_000 + b"}",
    "a comment": b"{} // {}",
    "two objects": b"{}{}",
    "a form": b"payload=%7B%7D",
    "XML": b"<alert/>",
}

Where = tuple[str | int, ...]
WRONG: dict[WebhookSource, list[tuple[Where, Any]]] = {
    WebhookSource.PAGERDUTY: [
        (("event",), None),
        (("event",), []),
        (("event", "event_type"), None),
        (("event", "event_type"), 7),
        (("event", "id"), None),
        (("event", "id"), ""),
        (("event", "id"), True),
        (("event", "data"), None),
        (("event", "data"), "incident"),
        (("event", "data", "id"), {}),
        (("event", "data", "title"), None),
        (("event", "data", "title"), ["down"]),
        (("event", "data", "priority"), "P1"),
        (("event", "data", "service"), ["checkout"]),
        (("event", "data", "html_url"), 1),
        (("event", "data", "status"), {}),
        (("event", "occurred_at"), None),
        (("event", "occurred_at"), "yesterday"),
        (("event", "occurred_at"), "2026-03-02T14:05:00"),
        (("event", "occurred_at"), "0001-01-01T00:00:00+14:00"),
        (("event", "occurred_at"), "9999-12-31T23:59:59-14:00"),
        (("event", "occurred_at"), 1_772_460_300),
        (("event", "data", "created_at"), "2026-13-01T00:00:00Z"),
    ],
    WebhookSource.ALERTMANAGER: [
        (("groupKey",), None),
        (("version",), None),
        (("version",), 4),
        (("version",), "3"),
        (("status",), None),
        (("status",), 1),
        (("alerts",), {}),
        (("alerts",), "none"),
        (("alerts",), [1]),
        (("alerts", 0), None),
        (("alerts", 0, "status"), None),
        (("alerts", 0, "status"), "silenced"),
        (("alerts", 0, "labels"), []),
        (("alerts", 0, "labels", "alertname"), 1),
        (("alerts", 0, "labels", "severity"), []),
        (("alerts", 0, "labels", "service"), {}),
        (("alerts", 0, "annotations"), "summary"),
        (("alerts", 0, "annotations", "summary"), 1),
        (("alerts", 0, "fingerprint"), None),
        (("alerts", 0, "fingerprint"), 1),
        (("alerts", 0, "startsAt"), None),
        (("alerts", 0, "startsAt"), "0001-01-01T00:00:00Z"),
        (("alerts", 0, "startsAt"), "now"),
        (("alerts", 0, "generatorURL"), 1),
    ],
    WebhookSource.GITHUB: [
        (("action",), None),
        (("action",), 1),
        (("issue",), None),
        (("issue",), []),
        (("issue",), "1"),
        (("issue", "id"), None),
        (("issue", "id"), 1.5),
        (("issue", "id"), False),
        (("issue", "id"), []),
        (("issue", "title"), None),
        (("issue", "title"), ""),
        (("issue", "title"), " \u200b "),
        (("issue", "title"), {}),
        (("issue", "labels"), {}),
        (("issue", "labels"), ["bug"]),
        (("issue", "labels"), [{"name": 1}]),
        (("issue", "state"), 1),
        (("issue", "html_url"), {}),
        (("issue", "created_at"), None),
        (("issue", "created_at"), "2026-03-02"),
        (("issue", "updated_at"), None),
        (("issue", "updated_at"), 1_772_460_300),
        (("issue", "updated_at"), "2126-03-02T14:05:00Z"),
    ],
    WebhookSource.JIRA: [
        (("webhookEvent",), None),
        (("webhookEvent",), 1),
        (("timestamp",), None),
        (("timestamp",), "1772460300000"),
        (("timestamp",), 1.5),
        (("timestamp",), True),
        (("timestamp",), 10**30),
        (("timestamp",), -(10**30)),
        (("timestamp",), 0),
        (("issue",), None),
        (("issue", "id"), None),
        (("issue", "self"), 1),
        (("issue", "key"), 1),
        (("issue", "fields"), None),
        (("issue", "fields", "summary"), None),
        (("issue", "fields", "labels"), "incident"),
        (("issue", "fields", "labels"), [1]),
        (("issue", "fields", "issuetype"), "Incident"),
        (("issue", "fields", "priority"), 2),
        (("issue", "fields", "status"), "Done"),
        (("issue", "fields", "status", "statusCategory"), 3),
        (("issue", "fields", "components"), "checkout"),
        (("issue", "fields", "created"), None),
    ],
    WebhookSource.INCIDENTIO: [
        (("event_type",), None),
        (("event_type",), 1),
        *(
            (("public_incident.incident_created_v2", *where), value)
            for where, value in (
                ((), None),
                ((), []),
                (("incident",), "1"),
                (("id",), None),
                (("id",), {}),
                (("name",), None),
                (("name",), 1),
                (("summary",), []),
                (("mode",), 1),
                (("severity",), "Major"),
                (("severity", "name"), 1),
                (("incident_status",), "active"),
                (("incident_status", "category"), 1),
                (("permalink",), 1),
                (("created_at",), None),
                (("created_at",), "later"),
                (("updated_at",), None),
                (("updated_at",), {}),
                (("incident_timestamp_values",), {}),
                (("incident_timestamp_values",), [{"incident_timestamp": "x"}]),
                (("custom_field_entries",), [1]),
            )
        ),
    ],
    WebhookSource.OPSGENIE: [
        (("action",), None),
        (("action",), 1),
        (("alert",), None),
        (("alert",), []),
        (("alert", "alertId"), None),
        (("alert", "alertId"), ""),
        (("alert", "alertId"), []),
        (("alert", "message"), None),
        (("alert", "message"), 1),
        (("alert", "message"), "\u0000"),
        (("alert", "tags"), "service:checkout"),
        (("alert", "tags"), [None]),
        (("alert", "entity"), 1),
        (("alert", "priority"), 2),
        (("alert", "createdAt"), None),
        (("alert", "createdAt"), "1772460300000"),
        (("alert", "createdAt"), 1e12),
        (("alert", "createdAt"), True),
        (("alert", "createdAt"), 10**400),
        (("alert", "createdAt"), 1),
        (("alert", "updatedAt"), "now"),
        (("alert", "updatedAt"), 1_772_460_300),  # seconds, where nanoseconds are due
    ],
    WebhookSource.GENERIC: [
        (("id",), None),
        (("id",), ""),
        (("id",), []),
        (("id",), 1.5),
        (("updated_at",), None),
        (("updated_at",), "today"),
        (("updated_at",), "1999-12-31T23:59:59Z"),
        (("updated_at",), 5),
        (("kind",), "disaster"),
        (("kind",), 1),
        (("text",), None),
        (("text",), ""),
        (("text",), "\u202e"),
        (("text",), {}),
        (("started_at",), "2026-02-30T00:00:00Z"),
        (("started_at",), 1),
        (("ended_at",), "never"),
        (("ended_at",), True),
        (("severity",), 2),
        (("services",), "checkout"),
        (("services",), [None]),
        (("url",), 1),
    ],
}


def changed(body: Any, where: Where, value: Any) -> Any:
    if not where:
        return value
    copied = copy.copy(body)
    inside = copied[where[0]] if not isinstance(copied, Mapping) else copied.get(where[0])
    copied[where[0]] = changed(inside, where[1:], value)
    return copied


@pytest.fixture(params=WebhookSource)
def door(request: pytest.FixtureRequest, tx: Connection) -> Door:
    return Door(tx=tx, source=request.param)


async def test_a_body_that_is_no_object_of_that_tool_is_refused(door: Door) -> None:
    for name, body in NO_OBJECTS.items():
        answer = await door.send(body)

        assert answer.status_code in _NEVER_WELL, name
        assert answer.json()["error"]


async def test_a_field_of_another_type_is_refused(door: Door) -> None:
    assert len(WRONG[door.source]) > 20

    for where, value in WRONG[door.source]:
        answer = await door.send(changed(our_sample(door.source), where, value))

        assert answer.status_code == 400, (where, value, answer.text)


def places(value: Any, at: Where = ()) -> Iterator[Where]:
    yield at
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for name, inside in pairs:
        yield from places(inside, (*at, name))


ANY_TEXT = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(categories=["Cs", "Cc", "Cf"]), max_size=5),
    st.sampled_from(["2026-03-02T14:05:00+23:59", "0001-01-01T00:00:00Z", "<!channel>", "9" * 300]),
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("engine_kind", ["sqlite"])  # the reading is the same for both
@pytest.mark.parametrize("source", WebhookSource)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_changes_in_a_body_it_is_taken_or_refused(
    tx: Connection, source: WebhookSource, data: st.DataObject
) -> None:
    body = our_sample(source)
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.sampled_from(list(places(body))))
        body = changed(body, where, data.draw(ANY_JSON))
    raw = json.dumps(body).encode()

    answer = asyncio.run(Door(tx=tx, source=source).send(raw))

    assert answer.status_code in {202, 400}


@pytest.mark.parametrize("engine_kind", ["sqlite"])
@pytest.mark.parametrize("source", WebhookSource)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_bytes_come_they_are_taken_or_refused(
    tx: Connection, source: WebhookSource, data: st.DataObject
) -> None:
    raw = bytearray(json.dumps(our_sample(source)).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    answer = asyncio.run(Door(tx=tx, source=source).send(bytes(raw)))

    assert answer.status_code in {202, 400}
