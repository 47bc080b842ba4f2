"""What may not be read in a copy of the database: sealed by AES-GCM with keys from the settings.

A sealed text says which key it needs, `1.3fa2b1c0.…`, so that keys can be changed while all is in
use. It opens only in the place that it was sealed for: a row cannot lend its token to another.
"""

import base64
import binascii
import secrets
from collections.abc import Iterable
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from bot.domain.errors import FatalError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = "1"
_OPTION = "cipher"


class CannotOpenError(FatalError):
    """What was sealed is no use: it was changed or moved since, or has a form of later."""


class KeyMissingError(CannotOpenError):
    """It was sealed with a key that is not there."""


class Cipher:
    """The first key seals, each one opens. Without keys there is nothing to seal with."""

    def __init__(self, keys: Iterable[bytes] = ()) -> None:
        self._keys = {key_id(key): AESGCM(key) for key in keys}
        self._first = next(iter(self._keys), None)

    @classmethod
    def from_text(cls, keys: str) -> "Cipher":
        """Read keys as `new_key` writes them, with commas between.

        Raises:
            FatalError: One of them is no key.
        """
        return cls(_key(part.strip()) for part in keys.split(",") if part.strip())

    @property
    def key_count(self) -> int:
        return len(self._keys)

    @property
    def has_keys(self) -> bool:
        return self._first is not None

    def seal(self, text: str, *place: str) -> str:
        """Seal `text` for its place: the workspace, then the column, then what else names it.

        Raises:
            FatalError: There is no key.
        """
        if self._first is None:
            raise FatalError(
                "STILLTRUE_ENCRYPTION_KEYS is not set, and no token is stored without it. "
                "`stilltrue key new` prints a key."
            )
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._keys[self._first].encrypt(nonce, text.encode(), _bound_to(place))
        return f"{_VERSION}.{self._first}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, *place: str) -> str:
        """Return what was sealed for that place.

        Raises:
            CannotOpenError: Its key is not there, or it was changed or moved since.
        """
        name = _key_of(sealed)
        if name not in self._keys:
            raise KeyMissingError(
                f"A stored secret needs the key {name}, which is not in "
                "STILLTRUE_ENCRYPTION_KEYS. Put that key back, after the first one; once "
                "`stilltrue key rotate` has run it can go."
            )
        try:
            data = base64.urlsafe_b64decode(sealed.rpartition(".")[2])
            plain = self._keys[name].decrypt(
                data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound_to(place)
            )
        except (InvalidTag, ValueError):  # the second where it was cut, or is no base64
            raise CannotOpenError(
                f"A stored secret of {place[0]} was changed or moved in the database, so it is not "
                "used. Restore the database, or install the app there again."
            ) from None
        return plain.decode()

    def is_current(self, sealed: str) -> bool:
        """Whether the first key sealed it."""
        return _key_of(sealed) == self._first


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def key_id(key: bytes) -> str:
    """Name a key without telling anything of it."""
    return sha256(b"stilltrue key " + key).hexdigest()[:8]


def cipher_of(tx: Connection) -> Cipher:
    """Return what the database was opened with."""
    found: Cipher | None = tx.get_execution_options().get(_OPTION)
    return found or _WITHOUT_KEYS


def options_for(cipher: Cipher | None) -> dict[str, object]:
    """Return the engine's options from which `cipher_of` reads."""
    return {_OPTION: cipher or _WITHOUT_KEYS}


_WITHOUT_KEYS = Cipher()


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise FatalError(
            f"STILLTRUE_ENCRYPTION_KEYS is wrong: each key is {_KEY_BYTES} bytes in base64, with a "
            "comma between two. `stilltrue key new` prints one."
        )
    return key


def _key_of(sealed: str) -> str:
    version, _, rest = sealed.partition(".")
    if version != _VERSION or "." not in rest:
        raise CannotOpenError("A stored secret has another form: a newer version wrote it.")
    return rest.partition(".")[0]


def _bound_to(place: tuple[str, ...]) -> bytes:
    return "\0".join(place).encode()
