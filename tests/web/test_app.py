"""Health, the page, and what a caller sees of a fault."""

import httpx
import pytest
from structlog.testing import capture_logs

from bot.domain.errors import OperatorFixableError, RetryableError
from bot.scheduling import figures
from bot.web.app import create_app, create_worker_app
from bot.web.health import Check, Readiness
from tests.web.conftest import SlackSide
from tests.web.slack_requests import FORM, command, signed


def ready_with(*checks: Check) -> Readiness:
    async def readiness() -> list[Check]:
        return list(checks)

    return readiness


def client_of(app: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot")  # type: ignore[arg-type]


async def test_a_process_that_can_work_is_ready(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"database": "ok"}}


async def test_a_process_that_cannot_work_says_which_part(
    client: httpx.AsyncClient, checks: list[Check]
) -> None:
    checks.append(Check(name="socket", is_well=False, detail="Socket Mode is not connected"))

    answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["socket"] == "Socket Mode is not connected"
    assert (await client.get("/healthz")).status_code == 200


async def test_the_page_names_the_command_and_parses_nothing_in_it() -> None:
    app = create_app(readiness=ready_with(), slack=None, main_command="/<b>")

    async with client_of(app) as client:
        page = await client.get("/")

    assert page.status_code == 200
    assert "<code>/&lt;b&gt; help</code>" in page.text


async def test_in_socket_mode_there_is_no_door_for_slack() -> None:
    async with client_of(create_app(readiness=ready_with(), slack=None)) as client:
        answer = await client.post("/slack/events", **signed(command(), FORM))

    assert answer.status_code == 404
    assert answer.json() == {"error": "not found"}


async def test_a_worker_serves_its_figures_and_no_door() -> None:
    figures.messages.labels("Accepted").inc()

    async with client_of(create_worker_app(readiness=ready_with())) as client:
        shown = await client.get("/metrics")
        door = await client.post("/slack/events")

    assert 'stilltrue_messages_total{outcome="Accepted"}' in shown.text
    assert door.status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "event"),
    [
        (ValueError("secret detail"), 500, "request.failed"),
        (RetryableError("The database is locked."), 503, "request.postponed"),
        (OperatorFixableError("No token.", fix="Set it.", check="doctor"), 503, "request.blocked"),
    ],
)
async def test_a_fault_is_logged_once_and_answered_with_its_reference(
    client: httpx.AsyncClient, slack: SlackSide, error: Exception, status: int, event: str
) -> None:
    slack.error = error

    with capture_logs() as lines:
        answer = await client.post("/slack/events", **signed(command(), FORM))

    assert answer.status_code == status
    assert str(error) not in answer.text
    assert [(line["event"], line["reference"]) for line in lines] == [
        (event, answer.json()["reference"])
    ]


async def test_figures_are_for_the_private_network_alone() -> None:
    measured: list[bool] = []

    async def measure() -> None:
        measured.append(True)

    app = create_app(readiness=ready_with(), slack=None, measure=measure)
    async with client_of(app) as client:
        near = await client.get("/metrics")
        by_proxy = await client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})

    assert near.status_code == 200
    assert "stilltrue_ack_seconds_bucket" in near.text
    assert by_proxy.status_code == 404
    assert measured == [True]
