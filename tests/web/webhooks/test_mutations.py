"""A hundred thousand mutated bodies of each tool: each is read, or refused by a sentence."""

import json
import random
from typing import Any

import pytest

from bot.domain.ids import ChannelId
from bot.domain.setback import TEXT_MAX
from bot.domain.setback_update import SetbackUpdate, first_draft
from bot.domain.webhook import WebhookSource
from bot.store.types import storable
from bot.web.webhooks.endpoint import TOOLS
from bot.web.webhooks.payload import MalformedError, read_object
from tests.web.webhooks.test_malformed import changed, places
from tests.web.webhooks.tools import NOW, our_sample

_HEADERS = {b"x-github-event": b"issues", b"webhook-id": b"m"}
_FIELDS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, float("inf"), 10**18, 10**30),
    *(
        "",
        " ",
        "x",
        "\ud800",
        "\0",
        "\u202e",
        "🎉" * 50,
        "x" * 20_000,
        "<!channel>",
        "javascript:x",
    ),
    *("2026-03-02T14:05:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-02-30"),
    *("https://a b", "https://[", "http://\0", "resolved", "closed", "done", "Close"),
    *([], [1], [None], {}, {"name": 1}, [{"name": "bug"}]),
)


def mutated(source: WebhookSource, dice: random.Random) -> bytes:
    if dice.random() < 0.3:
        raw = bytearray(TOOLS[source].sample)
        for _ in range(dice.randint(1, 5)):
            raw[dice.randrange(len(raw))] = dice.randrange(256)
        return bytes(raw)
    body = our_sample(source)
    for _ in range(dice.randint(1, 4)):
        body = changed(body, dice.choice(list(places(body))), dice.choice(_FIELDS))
    return json.dumps(body).encode()


def check(update: SetbackUpdate) -> None:
    """What was read can be stored and makes sense."""
    draft = first_draft(update, channel=ChannelId("C0"), project=None, source="x", now=NOW)
    for text in (update.text, update.permalink or "", *update.services):
        storable(text)
    for key in (update.delivery, update.external_id):
        assert 0 < len(storable(key)) <= 200
    assert 0 < len(update.text) <= TEXT_MAX
    assert draft.started_at <= NOW
    assert draft.ended_at is None or draft.ended_at >= draft.started_at
    assert 0 <= (draft.cost.minutes_down or 0) < 2**31


def run(source: WebhookSource, bodies: int, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same bodies in each run
    read, causes = 0, set()
    for _ in range(bodies):
        raw = mutated(source, dice)
        try:
            received = TOOLS[source].read(_HEADERS, read_object(raw), raw)
        except MalformedError as error:
            causes.add(str(error))
            continue
        for update in received.updates:
            check(update)
            read += 1
    assert read > bodies // 100
    assert all(cause.isprintable() and len(cause) < 100 for cause in causes)
    assert len(causes) < 100  # none repeats what was sent


@pytest.mark.parametrize("source", WebhookSource)
def test_mutated_bodies_are_read_or_refused(source: WebhookSource) -> None:
    run(source, 2_000, seed=7)


@pytest.mark.chaos
@pytest.mark.parametrize("source", WebhookSource)
def test_a_hundred_thousand_mutated_bodies_are_read_or_refused(source: WebhookSource) -> None:
    run(source, 100_000, seed=11)
