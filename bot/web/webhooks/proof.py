"""Whether a request comes from the tool that has the secret: raw bytes, in constant time."""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

Headers = Mapping[bytes, bytes]  # names in lower case

_TOLERANCE_SECONDS = 300  # Standard Webhooks
_STAMP_MAX = 12  # digits; more is no second of this era
_SIGNATURES_MAX = 20  # of one header, while the tool rotates its own secret
_SVIX_PREFIX = "whsec_"


def signs(secret: str, body: bytes) -> bytes:
    """Return the HMAC-SHA256 of `body`, in hexadecimal."""
    return hmac.new(secret.encode(), body, sha256).hexdigest().encode()


def is_signed(
    header: bytes, body: bytes, secrets: Sequence[str], *, scheme: bytes, several: bool = False
) -> bool:
    """Whether one of `secrets` signed `body`.

    Args:
        header: As it came: `scheme` and the signature in hexadecimal.
        body: As it came.
        secrets: Those that are accepted.
        scheme: What a signature begins with, like `sha256=`.
        several: Whether the header may hold several, with commas.
    """
    given = header.split(b",")[:_SIGNATURES_MAX] if several else [header]
    expected = [scheme + signs(secret, body) for secret in secrets]
    return _any_equal(expected, (one.strip() for one in given))


def svix_signature(secret: str, id_: bytes, stamp: bytes, body: bytes) -> bytes:
    """Return a signature by Standard Webhooks.

    Raises:
        ValueError: What follows `whsec_` is not base64.
    """
    key = b64decode(secret.removeprefix(_SVIX_PREFIX), validate=True)
    return b"v1," + b64encode(hmac.new(key, b"%b.%b.%b" % (id_, stamp, body), sha256).digest())


def is_signed_by_svix(headers: Headers, body: bytes, secrets: Sequence[str], *, now: float) -> bool:
    """Whether one of `secrets` signed it by Standard Webhooks, within five minutes of `now`.

    `now` is real time in seconds since 1970, never the product's clock.
    """
    id_, stamp, given = (svix_header(headers, name) for name in (b"id", b"timestamp", b"signature"))
    if not (id_ and stamp.isdigit() and len(stamp) <= _STAMP_MAX):
        return False
    if abs(now - int(stamp)) > _TOLERANCE_SECONDS:
        return False
    expected = []
    for secret in secrets:
        try:
            expected.append(svix_signature(secret, id_, stamp, body))
        except (ValueError, binascii.Error):
            continue  # it signs nothing
    return _any_equal(expected, given.split(b" ")[:_SIGNATURES_MAX])


def svix_header(headers: Headers, name: bytes) -> bytes:
    return headers.get(b"webhook-" + name) or headers.get(b"svix-" + name) or b""


def has_secret(headers: Headers, hashes: Sequence[str]) -> bool:
    """Whether `Authorization` holds a secret of one of these SHA-256: as Bearer, or as a password.

    With Basic any user name will do.
    """
    scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
    match scheme.lower():
        case b"bearer":
            secret = given.strip()
        case b"basic":
            try:
                _, _, secret = b64decode(given.strip(), validate=True).partition(b":")
            except (ValueError, binascii.Error):
                return False
        case _:
            return False
    return _any_equal((one.encode() for one in hashes), [sha256(secret).hexdigest().encode()])


def _any_equal(expected: Iterable[bytes], given: Iterable[bytes]) -> bool:
    """Compare each with each, so that time does not tell which one matched."""
    is_equal = False
    offered = list(given)
    for one in expected:
        for other in offered:
            is_equal |= hmac.compare_digest(one, other)
    return is_equal
