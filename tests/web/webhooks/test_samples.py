"""Each true sample, and the setback that it says."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.setback import SetbackKind, Severity
from bot.domain.setback_update import SetbackUpdate
from bot.domain.webhook import WebhookSource
from tests.web.webhooks.tools import only, our_sample, read, sample

ISSUES = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "72d3162e"}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_pagerduty_incident_whose_priority_changed() -> None:
    update = only(
        read(WebhookSource.PAGERDUTY, sample("pagerduty/incident.priority_updated.raw.json"))
    )

    assert update == SetbackUpdate(
        delivery="01BWDWL3NYY7LUFPZCC28QUCMK",
        external_id="PGR0VU2",
        at=utc("2021-04-26T17:36:27.458Z"),
        kind=SetbackKind.INCIDENT,
        text="A little bump in the road",
        started_at=None,  # the sample does not say; it had begun by then
        is_over=False,
        severity=Severity.SEV1,
        services=("API Service",),
        permalink="https://acme.pagerduty.com/incidents/PGR0VU2",
    )


def test_an_alert_that_fires() -> None:
    update = only(
        read(WebhookSource.ALERTMANAGER, sample("handwritten-shapes/alertmanager.v4.json"))
    )

    started_at = utc("2026-02-06T13:08:45.828Z")
    assert update == SetbackUpdate(
        delivery=update.delivery,
        external_id=update.external_id,
        at=started_at,
        kind=SetbackKind.INCIDENT,
        text="ProbeFailure\nprobe down",
        started_at=started_at,
        is_over=False,
        severity=Severity.SEV1,
        services=("checkout",),
        permalink="http://prom.example:9090/graph?g0.expr=probe_success+%3D%3D+0",
        is_group=True,
    )


def spelling_error(**changed: Any) -> SetbackUpdate:
    values: dict[str, Any] = {
        "delivery": "72d3162e",
        "external_id": "444500041",
        "at": utc("2019-05-15T15:20:18Z"),
        "kind": SetbackKind.BUG,
        "text": "Spelling error in the README file",
        "started_at": utc("2019-05-15T15:20:18Z"),
        "is_over": False,
        "permalink": "https://github.com/Codertocat/Hello-World/issues/1",
    }
    return SetbackUpdate(**values | changed)


@pytest.mark.parametrize("action", ["opened", "edited", "labeled", "assigned"])
def test_a_github_issue_that_is_open(action: str) -> None:
    update = only(read(WebhookSource.GITHUB, sample(f"github/issues.{action}.json"), ISSUES))

    assert update == spelling_error()


def test_a_github_issue_that_lost_a_label() -> None:
    update = only(read(WebhookSource.GITHUB, sample("github/issues.unlabeled.json"), ISSUES))

    assert update == spelling_error(at=utc("2019-05-15T15:20:26Z"))


REOPENED = {
    "at": utc("2021-10-11T16:40:56Z"),
    "started_at": utc("2021-07-05T18:05:24Z"),
}


def test_a_github_issue_that_is_open_again_has_no_end() -> None:
    update = only(read(WebhookSource.GITHUB, sample("github/issues.reopened.json"), ISSUES))

    assert update == spelling_error(**REOPENED)


def test_a_github_issue_that_is_closed() -> None:
    body = json.loads(sample("github/issues.reopened.json"))
    body["action"], body["issue"]["state"] = "closed", "closed"

    update = only(read(WebhookSource.GITHUB, json.dumps(body).encode(), ISSUES))

    ended_at = utc("2021-07-05T18:07:10Z")
    assert update == spelling_error(**REOPENED, is_over=True, ended_at=ended_at)


def test_a_github_issue_that_was_deleted_is_over_and_adds_nothing() -> None:
    update = only(read(WebhookSource.GITHUB, sample("github/issues.deleted.json"), ISSUES))

    ended_at = utc("2021-07-05T18:07:10Z")
    assert update == spelling_error(**REOPENED, is_over=True, ended_at=ended_at, is_withdrawn=True)


def test_a_github_issue_that_moved_away_is_over_and_adds_nothing() -> None:
    update = only(read(WebhookSource.GITHUB, sample("github/issues.transferred.json"), ISSUES))

    assert (update.text, update.kind) == ("Update package.json", SetbackKind.BUG)
    assert (update.is_over, update.is_withdrawn) == (True, True)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("issue_comment.created", "issue_comment"),
        ("label.created", "label"),
        ("label.edited", "label"),
        ("label.deleted", "label"),
    ],
)
def test_what_is_no_issue_is_ignored(name: str, event: str) -> None:
    received = read(WebhookSource.GITHUB, sample(f"github/{name}.json"), {"X-GitHub-Event": event})

    assert received.updates == ()
    assert received.why_ignored


def test_githubs_ping_is_a_test() -> None:
    received = read(WebhookSource.GITHUB, sample("github/ping.json"), {"X-GitHub-Event": "ping"})

    assert received.is_test
    assert received.updates == ()


def test_a_jira_incident_that_is_done() -> None:
    update = only(
        read(
            WebhookSource.JIRA,
            sample("handwritten-shapes/jira.issue_updated.json"),
            {"X-Atlassian-Webhook-Identifier": "abc"},
        )
    )

    at = datetime.fromtimestamp(1_760_000_000, UTC)
    assert update == SetbackUpdate(
        delivery="abc",
        external_id="10001",
        at=at,
        kind=SetbackKind.INCIDENT,
        text="Checkout is down",
        started_at=utc("2026-01-01T00:00:00+00:00"),
        is_over=True,
        ended_at=at,
        severity=Severity.SEV2,
        permalink="https://example.atlassian.net/browse/OPS-42",
    )


SVIX = {"webhook-id": "msg_1"}


def test_an_incident_of_incident_io() -> None:
    body = sample("handwritten-shapes/incidentio.public_incident_created_v2.json")

    assert only(read(WebhookSource.INCIDENTIO, body, SVIX)) == SetbackUpdate(
        delivery="msg_1",
        external_id="01FDAG4SAP5TYPT98WGR2N7W91",
        at=utc("2026-05-19T13:05:00Z"),
        kind=SetbackKind.INCIDENT,
        text="Database is sad\nConnection pool exhausted",
        started_at=utc("2026-05-19T13:00:00Z"),
        is_over=False,
        severity=Severity.SEV3,
        permalink="https://app.incident.io/incidents/123",
    )


def test_of_a_private_incident_there_is_nothing_to_record() -> None:
    body = sample("handwritten-shapes/incidentio.private_incident_created_v2.json")

    received = read(WebhookSource.INCIDENTIO, body, SVIX)

    assert received.updates == ()
    assert received.why_ignored


def test_an_opsgenie_alert() -> None:
    update = only(read(WebhookSource.OPSGENIE, sample("handwritten-shapes/opsgenie.create.json")))

    began = datetime(2015, 1, 5, 10, 3, 11, 104_000, tzinfo=UTC)
    assert update == SetbackUpdate(
        delivery="052652ac-5d1c-464a-812a-7dd18bbfba8c Create 1420452193166002000",
        external_id="052652ac-5d1c-464a-812a-7dd18bbfba8c",
        at=began + timedelta(seconds=2, microseconds=62_002),
        kind=SetbackKind.INCIDENT,
        text="test alert",
        started_at=began,
        is_over=False,
        severity=Severity.SEV3,
    )


def with_issue(**fields: Any) -> SetbackUpdate | None:
    body = our_sample(WebhookSource.GITHUB)
    body["issue"] |= fields
    received = read(WebhookSource.GITHUB, json.dumps(body).encode(), ISSUES)
    update = only(received)
    assert update.is_withdrawn is bool(received.why_ignored)
    return None if update.is_withdrawn else update


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([], SetbackKind.BUG),
        (["type: bug"], SetbackKind.BUG),
        ([":bug: Bugfix"], SetbackKind.BUG),
        (["kind/regression", "enhancement"], SetbackKind.BUG),
        (["Incident"], SetbackKind.INCIDENT),
        (["bug", "outage"], SetbackKind.INCIDENT),
        (["delay"], SetbackKind.DELAY),
        (["schedule/slipped"], SetbackKind.DELAY),
        (["scope change"], SetbackKind.SCOPE_CHANGE),
        (["scope-creep"], SetbackKind.SCOPE_CHANGE),
        (["scope: frontend"], SetbackKind.BUG),  # an area, not a change
        (["priority: 1"], SetbackKind.BUG),
        (["enhancement"], None),
        (["type: question"], None),
        (["documentation", "good first issue"], None),
    ],
)
def test_labels_say_the_kind(labels: list[str], kind: SetbackKind | None) -> None:
    update = with_issue(labels=[{"name": name} for name in labels])

    assert (update.kind if update else None) == kind


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("sev2", Severity.SEV2),
        ("Severity/1", Severity.SEV1),
        ("P0", Severity.SEV1),
        ("p5", Severity.SEV4),
        ("critical", Severity.SEV1),
        ("priority: high", None),
    ],
)
def test_a_label_may_say_the_severity_and_the_service(
    label: str, severity: Severity | None
) -> None:
    update = with_issue(labels=[{"name": "service/checkout"}, {"name": label}])

    assert update is not None
    assert (update.severity, update.services) == (severity, ("checkout",))


def incident(**fields: Any) -> dict[str, Any]:
    body = our_sample(WebhookSource.INCIDENTIO)
    body[body["event_type"]] |= fields
    return body


def read_incident(**fields: Any) -> SetbackUpdate:
    return only(read(WebhookSource.INCIDENTIO, json.dumps(incident(**fields)).encode(), SVIX))


def test_the_moments_that_a_team_noted_say_when_it_began_and_ended() -> None:
    noted = [
        {"incident_timestamp": {"name": name}, "value": {"value": f"2026-03-02T{hour}:00:00Z"}}
        for name, hour in (("Reported at", 14), ("Impact started", 13), ("Resolved at", 15))
    ]

    update = read_incident(incident_timestamp_values=noted, incident_status={"category": "closed"})

    assert update.started_at == utc("2026-03-02T13:00:00Z")
    assert update.ended_at == utc("2026-03-02T15:00:00Z")


def test_the_affected_services_are_a_custom_field() -> None:
    entry = {
        "custom_field": {"name": "Affected services"},
        "values": [
            {"value_catalog_entry": {"name": "checkout"}},
            {"value_option": {"value": "api"}},
        ],
    }

    assert read_incident(custom_field_entries=[entry]).services == ("checkout", "api")


@pytest.mark.parametrize("category", ["declined", "merged", "canceled"])
def test_an_incident_that_was_none_adds_nothing(category: str) -> None:
    update = read_incident(incident_status={"category": category})

    assert (update.is_over, update.is_withdrawn) == (True, True)


@pytest.mark.parametrize("changed", [{"mode": "test"}, {"incident_status": {"category": "triage"}}])
def test_a_try_and_what_nobody_accepted_yet_record_nothing(changed: dict[str, Any]) -> None:
    body = json.dumps(incident(**changed)).encode()

    assert read(WebhookSource.INCIDENTIO, body, SVIX).updates == ()


def opsgenie(action: str) -> SetbackUpdate:
    body = our_sample(WebhookSource.OPSGENIE) | {"action": action}
    return only(read(WebhookSource.OPSGENIE, json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("action", "is_over"),
    [("Create", False), ("Close", True), ("Delete", True), ("Acknowledge", None)],
)
def test_an_action_of_opsgenie_may_not_tell_how_the_alert_stands(
    action: str, is_over: bool | None
) -> None:
    assert opsgenie(action).is_over is is_over


def test_a_resolved_alert_has_an_end() -> None:
    body = our_sample(WebhookSource.ALERTMANAGER)
    body["alerts"][0] |= {"status": "resolved", "endsAt": "2026-03-02T14:30:00.123456789+01:00"}

    update = only(read(WebhookSource.ALERTMANAGER, json.dumps(body).encode()))

    assert update.is_over
    # Before it began: a clock was set. What we record never ends before it begins.
    assert update.ended_at == utc("2026-03-02T13:30:00.123456Z")


def test_a_generic_body_says_all_that_is_needed() -> None:
    body = our_sample(WebhookSource.GENERIC) | {
        "kind": "scope_change",
        "ended_at": "2026-03-02T15:00:00Z",
    }

    update = only(read(WebhookSource.GENERIC, json.dumps(body).encode()))

    assert update.kind is SetbackKind.SCOPE_CHANGE
    assert (update.is_over, update.severity) == (True, Severity.SEV2)
    assert update.ended_at == utc("2026-03-02T15:00:00Z")


def test_what_a_person_cannot_see_or_follow_is_left_out() -> None:
    body = our_sample(WebhookSource.GENERIC) | {
        "text": " \u202eabc\ud800\u0000 ",
        "url": "javascript:alert(1)",
        "services": ["a\u200b", "", "a"],
    }

    update = only(read(WebhookSource.GENERIC, json.dumps(body).encode()))

    assert (update.text, update.permalink, update.services) == ("abc?", None, ("a",))


def test_a_long_text_is_cut_and_a_long_id_is_told_apart() -> None:
    body = our_sample(WebhookSource.GENERIC) | {"text": "x" * 20_000, "id": "y" * 5_000}
    other = body | {"id": "y" * 5_001}

    first, second = (
        only(read(WebhookSource.GENERIC, json.dumps(b).encode())) for b in (body, other)
    )

    assert len(first.text) == 10_000
    assert len(first.external_id) < 100
    assert first.external_id != second.external_id
