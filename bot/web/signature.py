"""Slack's v0 signature, checked on the raw bytes before anything is parsed."""

import hmac
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256

TOLERANCE_SECONDS = 300  # slack-facts §1: older or newer requests are refused


class Verdict(StrEnum):
    GENUINE = "genuine"
    UNSIGNED = "unsigned"
    TOO_OLD = "too old"
    FORGED = "forged"


class SignatureCheck:
    """Accepts what any of `secrets` signed, so that a secret can be changed without a gap."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keyed = tuple(hmac.new(secret.encode(), digestmod=sha256) for secret in secrets)

    def __call__(self, timestamp: bytes, signature: bytes, body: bytes, *, now: float) -> Verdict:
        """Judge one request.

        Args:
            timestamp: `X-Slack-Request-Timestamp` as it came; empty where it is missing.
            signature: `X-Slack-Signature` as it came; empty where it is missing.
            body: As it came.
            now: Real time in seconds since 1970, never the product's clock.
        """
        if not (timestamp and signature):
            return Verdict.UNSIGNED
        # bytes.isdigit is ASCII only; the length keeps int() cheap.
        if not (timestamp.isdigit() and len(timestamp) <= 12):  # noqa: PLR2004
            return Verdict.FORGED
        if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
            return Verdict.TOO_OLD
        is_genuine = False
        for keyed in self._keyed:
            mac = keyed.copy()  # the key schedule is made once, not for each request
            mac.update(b"v0:%b:" % timestamp)
            mac.update(body)
            expected = b"v0=" + mac.hexdigest().encode()
            # Every secret is tried, so that time does not tell which one matched.
            is_genuine |= hmac.compare_digest(expected, signature)
        return Verdict.GENUINE if is_genuine else Verdict.FORGED
