import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.signature import SignatureCheck, Verdict
from tests.web.slack_requests import SECRET, sign

NOW = 1_700_000_000.0
BODY = b"token=x&team_id=T1"

# From Slack's own documentation.
DOCUMENTED_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id="
    b"G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2F"
    b"webhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F"
    b"397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
    b"803a0bc887a14d10d2c447fce8b6703c"
)
DOCUMENTED = b"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def judge(*, body: bytes = BODY, at: float = NOW, **changed: bytes) -> Verdict:
    """Judge a request that was signed at `at`, with some parts replaced."""
    headers = sign(body, at=at)
    timestamp = changed.get("timestamp", headers["X-Slack-Request-Timestamp"].encode())
    signature = changed.get("signature", headers["X-Slack-Signature"].encode())
    return SignatureCheck([SECRET])(timestamp, signature, changed.get("sent", body), now=NOW)


def test_the_documented_example_is_genuine() -> None:
    check = SignatureCheck([SECRET])

    verdict = check(b"1531420618", DOCUMENTED, DOCUMENTED_BODY, now=1531420618.0)

    assert verdict is Verdict.GENUINE


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (-301, Verdict.TOO_OLD),
        (-300, Verdict.GENUINE),
        (300, Verdict.GENUINE),
        (301, Verdict.TOO_OLD),
    ],
)
def test_a_request_counts_for_five_minutes_either_way(seconds: int, verdict: Verdict) -> None:
    assert judge(at=NOW + seconds) is verdict


def test_either_of_two_secrets_is_accepted_while_one_is_rotated() -> None:
    headers = sign(BODY, secret="old", at=NOW)
    timestamp, signature = (value.encode() for value in headers.values())

    assert SignatureCheck(["new", "old"])(timestamp, signature, BODY, now=NOW) is Verdict.GENUINE
    assert SignatureCheck(["new"])(timestamp, signature, BODY, now=NOW) is Verdict.FORGED


def test_without_a_secret_nothing_is_genuine() -> None:
    headers = sign(BODY, secret="", at=NOW)
    timestamp, signature = (value.encode() for value in headers.values())

    assert SignatureCheck([])(timestamp, signature, BODY, now=NOW) is Verdict.FORGED


@given(st.integers(0, len(BODY) * 8 - 1))
def test_one_flipped_bit_of_the_body_is_noticed(bit: int) -> None:
    sent = bytearray(BODY)
    sent[bit // 8] ^= 1 << bit % 8

    assert judge(sent=bytes(sent)) is Verdict.FORGED


@given(st.binary(min_size=1, max_size=80))
def test_no_other_signature_is_genuine(signature: bytes) -> None:
    assert judge(signature=signature) is Verdict.FORGED


@given(st.binary(min_size=1, max_size=40).filter(lambda text: text != b"1700000000"))
def test_no_other_timestamp_is_genuine(timestamp: bytes) -> None:
    assert judge(timestamp=timestamp) in {Verdict.FORGED, Verdict.TOO_OLD}


def test_a_missing_header_means_unsigned() -> None:
    assert judge(signature=b"") is Verdict.UNSIGNED
    assert judge(timestamp=b"") is Verdict.UNSIGNED
