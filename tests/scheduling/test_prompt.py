"""Handing prompts over: each person is checked with Slack first."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.errors import OperatorFixableError, RetryableError
from bot.domain.ids import ProjectKey, UserId, WorkspaceId
from bot.domain.lease import LAPSES_MAX, SUSPECT_LAPSES, Claimed
from bot.domain.member import Member
from bot.domain.outbox import MessageKind
from bot.domain.prompt import Prompt, PromptState
from bot.scheduling import prompt as handing_over
from bot.store import prompt
from bot.usecases.assumption import log_assumption
from bot.usecases.escalation import candidates
from bot.usecases.member import remember
from bot.usecases.project import create_project
from bot.usecases.prompt import claim_prompts, claim_suspects, hand_over
from tests.chaos.poll import until
from tests.scheduling.office import LEASE, Office
from tests.usecases.team import ANA, BO, CHANNEL, CY, WORKSPACE, Team, default_cadence

ELSEWHERE = WorkspaceId("T0OTHER")


def log_critical(team: Team) -> None:
    team.log(impact=Impact.CRITICAL, asked=[BO])


def log_for_two(team: Team) -> None:
    team.log(impact=Impact.CRITICAL, asked=[BO])
    team.log(impact=Impact.CRITICAL, asked=[CY])


async def kinds_sent(office: Office) -> list[MessageKind]:
    await office.sender().run()
    return [message.key.kind for _, message in office.slack.sent]


async def test_a_due_prompt_becomes_a_question(office: Office) -> None:
    await office.team(log_critical)
    await office.time.sleep(3600)

    assert await office.prompts().run() == 1
    assert MessageKind.ASK in await kinds_sent(office)


async def test_nothing_is_asked_twice(office: Office) -> None:
    await office.team(log_critical)
    await office.time.sleep(3600)

    counts = [await office.prompts().run() for _ in range(2)]

    assert counts == [1, 0]


@pytest.mark.parametrize(
    "error",
    [
        RetryableError("Slack did not answer."),
        OperatorFixableError("No token.", fix="Install it.", check="stilltrue doctor"),
    ],
    ids=["away", "no token"],
)
async def test_while_slack_cannot_say_who_somebody_is_only_they_wait(
    office: Office, error: Exception
) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)
    office.people.away, office.people.error = {BO}, error

    handed_over = await office.prompts().run()

    (waiting,) = await office.db.read(prompt.planned_for, WORKSPACE, BO)
    assert handed_over == 1
    assert waiting.state is PromptState.PLANNED
    assert MessageKind.HANDED_BACK not in await kinds_sent(office)


async def test_somebody_who_left_is_not_asked_and_the_owner_hears_it(office: Office) -> None:
    await office.team(log_critical)
    await office.time.sleep(3600)
    del office.people.known[WORKSPACE, BO]

    await office.prompts().run()

    kinds = await kinds_sent(office)
    assert MessageKind.ASK not in kinds
    assert MessageKind.HANDED_BACK in kinds


async def test_after_a_stop_nothing_is_claimed(office: Office) -> None:
    await office.team(log_critical)
    await office.time.sleep(3600)
    tick = office.prompts()

    await tick.stop()

    assert await tick.run() == 0


async def test_a_workspace_that_slack_says_nothing_of_holds_up_no_other(office: Office) -> None:
    await office.team(log_critical)
    bo = await office.db.write(log_elsewhere, now=office.time.now())
    office.people.known[ELSEWHERE, BO] = bo
    await office.time.sleep(3600)
    answers = office.people.held[WORKSPACE] = asyncio.Event()

    async def is_asked_elsewhere() -> bool:
        return not await office.db.read(prompt.planned_for, ELSEWHERE, BO)

    running = asyncio.create_task(office.prompts().run())
    await until(is_asked_elsewhere)

    assert not running.done()
    answers.set()
    assert await running == 2


async def test_what_becomes_due_while_slack_says_nothing_of_a_workspace_is_asked(
    office: Office,
) -> None:
    await office.team(log_critical)
    await office.time.sleep(3600)
    answers = office.people.held[WORKSPACE] = asyncio.Event()
    waits, is_over = asyncio.Event(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        waits.set()
        await is_over.wait()

    async def is_asked_elsewhere() -> bool:
        return not await office.db.read(prompt.planned_for, ELSEWHERE, BO)

    running = asyncio.create_task(office.prompts(sleep=sleep).run())
    await waits.wait()
    bo = await office.db.write(log_elsewhere, now=office.time.now())
    office.people.known[ELSEWHERE, BO] = bo
    await office.time.sleep(3600)
    is_over.set()
    await until(is_asked_elsewhere)

    assert not running.done()
    answers.set()
    assert await running == 2


async def test_of_workspaces_with_much_that_is_due_none_waits_for_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduling.prompt.BATCH", 1)
    await office.team(log_for_two)
    bo = await office.db.write(log_elsewhere, now=office.time.now() + timedelta(minutes=1))
    office.people.known[ELSEWHERE, BO] = bo
    await office.time.sleep(7200)
    answers = office.people.held[WORKSPACE] = asyncio.Event()
    described = AsyncMock(wraps=office.people.member)
    monkeypatch.setattr(office.people, "member", described)

    async def is_asked_elsewhere() -> bool:
        return not await office.db.read(prompt.planned_for, ELSEWHERE, BO)

    running = asyncio.create_task(office.prompts().run())
    await until(is_asked_elsewhere)

    asked = sorted(where for (where, _), _ in described.call_args_list)
    assert asked == sorted([WORKSPACE, ELSEWHERE])
    answers.set()
    assert await running == 3


def log_elsewhere(tx: Connection, *, now: datetime) -> Member:
    """Let Bo be asked in another workspace too."""
    home = create_project(
        tx,
        workspace=ELSEWHERE,
        key=ProjectKey("BORA"),
        name="Bora",
        channel=CHANNEL,
        lead=ANA,
        now=now,
    )
    bo = remember(
        tx, Member(workspace=ELSEWHERE, user=BO, name="Bo", zone=ZoneInfo("UTC"), seen_at=now)
    )
    draft = AssumptionDraft(
        statement="The budget is approved",
        owner=ANA,
        impact=Impact.CRITICAL,
        channel=CHANNEL,
        stakeholders=(Stakeholder(user=BO),),
    )
    log_assumption(tx, draft, project=home, by=ANA, asked=[bo], now=now, cadence=default_cadence())
    return bo


async def test_one_that_fails_waits_alone_and_says_why(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)

    def fail_for_cy(tx: Connection, one: Prompt, *context: Any) -> Any:
        if one.key.stakeholder == CY:
            raise LookupError("a row that nobody expected")
        return candidates(tx, one, *context)

    monkeypatch.setattr("bot.usecases.prompt.candidates", fail_for_cy)

    with capture_logs() as lines:
        assert await office.prompts().run() == 1

    [failed] = [line for line in lines if line["event"] == "prompt.failed"]
    assert failed["workspace"] == WORKSPACE
    [waiting] = await office.db.read(prompt.planned_for, WORKSPACE, CY)
    assert waiting.due_at > office.time.now()
    assert waiting.waited == "something went wrong on my side when it was due"


async def test_one_that_ends_each_process_waits_and_the_others_are_asked(office: Office) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)
    await _lapse(office, SUSPECT_LAPSES)

    with capture_logs() as lines:
        assert await office.prompts().run() == 2
    assert not any(line["log_level"] == "error" for line in lines)


async def test_one_that_ended_too_many_processes_is_put_off_and_starts_anew(
    office: Office,
) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)
    await _lapse(office, SUSPECT_LAPSES)
    for _ in range(LAPSES_MAX - SUSPECT_LAPSES):
        (first,) = await office.db.write(claim_suspects, now=office.time.now(), lease=LEASE)
        await office.end_the_leases()

    with capture_logs() as lines:
        assert await office.prompts().run() == 1

    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["prompt.given_up"]
    user = first.item.key.stakeholder
    [waiting] = await office.db.read(prompt.planned_for, WORKSPACE, user)
    assert waiting.due_at > office.time.now()
    await office.time.sleep(3600)
    tick = office.prompts()
    assert await tick.run() == 1


async def test_whom_slack_cannot_describe_makes_no_suspect(office: Office) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)
    office.people.away = {BO, CY}
    tick = office.prompts()
    for _ in range(LAPSES_MAX + 1):
        assert await tick.run() == 0
        await office.end_the_leases()
    office.people.away = set()

    claimed = await office.db.write(claim_prompts, now=office.time.now(), limit=9, lease=LEASE)

    assert [one.lapses for one in claimed] == [0, 0]


async def test_a_bug_in_asking_one_puts_off_that_one_and_the_others_are_asked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)

    def fail_for_cy(tx: Connection, claimed: Sequence[Claimed[Prompt]], **given: Any) -> int:
        if any(one.item.key.stakeholder == CY for one in claimed):
            raise LookupError("a row that nobody expected")
        return hand_over(tx, claimed, **given)

    monkeypatch.setattr("bot.usecases.prompt.hand_over", fail_for_cy)

    assert await office.prompts().run() == 1

    [waiting] = await office.db.read(prompt.planned_for, WORKSPACE, CY)
    assert waiting.due_at > office.time.now()
    assert waiting.waited == "something went wrong on my side when it was due"


async def test_each_workspace_s_failure_is_logged_and_stops_no_other(office: Office) -> None:
    await office.team(log_critical)
    await office.db.write(log_elsewhere, now=office.time.now())
    await office.time.sleep(7200)
    office.people.error = KeyError("a bug")
    office.people.away = {BO}

    with capture_logs() as lines:
        assert await office.prompts().run() == 0

    failed = [line["workspace"] for line in lines if line["event"] == "prompt.failed"]
    assert sorted(failed) == sorted([WORKSPACE, ELSEWHERE])


async def test_a_database_that_goes_away_makes_no_suspect(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.team(log_critical)
    await office.time.sleep(3600)
    tick = office.prompts()

    def is_away(*_: Any, **__: Any) -> Any:
        raise RetryableError("My database is away.")

    with monkeypatch.context() as patch:
        patch.setattr("bot.usecases.prompt.hand_over", is_away)
        for _ in range(LAPSES_MAX + 1):
            assert await tick.run() == 0
            await office.end_the_leases()

    assert await tick.run() == 1


async def test_no_more_workspaces_than_that_are_handed_over_in_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_over, "WORKSPACES_MAX", 1)
    monkeypatch.setattr(handing_over, "BATCH", 1)
    await office.team(log_critical)
    bo = await office.db.write(log_elsewhere, now=office.time.now())
    office.people.known[ELSEWHERE, BO] = bo
    await office.time.sleep(7200)
    held = asyncio.Event()
    office.people.held = {WORKSPACE: held, ELSEWHERE: held}
    looked, looked_three_times = 0, asyncio.Event()

    async def look_again(_seconds: float) -> None:
        nonlocal looked
        looked += 1
        if looked == 3:
            looked_three_times.set()
        await asyncio.sleep(0)

    tick = asyncio.create_task(office.prompts(sleep=look_again).run())
    await looked_three_times.wait()
    free = await office.db.write(claim_prompts, now=office.time.now(), limit=9, lease=LEASE)
    held.set()

    assert len(free) == 1
    assert await tick == 1


async def test_a_stop_ends_the_look_ups_and_leaves_what_was_not_looked_up(office: Office) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)
    tick, looked_up, member = office.prompts(), [], office.people.member

    async def stop_then(workspace: WorkspaceId, user: UserId) -> Member | None:
        looked_up.append(user)
        tick.claim_no_more()
        return await member(workspace, user)

    office.people.member = stop_then  # type: ignore[method-assign]
    await tick.run()
    await office.end_the_leases()

    assert len(looked_up) == 1
    left = await office.db.write(claim_prompts, now=office.time.now(), limit=9, lease=LEASE)
    assert {one.lapses for one in left} == {0}
    assert len(left) >= 1


def take(office: Office, seconds: float) -> list[UserId]:
    """Let each look-up take so long; return whom is looked up, as it happens."""
    looked_up: list[UserId] = []
    member = office.people.member

    async def take_long(workspace: WorkspaceId, user: UserId) -> Member | None:
        looked_up.append(user)
        office.time.passed += seconds
        return await member(workspace, user)

    office.people.member = take_long  # type: ignore[method-assign]
    return looked_up


async def test_look_ups_that_take_long_end_before_the_lease_does(office: Office) -> None:
    await office.team(log_for_two)
    await office.time.sleep(3600)
    looked_up = take(office, LEASE.total_seconds() * 0.6)

    assert await office.prompts(monotonic=office.time.monotonic).run() == 1
    assert len(looked_up) == 1


async def test_a_run_claims_for_a_minute_and_the_next_tick_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_over, "BATCH", 1)
    monkeypatch.setattr(handing_over, "WORKSPACES_MAX", 1)
    await office.team(log_critical)
    bo = await office.db.write(log_elsewhere, now=office.time.now())
    office.people.known[ELSEWHERE, BO] = bo
    await office.time.sleep(7200)
    take(office, 61)
    tick = office.prompts(monotonic=office.time.monotonic)

    assert [await tick.run() for _ in range(3)] == [1, 1, 0]


async def _lapse(office: Office, times: int) -> None:
    """Let as many processes that have what is due end before they are done."""
    for _ in range(times):
        now = office.time.now()
        assert await office.db.write(claim_prompts, now=now, limit=9, lease=LEASE)
        await office.end_the_leases()
