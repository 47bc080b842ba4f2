"""From an incident tool's signed word to the account of the cycle in the project's channel."""

import json

import httpx

from bot.demo.people import APOLLO
from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.webhook import WebhookSource
from bot.usecases.webhook import add_endpoint, rotate_secret
from bot.web.webhooks.endpoint import TOOLS
from tests.journeys.journey import MONDAY, OVER_HTTP_ALONE, PROJECT, WORKSPACE, Journey

SECRET = "a secret of PagerDuty's own"
_INCIDENT = {
    "id": "P1",
    "type": "incident",
    "status": "triggered",
    "title": "The payments API is down",
    "service": {"summary": "payments"},
}


async def page_the_team(journey: Journey, *, at: str) -> httpx.Response:
    """Let PagerDuty tell #apollo, signed, of an incident that began then."""
    opened = await journey.stage.write(
        add_endpoint,
        WORKSPACE,
        WebhookSource.PAGERDUTY,
        channel=ChannelId(APOLLO),
        project=ProjectKey(PROJECT),
        now=MONDAY,
    )
    await journey.stage.write(
        rotate_secret, WORKSPACE, opened.endpoint.id, secret=SECRET, now=MONDAY
    )
    event = {"id": "E1", "event_type": "incident.triggered", "occurred_at": at, "data": _INCIDENT}
    body = json.dumps({"event": event}).encode()
    async with httpx.AsyncClient() as client:
        return await client.post(
            f"http://127.0.0.1:{journey.stage.bot.port}{opened.endpoint.path}",
            content=body,
            headers=dict(TOOLS[WebhookSource.PAGERDUTY].signed(SECRET, body, 0)),
        )


@OVER_HTTP_ALONE
async def test_an_incident_is_accounted_for_on_the_first_day_of_the_cooldown(
    journey: Journey,
) -> None:
    await journey.ana.say(APOLLO, "/stilltrue cycle start 2026-01-26")
    await journey.ana.sees(APOLLO, "cycle 1", "cooldown")
    await journey.log("The payments API is live by March 3 | impact:high")
    await journey.workspace.move(preset="hour")

    answer = await page_the_team(journey, at="2026-03-02T10:50:00Z")
    shown = await journey.bo.sees(APOLLO, "Incident #1", "not validated when this began")
    await journey.bo.press(shown, "Caused it")
    await journey.bo.reads(shown, "Caused by APOLLO-1")
    await journey.workspace.move(to="2026-03-09T18:00:00Z")

    told = await journey.caro.sees(APOLLO, "what was underneath, cycle 1")
    words = journey.caro.read(told)
    assert answer.status_code == 202
    assert "2026-01-26 to 2026-03-09" in words
    assert "1 incident" in words
    assert "1 of 1" in words
    assert "trace to something nobody had confirmed" in words

    await journey.caro.press(told, "As a document")

    async def sent() -> list[str] | None:
        messages = await journey.caro.messages(None)
        return [file["name"] for one in messages for file in one.get("files", ())] or None

    async def seen() -> str:
        return "no file"

    found = await journey.workspace.until(sent, expected="a file", seen=seen)
    assert found == ["report-apollo.md"]
