"""The way in: whose it is, how large, how often, and what is never written down."""

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from bot.domain.errors import StaleWriteError
from bot.domain.ids import WorkspaceId
from bot.domain.setback import Setback
from bot.domain.webhook import WebhookSource
from bot.store import setback as setbacks
from bot.usecases.webhook import (
    get_endpoint,
    lend_secret,
    receive,
    remove_endpoint,
    rotate_secret,
)
from bot.web.webhooks.endpoint import TOOLS, TRY_HEADER, Webhooks
from tests.usecases.team import WORKSPACE
from tests.web.webhooks.tools import (
    NOW,
    SVIX_SECRET,
    Direct,
    Door,
    Noon,
    open_endpoint,
    our_sample,
    sample,
)


@pytest.fixture(params=WebhookSource)
def door(request: pytest.FixtureRequest, tx: Connection) -> Door:
    return Door(tx=tx, source=request.param)


@pytest.fixture
def pagerduty(tx: Connection) -> Door:
    return Door(tx=tx, source=WebhookSource.PAGERDUTY)


@pytest.fixture
def generic(tx: Connection) -> Door:
    return Door(tx=tx, source=WebhookSource.GENERIC)


def recorded(tx: Connection, workspace: WorkspaceId = WORKSPACE) -> list[Setback]:
    since, until = NOW - timedelta(days=10_000), NOW + timedelta(days=1)
    return setbacks.recent(tx, workspace, project=None, since=since, until=until)


async def test_a_genuine_body_becomes_one_setback_however_often_it_comes(door: Door) -> None:
    body = our_sample(door.source)

    answers = [await door.send(body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert [answer.json()["status"] for answer in answers] == ["recorded", "duplicate", "duplicate"]
    (setback,) = recorded(door.tx)
    assert setback.source == door.source
    assert "payments API" in setback.text


async def test_a_true_sample_of_pagerduty_is_recorded_once(pagerduty: Door) -> None:
    body = sample("pagerduty/incident.priority_updated.raw.json")

    answers = [(await pagerduty.send(body)).json()["status"] for _ in range(2)]

    assert answers == ["recorded", "duplicate"]
    (setback,) = recorded(pagerduty.tx)
    assert (setback.text, setback.services) == ("A little bump in the road", ("API Service",))


async def test_a_wrong_proof_is_refused_and_records_nothing(door: Door) -> None:
    body = our_sample(door.source)
    proofs = ("authorization", "signature")

    for value in ("", "v1=00", "sha256=00", "Bearer wrong"):
        headers = {
            name: value
            for name in door_headers(door)
            if any(proof in name.lower() for proof in proofs)
        }
        answer = await door.send(body, headers=headers)
        assert answer.status_code == 401

    assert recorded(door.tx) == []


def door_headers(door: Door) -> Iterator[str]:
    yield from TOOLS[door.source].signed(door.secret, b"", door.now)


async def test_an_endpoint_without_a_secret_accepts_nothing(pagerduty: Door) -> None:
    unset = rotate_secret(
        pagerduty.tx,
        WORKSPACE,
        pagerduty.endpoint.id,
        secret=SVIX_SECRET + "other",
        overlap=timedelta(0),
        now=NOW,
    )
    assert len(unset.endpoint.secrets) == 2

    assert (await pagerduty.send(our_sample(pagerduty.source))).status_code == 401


async def test_another_address_is_like_none(door: Door) -> None:
    path = door.endpoint.path
    other = "github" if door.source is not WebhookSource.GITHUB else "jira"
    wrong = [
        path[:-1] + ("0" if path[-1] != "0" else "1"),
        path.replace(f"/{door.source}/", f"/{other}/"),
        path.replace(f"/{door.source}/", "/nobody/"),
        path.replace(WORKSPACE, "T0OTHER"),
        path + "0",
        f"/webhooks/{door.source}/x",
        f"/webhooks/{door.source}/--",
        f"/webhooks/{door.source}/%00-%C3%A9-'",
    ]

    for where in wrong:
        assert (await door.send(our_sample(door.source), path=where)).status_code == 404, where


async def test_a_removed_endpoint_is_like_none(door: Door) -> None:
    remove_endpoint(door.tx, WORKSPACE, door.endpoint.id)

    assert (await door.send(our_sample(door.source))).status_code == 404


async def test_the_address_alone_says_whose_it_is(generic: Door) -> None:
    elsewhere = WorkspaceId("T0ELSEWHERE")
    opened = open_endpoint(generic.tx, WebhookSource.GENERIC, elsewhere)
    body = our_sample(WebhookSource.GENERIC) | {"workspace": elsewhere, "team_id": elsewhere}

    await generic.send(body)

    assert len(recorded(generic.tx)) == 1
    assert recorded(generic.tx, elsewhere) == []
    # Nor does one workspace's secret open another one's address.
    assert (await generic.send(body, path=opened.endpoint.path)).status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_is_taken(generic: Door, method: str) -> None:
    answer = await generic.send(our_sample(generic.source), method=method)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("source", "most"), [(WebhookSource.GENERIC, 1_000_000), (WebhookSource.GITHUB, 5_000_000)]
)
async def test_a_body_over_the_cap_is_too_large(
    tx: Connection, source: WebhookSource, most: int
) -> None:
    door = Door(tx=tx, source=source)
    body = json.dumps(our_sample(source)).encode()

    assert (await door.send(body.ljust(most))).status_code == 202
    assert (await door.send(body.ljust(most + 1))).status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "1_000"])
