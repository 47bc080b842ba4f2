import asyncio
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import RetryableError
from bot.domain.ids import UserId
from bot.domain.member import OwnHours
from bot.slack.directory import to_member
from bot.usecases.member import recall
from bot.usecases.working_time import set_hours
from tests.make import ANA, BO, HOME, NOON, WORKSPACE
from tests.slack.conftest import GONE, ROBOT, Wire, named


async def test_a_person_is_described_as_slack_does_and_remembered(wire: Wire) -> None:
    member = await wire.directory.member(WORKSPACE, BO)

    assert member is not None
    assert member.zone == ZoneInfo("Europe/Berlin")
    assert member.can_be_asked
    assert await wire.db.inner.read(recall, WORKSPACE, BO) == member


async def test_somebody_asked_for_twice_is_fetched_once(wire: Wire) -> None:
    await asyncio.gather(*(wire.directory.member(WORKSPACE, BO) for _ in range(5)))
    await wire.directory.member(WORKSPACE, BO)

    assert wire.db.writes == ["remember"]


async def test_bots_and_people_who_left_cannot_be_asked(wire: Wire) -> None:
    found = [await wire.directory.member(WORKSPACE, user) for user in (ROBOT, GONE)]

    assert [member.can_be_asked for member in found if member is not None] == [False, False]


async def test_nobody_of_that_id_is_none_and_asked_again(wire: Wire) -> None:
    assert await wire.directory.member(WORKSPACE, UserId("U404")) is None
    assert await wire.directory.member(WORKSPACE, UserId("U404")) is None


async def test_while_slack_is_away_the_last_that_it_said_is_given(wire: Wire) -> None:
    before = await wire.directory.member(WORKSPACE, ANA)
    await wire.directory.forget(WORKSPACE, ANA)
    await wire.fault(method="users.info", kind="5xx", times=1)

    remembered = await wire.directory.member(WORKSPACE, ANA)

    assert remembered == before


async def test_while_slack_is_away_the_database_is_asked_once_for_many(wire: Wire) -> None:
    await wire.directory.member(WORKSPACE, ANA)
    await wire.directory.forget(WORKSPACE, ANA)
    await wire.fault(method="users.info", kind="5xx", times=3)

    found = [await wire.directory.member(WORKSPACE, ANA) for _ in range(3)]

    assert [named(member) for member in found] == ["ana"] * 3
    assert wire.db.reads.count("recall") == 1


async def test_what_a_person_changed_is_not_given_from_before(wire: Wire) -> None:
    await wire.directory.member(WORKSPACE, ANA)
    await wire.directory.forget(WORKSPACE, ANA)
    await wire.fault(method="users.info", kind="5xx", times=2)
    await wire.directory.member(WORKSPACE, ANA)
    own = OwnHours(starts=time(11))

    await wire.db.inner.write(set_hours, WORKSPACE, ANA, own, now=NOON)
    await wire.directory.forget(WORKSPACE, ANA)
    member = await wire.directory.member(WORKSPACE, ANA)

    assert member is not None
    assert member.hours == own


async def test_a_memory_that_is_too_old_is_not_given(wire: Wire) -> None:
    await wire.directory.member(WORKSPACE, ANA)
    await wire.directory.forget(WORKSPACE, ANA)
    wire.clock.at = NOON + timedelta(days=8)
    await wire.fault(method="users.info", kind="5xx", times=1)

    with pytest.raises(RetryableError, match="Slack did not answer"):
        await wire.directory.member(WORKSPACE, ANA)


async def test_a_stranger_whom_slack_never_described_is_asked_for_later(wire: Wire) -> None:
    await wire.fault(method="users.info", kind="429", times=1, retry_after=7)

    with pytest.raises(RetryableError) as caught:
        await wire.directory.member(WORKSPACE, ANA)

    assert caught.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "../etc/passwd"])
def test_a_zone_that_nobody_knows_is_utc(zone: str | None) -> None:
    member = to_member({"id": "U9", "tz": zone}, workspace=WORKSPACE, seen_at=NOON)

    assert member.zone == ZoneInfo("UTC")
    assert member.name == "U9"


async def test_a_thousand_who_ask_at_once_cost_slack_one_call(wire: Wire) -> None:
    found = await asyncio.gather(*(wire.directory.member(WORKSPACE, BO) for _ in range(1_000)))

    traffic = await wire.seen("traffic")
    assert [entry["name"] for entry in traffic["entries"]].count("users.info") == 1
    assert {named(member) for member in found} == {"bo"}


async def test_a_database_that_is_away_is_no_reason_to_leave_slack_alone(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = wire.db.inner.write

    async def is_away(*_: Any, **__: Any) -> None:
        raise RetryableError("Another process is writing to the database.")

    monkeypatch.setattr(wire.db.inner, "write", is_away)
    for _ in range(10):
        with pytest.raises(RetryableError, match="Another process"):
            await wire.directory.member(WORKSPACE, BO)
    monkeypatch.setattr(wire.db.inner, "write", write)

    assert named(await wire.directory.member(WORKSPACE, BO)) == "bo"


async def test_a_channel_is_asked_about_again_once_the_database_is_back(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, channels = wire.db.inner.write, wire.app.tools.channels

    async def is_away(*_: Any, **__: Any) -> None:
        raise RetryableError("Another process is writing to the database.")

    monkeypatch.setattr(wire.db.inner, "write", is_away)
    for _ in range(10):
        with pytest.raises(RetryableError, match="Another process"):
            await channels.refresh(WORKSPACE, HOME)
    monkeypatch.setattr(wire.db.inner, "write", write)

    await channels.refresh(WORKSPACE, HOME)

    assert wire.db.writes[-1] == "describe_channel"
