"""Signed requests, as Slack makes them."""

import hmac
import json
import time
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def sign(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    text = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), text, sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def signed(
    body: bytes, content_type: str = JSON, *, secret: str = SECRET, at: float | None = None
) -> dict[str, Any]:
    """Return the arguments of a client's `post`."""
    headers = {"Content-Type": content_type, **sign(body, secret=secret, at=at)}
    return {"content": body, "headers": headers}


def command(text: str = "") -> bytes:
    return urlencode(
        {"command": "/assume", "text": text, "team_id": "T1", "user_id": "U1"}
    ).encode()


def interaction(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()