async def test_a_length_that_is_none_is_refused(generic: Door, length: str) -> None:
    answer = await generic.send(b"{}", headers={"content-length": length})

    assert answer.status_code == 413


async def test_a_length_that_lies_does_not_let_more_in(generic: Door) -> None:
    answer = await generic.send(b" " * 1_000_001, headers={"content-length": "2"})

    assert answer.status_code == 413


async def test_githubs_form_is_refused_with_what_to_choose(tx: Connection) -> None:
    door = Door(tx=tx, source=WebhookSource.GITHUB)

    answer = await door.send(b"payload=%7B%7D")

    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]


async def test_an_unknown_kind_of_event_is_fine_and_says_why_it_is_ignored(
    pagerduty: Door,
) -> None:
    body = our_sample(pagerduty.source)
    body["event"]["event_type"] = "incident.reheated"

    answer = await pagerduty.send(body)

    assert answer.status_code == 202
    assert answer.json()["status"] == "ignored"
    assert answer.json()["why"]
    assert recorded(pagerduty.tx) == []


@pytest.mark.parametrize("source", [WebhookSource.GITHUB, WebhookSource.JIRA])
async def test_what_turns_out_to_be_no_setback_is_over_and_adds_nothing(
    tx: Connection, source: WebhookSource
) -> None:
    door = Door(tx=tx, source=source)
    body = our_sample(source)
    assert (await door.send(body)).json()["status"] == "recorded"
    if source is WebhookSource.GITHUB:
        body["issue"] |= {"labels": [{"name": "question"}], "updated_at": "2026-03-02T15:05:00Z"}
    else:
        body["issue"]["fields"] |= {"labels": [], "issuetype": {"name": "Task"}}
        body["timestamp"] += 3_600_000

    answer = await door.send(body, headers={"X-GitHub-Delivery": "2"})
    assert answer.json()["status"] == "changed"
    body["issue"]["id"] = 99
    other = await door.send(body, headers={"X-GitHub-Delivery": "3"})

    assert other.json()["status"] == "ignored"
    (only,) = recorded(tx)
    assert only.ended_at == datetime(2026, 3, 2, 15, 5, tzinfo=UTC)
    assert only.services == (("checkout",) if source is WebhookSource.GITHUB else ())


async def test_a_try_is_checked_to_the_end_and_records_nothing(door: Door) -> None:
    lent = lend_secret(door.tx, WORKSPACE, door.endpoint.id, until=NOW + timedelta(minutes=1))
    assert lent.secret is not None
    door.secret = lent.secret

    answer = await door.send(our_sample(door.source), headers={TRY_HEADER: "1"})

    assert (answer.status_code, answer.json()) == (202, {"status": "test"})
    assert recorded(door.tx) == []
    assert get_endpoint(door.tx, WORKSPACE, door.endpoint.id).heard_at == NOW


async def test_a_ping_is_a_test(pagerduty: Door) -> None:
    answer = await pagerduty.send({"event": {"event_type": "pagey.ping"}})

    assert answer.json() == {"status": "test"}


