"""Signatures: what the tools' own documents give, and everything near it."""

import base64
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.webhook import WebhookSource
from bot.web.webhooks.endpoint import TOOLS
from tests.web.webhooks.tools import SVIX_SECRET, sample

NOW = 1_772_625_600.0
SIGNING = [source for source in WebhookSource if not source.sends_secret]
SENDING = [source for source in WebhookSource if source.sends_secret]
BODY = b'{"a": "\xc3\xa9"}'
SECRET = SVIX_SECRET  # every tool can sign with it


def vector(provider: str) -> dict[str, Any]:
    found = json.loads(sample("signature-vectors.json"))
    one: dict[str, Any] = next(v for v in found if v["provider"].startswith(provider))
    return one


def is_genuine(
    source: WebhookSource,
    headers: dict[str, str],
    body: bytes = BODY,
    secrets: tuple[str, ...] = (SECRET,),
    now: float = NOW,
) -> bool:
    raw = {name.lower().encode(): value.encode("latin-1") for name, value in headers.items()}
    accepted = secrets
    if source.sends_secret:
        accepted = tuple(sha256(secret.encode()).hexdigest() for secret in secrets)
    return TOOLS[source].is_genuine(raw, body, accepted, now)


def signed(source: WebhookSource, body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    return dict(TOOLS[source].signed(secret, body, NOW))


@pytest.mark.parametrize(
    ("source", "provider"), [(WebhookSource.GITHUB, "github"), (WebhookSource.JIRA, "jira")]
)
def test_the_signature_in_the_documents_is_genuine(source: WebhookSource, provider: str) -> None:
    known = vector(provider)

    found = is_genuine(
        source, {known["header"]: known["value"]}, known["body"].encode(), (known["secret"],)
    )

    assert found


def svix_vector() -> tuple[dict[str, str], bytes, str, float]:
    known = vector("svix")
    names = ("webhook-id", "webhook-timestamp")
    headers = {name: known[name] for name in names} | {known["header"]: known["value"]}
    return headers, known["body"].encode(), known["secret"], float(known["webhook-timestamp"])


@pytest.mark.parametrize("prefix", ["webhook-", "svix-"])
def test_the_signature_of_standard_webhooks_is_genuine(prefix: str) -> None:
    headers, body, secret, at = svix_vector()
    headers = {name.replace("webhook-", prefix): value for name, value in headers.items()}

    assert is_genuine(WebhookSource.INCIDENTIO, headers, body, (secret,), at)


@pytest.mark.parametrize(
    ("late", "genuine"), [(299, True), (301, False), (-299, True), (-301, False)]
)
def test_five_minutes_from_now_is_too_old_or_too_new(late: int, genuine: bool) -> None:
    headers, body, secret, at = svix_vector()

    assert is_genuine(WebhookSource.INCIDENTIO, headers, body, (secret,), at + late) is genuine


def test_the_true_signature_of_pagerduty_is_genuine() -> None:
    known = json.loads(sample("pagerduty/signature-vector.json"))
    body = sample("pagerduty/incident.priority_updated.raw.json")
    headers = {"X-PagerDuty-Signature": known["header"]}

    assert is_genuine(WebhookSource.PAGERDUTY, headers, body, (known["secret"],))


def test_one_of_several_signatures_is_enough_while_pagerduty_rotates_its_own() -> None:
    true = signed(WebhookSource.PAGERDUTY)["X-PagerDuty-Signature"]
    headers = {"X-PagerDuty-Signature": f"v1={'0' * 64}, {true}"}

    assert is_genuine(WebhookSource.PAGERDUTY, headers)


@pytest.mark.parametrize("source", WebhookSource)
def test_what_is_signed_here_is_genuine(source: WebhookSource) -> None:
    assert is_genuine(source, signed(source))


@pytest.mark.parametrize("source", WebhookSource)
def test_the_old_and_the_new_secret_are_accepted_and_no_other(source: WebhookSource) -> None:
    other = "whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI="

    assert is_genuine(source, signed(source), secrets=(other, SECRET))
    assert not is_genuine(source, signed(source), secrets=(other,))
    assert not is_genuine(source, signed(source), secrets=())


@pytest.mark.parametrize("source", SIGNING)
@given(bit=st.integers(min_value=0, max_value=len(BODY) * 8 - 1))
def test_no_bit_of_the_body_may_change(source: WebhookSource, bit: int) -> None:
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8

    assert not is_genuine(source, signed(source), bytes(changed))


@pytest.mark.parametrize("source", WebhookSource)
@given(data=st.data())
def test_no_character_of_a_proof_may_change(source: WebhookSource, data: st.DataObject) -> None:
    headers = signed(source)
    relevant = [name for name in headers if "github-" not in name.lower()]
    name = data.draw(st.sampled_from(relevant))
    value = headers[name]
    if name == "Authorization":
        place = data.draw(st.integers(len("Bearer "), len(value) - 1))
    else:
        place = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(
        st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != value[place])
    )
    headers[name] = value[:place] + other + value[place + 1 :]

    assert not is_genuine(source, headers)


@pytest.mark.parametrize("source", WebhookSource)
@pytest.mark.parametrize(
    "value", ["", "sha256=", "v1=", "v1,", "é" * 64, "Bearer ", "Basic é", "Basic", ","]
)
def test_no_proof_is_no_proof(source: WebhookSource, value: str) -> None:
    headers = dict.fromkeys(signed(source), value)

    assert not is_genuine(source, headers)
    assert not is_genuine(source, {})


@pytest.mark.parametrize("source", SENDING)
def test_a_password_will_do_whoever_sends_it(source: WebhookSource) -> None:
    encoded = base64.b64encode(f"anybody:{SECRET}".encode()).decode()

    assert is_genuine(source, {"Authorization": f"Basic {encoded}"})
    assert not is_genuine(source, {"Authorization": f"Basic {encoded[:-4]}"})


@pytest.mark.parametrize("stamp", ["", "x", "1" * 13, "-1", "1.5", "²"])
def test_a_time_that_is_none_is_no_proof(stamp: str) -> None:
    headers = signed(WebhookSource.INCIDENTIO) | {"webhook-timestamp": stamp}

    assert not is_genuine(WebhookSource.INCIDENTIO, headers)


def test_a_secret_that_cannot_be_a_key_signs_nothing() -> None:
    headers = signed(WebhookSource.INCIDENTIO)

    assert not is_genuine(WebhookSource.INCIDENTIO, headers, secrets=("whsec_é!",))
