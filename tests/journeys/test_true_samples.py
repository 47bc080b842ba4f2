"""What the tools' own samples say, sent to the demo as a person would by hand."""

import re
import time

import httpx
import pytest

from bot.demo.people import APOLLO
from bot.demo.webhook import offer, rely_on_something
from bot.domain.permission import OPERATOR
from bot.domain.webhook import WebhookSource
from bot.usecases.setback_list import list_setbacks
from bot.web.webhooks.endpoint import TOOLS
from tests.journeys.journey import OVER_HTTP_ALONE, Journey
from tests.web.webhooks.tools import sample

SAMPLES = {
    "ours": (WebhookSource.PAGERDUTY, "", "The payments API is down"),
    "pagerduty": (
        WebhookSource.PAGERDUTY,
        "pagerduty/incident.priority_updated.raw.json",
        "A little bump in the road",
    ),
    "github": (
        WebhookSource.GITHUB,
        "github/issues.opened.json",
        "Spelling error in the README file",
    ),
}


@OVER_HTTP_ALONE
@pytest.mark.parametrize("name", SAMPLES)
async def test_a_tools_sample_shows_candidates_with_reasons_at_once_and_a_copy_changes_nothing(
    empty: Journey, name: str
) -> None:
    source, file, text = SAMPLES[name]
    body = sample(file) if file else TOOLS[source].sample
    await rely_on_something(empty.stage)
    told = await offer(empty.stage, source)
    url, secret = (re.search(part, told) for part in (r"http://\S+", r"secret: (\S+)"))
    assert url is not None
    assert secret is not None
    headers = dict(TOOLS[source].signed(secret[1], body, time.time()))

    async with httpx.AsyncClient(headers=headers) as client:
        outcomes = [(await client.post(url[0], content=body)).json()["status"] for _ in range(2)]
        shown = await empty.ana.sees(APOLLO, "#1", text, "What was underneath it?", "shares: ")

    assert outcomes == ["recorded", "duplicate"]
    # The tools' samples began years before anybody wrote down what they were about.
    why = "first written down afterwards" if file else "not validated when this began"
    assert why in empty.ana.read(shown)
    found = await empty.stored(list_setbacks, project=None, reader=OPERATOR)
    assert [one.number for one in found.setbacks] == [1]