async def test_a_storm_of_alerts_is_one_setback_from_its_first_to_its_last(tx: Connection) -> None:
    door = Door(tx=tx, source=WebhookSource.ALERTMANAGER)
    body = our_sample(door.source)

    def group(alerts: range, *, ended: str = "", began: str = "14:05") -> dict[str, Any]:
        facts = {"startsAt": f"2026-03-02T{began}:00Z"}
        facts |= {"status": "resolved", "endsAt": f"2026-03-02T{ended}:00Z"} if ended else {}
        one = body["alerts"][0] | facts
        return body | {"alerts": [one | {"fingerprint": f"{n:016x}"} for n in alerts]}

    first, grown = group(range(10)), group(range(40), began="14:06")
    last, again = group(range(20, 40), ended="14:50"), group(range(3), began="16:00")
    for told in (first, first, grown, last, first):
        assert (await door.send(told)).status_code == 202

    (storm,) = recorded(tx)
    assert storm.text.startswith("CheckoutDown (40 alerts)")
    assert storm.cost.minutes_down == 45
    await door.send(again)
    assert [one.ended_at is None for one in recorded(tx)] == [True, False]


def resolved(door: Door) -> dict[str, Any]:
    body = our_sample(door.source)
    body["event"] |= {
        "id": "second",
        "event_type": "incident.resolved",
        "occurred_at": "2026-03-02T14:45:30Z",
    }
    body["event"]["data"]["status"] = "resolved"
    return body


@pytest.mark.parametrize("is_reordered", [False, True])
async def test_in_either_order_it_began_then_and_ended_then(
    pagerduty: Door, is_reordered: bool
) -> None:
    bodies = [our_sample(pagerduty.source), resolved(pagerduty)]
    for body in reversed(bodies) if is_reordered else bodies:
        assert (await pagerduty.send(body)).status_code == 202

    (setback,) = recorded(pagerduty.tx)
    assert setback.started_at.isoformat() == "2026-03-02T14:05:00+00:00"
    assert setback.ended_at is not None
    assert setback.ended_at.isoformat() == "2026-03-02T14:45:30+00:00"
    assert setback.cost.minutes_down == 40


async def test_what_opens_an_endpoint_is_in_no_log_line_and_in_no_answer(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines, caplog.at_level(logging.DEBUG):
        answers = [
            await door.send(our_sample(door.source)),
            await door.send(b"{"),
            await door.send(b"{}", headers=dict.fromkeys(door_headers(door), "no")),
            await door.send(b"{}", path=door.endpoint.path + "0"),
        ]

    written = repr(lines) + "".join(answer.text for answer in answers)
    written += "".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    assert len(lines) >= 3
    assert door.endpoint.token not in written
    assert door.secret not in written


class _Endless:
    """A tool that sends the beginning of a body, and then `after` for ever."""

    def __init__(self, after: dict[str, Any] | None) -> None:
        self._after = after
        self._has_begun = False

    async def __call__(self) -> dict[str, Any]:
        if not self._has_begun:
            self._has_begun = True
            return {"type": "http.request", "body": b"{", "more_body": True}
        if self._after is None:
            await asyncio.Event().wait()
        return self._after or {}


@pytest.mark.parametrize(("after", "status"), [(None, 408), ({"type": "http.disconnect"}, 400)])
async def test_a_body_that_does_not_end_is_refused(
    generic: Door, after: dict[str, Any] | None, status: int
) -> None:
    webhooks = Webhooks(Direct(generic.tx), Noon(), body_seconds=0.01)
    _, _, source, address = generic.endpoint.path.split("/")
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [],
        "path_params": {"source": source, "address": address},
    }
    await webhooks(scope, _Endless(after), send)

    assert sent[0]["status"] == status


class _Contested(Direct):
    """A database where somebody else always writes the setback first, `times` times."""

    def __init__(self, tx: Connection, times: int) -> None:
        super().__init__(tx)
        self.times = times

    async def write(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        if unit is receive and self.times:
            self.times -= 1
            raise StaleWriteError("Setback 1 changed meanwhile.")
        return await super().write(unit, *args, **kwargs)


async def test_a_change_by_a_person_at_the_same_moment_is_waited_for(generic: Door) -> None:
    body = our_sample(generic.source)

    assert (await generic.send(body, db=_Contested(generic.tx, 2))).status_code == 202
    with pytest.raises(StaleWriteError):  # the edge of HTTP answers it with 503: try again
        await generic.send(body | {"id": "2"}, db=_Contested(generic.tx, 3))


async def test_each_line_of_the_log_says_where_and_on_which_request(door: Door) -> None:
    body = our_sample(door.source)
    with capture_logs([merge_contextvars]) as lines:
        await door.send(body)
        await door.send(body, headers=dict.fromkeys(door_headers(door), "no"))

    assert {"webhook.received", "webhook.refused"} <= {line["event"] for line in lines}
    assert {line["workspace"] for line in lines} == {WORKSPACE}
    assert len({line["request"] for line in lines}) == 2
    assert get_contextvars() == {}
