"""From an incident tool to what was underneath, in the sandbox."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.demo.people import APOLLO, BO
from bot.demo.words import Json
from bot.domain.ids import ChannelId
from bot.domain.permission import OPERATOR
from bot.domain.service import Service
from bot.domain.trace import Role
from bot.domain.webhook import WebhookSource
from bot.usecases.service import add_service
from bot.usecases.setback import get_setback, show_setback
from bot.usecases.webhook import add_endpoint, list_endpoints, rotate_secret
from bot.web.webhooks.endpoint import TOOLS
from tests.journeys.journey import MONDAY, WORKSPACE, Journey

SECRET = "a secret of PagerDuty's own"


@dataclass(frozen=True, slots=True)
class PagerDuty:
    journey: Journey
    path: str

    async def tell(self, kind: str, id_: str, minutes: int, **incident: Any) -> str:
        """Send an event of `minutes` after Monday's ten o'clock; return what became of it."""
        at = (MONDAY + timedelta(minutes=minutes)).isoformat()
        data = {
            "id": "P1",
            "type": "incident",
            "status": "triggered",
            "title": "The payments API is down",
            "service": {"summary": "payments"},
        } | incident
        event = {"id": id_, "event_type": f"incident.{kind}", "occurred_at": at, "data": data}
        body = json.dumps({"event": event}).encode()
        headers = dict(TOOLS[WebhookSource.PAGERDUTY].signed(SECRET, body, 0))
        url = f"http://127.0.0.1:{self.journey.stage.bot.port}{self.path}"
        async with httpx.AsyncClient() as client:
            answer = await client.post(url, content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["status"])


@pytest.fixture
async def pagerduty(journey: Journey) -> PagerDuty:
    opened = await journey.stage.write(
        add_endpoint,
        WORKSPACE,
        WebhookSource.PAGERDUTY,
        channel=ChannelId(APOLLO),
        project=None,
        now=MONDAY,
    )
    await journey.stage.write(
        rotate_secret, WORKSPACE, opened.endpoint.id, secret=SECRET, now=MONDAY
    )
    return PagerDuty(journey, opened.endpoint.path)


async def begin(journey: Journey, pagerduty: PagerDuty) -> Json:
    """An assumption nobody validated, then an incident; return the incident's message."""
    await journey.log("The payments API is live by March 3 | impact:high")
    await journey.workspace.move(to=(MONDAY + timedelta(hours=1)).isoformat())
    assert await pagerduty.tell("triggered", "E1", 50) == "recorded"
    return await journey.bo.sees(APOLLO, "Incident #1", "The payments API is down")


async def test_an_incident_shows_what_was_not_validated_and_one_tap_confirms_it(
    journey: Journey, pagerduty: PagerDuty
) -> None:
    payments = Service(workspace=WORKSPACE, name="payments", owner=BO, runbook="https://r.example")
    await journey.stage.write(add_service, payments)

    await begin(journey, pagerduty)
    shown = await journey.bo.sees(
        APOLLO, "Incident #1", "told by PagerDuty", "runbook", "not validated when this began"
    )
    await journey.bo.press(shown, "Caused it")

    await journey.bo.sees(APOLLO, "Incident #1", "Caused by", "APOLLO-1")
    ((trace, _),) = (await journey.stored(show_setback, 1, reader=OPERATOR)).traces
    assert trace.role is Role.CAUSED


async def test_what_comes_again_and_what_follows_stay_in_one_message(
    journey: Journey, pagerduty: PagerDuty
) -> None:
    first = await begin(journey, pagerduty)

    assert await pagerduty.tell("triggered", "E1", 50) == "duplicate"
    assert await pagerduty.tell("resolved", "E2", 57, status="resolved") == "changed"
    assert await pagerduty.tell("acknowledged", "E3", 52) == "unchanged"

    last = await journey.bo.sees(APOLLO, "Incident #1", "7 minutes down", "ended")
    assert last["ts"] == first["ts"]
    assert (await journey.stored(get_setback, 1, reader=OPERATOR)).cost.minutes_down == 7


async def test_a_lead_connects_a_tool_tries_it_and_removes_it(journey: Journey) -> None:
    await journey.bo.say(APOLLO, "/stilltrue webhooks")
    await journey.bo.sees(APOLLO, "Only the lead of APOLLO")
    await journey.ana.say(APOLLO, "/stilltrue webhooks")
    page = await journey.ana.form("Incident tools")

    await journey.ana.press(page, "GitHub")
    steps = await journey.ana.form("The secret, to copy now")
    told = journey.ana.read(steps)
    (endpoint,) = await journey.stored(list_endpoints)
    (secret,) = endpoint.secrets
    assert (endpoint.source, endpoint.project) == (WebhookSource.GITHUB, "APOLLO")
    assert f"http://127.0.0.1:{journey.stage.bot.port}{endpoint.path}" in told
    assert secret.value in told

    await journey.ana.close(steps)
    await journey.ana.press(await journey.ana.form("Incident tools", "not heard yet"), "Try it")
    tried = await journey.ana.form("Tried")
    assert "It works" in journey.ana.read(tried)
    assert (await journey.stored(list_endpoints))[0].secrets == (secret,)

    await journey.ana.close(tried)
    await journey.ana.press(await journey.ana.form("Incident tools", "not heard yet"), "Remove")
    await journey.ana.submit(await journey.ana.form("Remove it?"))
    assert await journey.stored(list_endpoints) == []
