"""The front door: what gets through to Bolt, and what everything else hears."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack import http as slack_http
from bot.web import slack_events
from bot.web.slack_events import BODY_MAX, SlackEvents
from tests.web.conftest import SlackSide
from tests.web.slack_requests import FORM, JSON, SECRET, command, interaction, signed

EVENT = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": "x"}}
EVENTS = "/slack/events"


async def test_a_signed_command_gets_through_with_its_fields(
    client: httpx.AsyncClient, slack: SlackSide
) -> None:
    answer = await client.post(EVENTS, **signed(command("The payload fits | ask @bob"), FORM))

    assert answer.status_code == 200
    assert slack.payloads[0]["text"] == "The payload fits | ask @bob"


async def test_a_signed_event_gets_through_whatever_its_charset(
    client: httpx.AsyncClient, slack: SlackSide
) -> None:
    body = json.dumps(EVENT).encode()

    answer = await client.post(EVENTS, **signed(body, "application/json; charset=utf-8"))

    assert answer.status_code == 200
    assert slack.payloads == [EVENT]


async def test_a_signed_click_gets_through_as_its_payload(
    client: httpx.AsyncClient, slack: SlackSide
) -> None:
    payload = {"type": "block_actions", "actions": [{"action_id": "a"}], "text": "🚀\u2028"}

    await client.post(EVENTS, **signed(interaction(payload), FORM))

    assert slack.payloads == [payload]


async def test_a_request_signed_with_the_old_secret_gets_through(
    client: httpx.AsyncClient, slack: SlackSide
) -> None:
    await client.post(EVENTS, **signed(command(), FORM, secret="the old one"))

    assert len(slack.payloads) == 1


async def test_the_challenge_is_answered_here(client: httpx.AsyncClient, slack: SlackSide) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()

    answer = await client.post(EVENTS, **signed(body))

    assert (answer.status_code, answer.text, slack.payloads) == (200, "3eZbrw1a", [])


async def test_the_certificate_check_needs_no_signature(
    client: httpx.AsyncClient, slack: SlackSide
) -> None:
    by_get = await client.get(EVENTS, params={"ssl_check": "1", "token": "x"})
    by_post = await client.post(EVENTS, content=b"ssl_check=1&token=x")

    assert (by_get.status_code, by_post.status_code, slack.payloads) == (200, 200, [])


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_request_out_of_its_time_is_refused(
    client: httpx.AsyncClient, slack: SlackSide, seconds: int
) -> None:
    answer = await client.post(EVENTS, **signed(command(), FORM, at=time.time() + seconds))

    assert (answer.status_code, slack.payloads) == (401, [])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Signature": "v0=\xe9", "X-Slack-Request-Timestamp": "1700000000"},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "9" * 4000},
    ],
    ids=["unsigned", "time in words", "signature not ASCII", "endless time"],
)
async def test_a_request_that_proves_nothing_is_refused(
    client: httpx.AsyncClient, slack: SlackSide, headers: dict[str, str]
) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    answer = await client.post(EVENTS, content=command(), headers=raw)

    assert (answer.status_code, slack.payloads) == (401, [])
    assert "error" in answer.json()


MALFORMED = {
    "empty": (b"", JSON),
    "no JSON": (b"{", JSON),
    "a list": (b"[]", JSON),
    "a number": (b"1", JSON),
    "null": (b"null", JSON),
    "ten thousand deep": (b"[" * 10_000, JSON),
    "deep but closed": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, JSON),
    "not UTF-8": (b'{"a":"\xff"}', JSON),
    "not UTF-8 in a form": (b"command=%ff", FORM),
    "a list as payload": (b"payload=[]", FORM),
    "no JSON as payload": (b"payload=x", FORM),
    "an empty form": (b"a=b", FORM),
    "a thousand fields": (b"&".join(b"a%d=1" % n for n in range(1000)), FORM),
    "another content type": (b"<xml/>", "text/xml"),
    "no content type": (b"{}", ""),
    "an event that is a text": (b'{"type":"event_callback","event":"x"}', JSON),
    "a type that is a number": (b'{"type":1}', JSON),
    "actions that are texts": (interaction({"type": "block_actions", "actions": ["x"]}), FORM),
    "a view that is a list": (interaction({"type": "view_submission", "view": []}), FORM),
    "NUL in a text": (b'{"type":"x","text":"a\\u0000b"}', JSON),
    "NUL in a form": (b"command=/assume&text=a%00b", FORM),
    "half a surrogate": (b'{"type":"x","text":"\\ud83d"}', JSON),
    "a number too long to read": (b'{"type":"x","a":' + b"9" * 5000 + b"}", JSON),
}


@pytest.mark.parametrize(("body", "content_type"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_refused_even_when_signed(
    client: httpx.AsyncClient, slack: SlackSide, body: bytes, content_type: str
) -> None:
    answer = await client.post(EVENTS, **signed(body, content_type))

    assert (answer.status_code, slack.payloads) == (400, [])


async def test_a_typed_backslash_u0000_is_text(client: httpx.AsyncClient, slack: SlackSide) -> None:
    body = json.dumps({"type": "x", "text": "\\u0000 and \\ud83d"}).encode()

    await client.post(EVENTS, **signed(body))

    assert slack.payloads[0]["text"] == "\\u0000 and \\ud83d"


async def test_the_largest_body_is_read_and_one_byte_more_is_not(
    client: httpx.AsyncClient, slack: SlackSide
) -> None:
    frame = b'{"type":"x","text":"%b"}'
    largest = frame % (b"a" * (BODY_MAX - len(frame) + 2))

    fits = await client.post(EVENTS, **signed(largest))
    exceeds = await client.post(EVENTS, **signed(largest + b" "))

    assert (fits.status_code, exceeds.status_code, len(slack.payloads)) == (200, 413, 1)


async def test_a_body_that_announces_no_length_is_cut_off_too(
    client: httpx.AsyncClient, slack: SlackSide
) -> None:
    async def endless() -> Any:
        for _ in range(200):
            yield b"a" * 10_000

    answer = await client.post(EVENTS, content=endless())

    assert (answer.status_code, slack.payloads) == (413, [])


@pytest.mark.parametrize("length", ["50000000", "-1", "many", "9" * 5000])
async def test_a_length_that_cannot_be_is_refused_unread(slack: SlackSide, length: str) -> None:
    status, _ = await call(SlackEvents(slack, signing_secrets=[SECRET]), [], length=length)

    assert status == 413


async def test_a_body_that_comes_too_slowly_is_given_up(slack: SlackSide) -> None:
    door = SlackEvents(slack, signing_secrets=[SECRET], body_seconds=0.01)
    first = {"type": "http.request", "body": b"{", "more_body": True}

    status, _ = await call(door, [first])

    assert (status, slack.payloads) == (408, [])


async def test_a_caller_that_leaves_halfway_changes_nothing(slack: SlackSide) -> None:
    door = SlackEvents(slack, signing_secrets=[SECRET])
    first = {"type": "http.request", "body": b"{", "more_body": True}

    status, _ = await call(door, [first, {"type": "http.disconnect"}])

    assert (status, slack.payloads) == (400, [])


async def call(
    app: SlackEvents, messages: list[dict[str, Any]], *, length: str = "1"
) -> tuple[int, bytes]:
    """Call an ASGI app with exactly these messages; after them the caller sends nothing more."""
    answered: list[Any] = []
    pending = iter(messages)

    async def receive() -> dict[str, Any]:
        message = next(pending, None)
        if message is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": EVENTS,
        "query_string": b"",
        "headers": [(b"content-length", length.encode())],
    }
    await app(scope, receive, send)
    return answered[0]["status"], answered[1]["body"]


async def test_other_methods_are_not_allowed(client: httpx.AsyncClient) -> None:
    answers = [await client.request(method, EVENTS) for method in ("GET", "PUT", "DELETE")]

    assert {answer.status_code for answer in answers} == {405}
    assert answers[0].headers["allow"] == "POST"


def test_both_sides_of_the_door_mean_the_same_place_in_the_scope() -> None:
    assert slack_events.PAYLOAD == slack_http.PAYLOAD


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
named = st.dictionaries(
    st.sampled_from(["type", "event", "team", "user", "view", "actions", "channel", "team_id"]),
    json_values,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=60,
)
@given(
    body=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | named.map(lambda value: json.dumps(value).encode())
    | named.map(interaction),
    content_type=st.sampled_from([FORM, JSON, "text/plain", ""]),
    is_signed=st.booleans(),
)
async def test_whatever_comes_is_answered_and_never_with_a_fault(
    client: httpx.AsyncClient, body: bytes, content_type: str, is_signed: bool
) -> None:
    request = signed(body, content_type) if is_signed else {"content": body}

    answer = await client.post(EVENTS, **request)

    assert answer.status_code in {200, 400, 401}
