"""Slack fails: no message is lost or shown twice without a mark, and nobody else waits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.outbox import MessageKey, MessageKind, MessageState
from tests.chaos.faults import (
    LOOK_UPS,
    METHODS,
    Faulted,
    not_drawn_anew,
    not_published,
    office,
    too_early,
    try_fault,
)
from tests.chaos.judge import Recorded
from tests.chaos.kill import place_names
from tests.chaos.slack import FAULTS, Call, Update
from tests.engines import copy_sqlite

QUICK = ("429", "reset after")
KEY = MessageKey(kind=MessageKind.SETBACK, about="1", to="U1")
SENT = {KEY: Recorded(MessageState.SENT, "1.1")}


CLEAN = Faulted(
    fault="500",
    method="chat.postMessage",
    wait=2,
    times=3,
    injected=3,
    lost=0,
    parked=0,
    doubled=0,
    repeated=0,
    unwanted=0,
    too_early=0,
    recovered=1.0,
    other_waited=0.1,
)


def update_of(at: float, *, ts: str = "1.1") -> Update:
    return Update(key=KEY, token="xoxb-1", channel="D1", ts=ts, shown="[]", at=at)


def call_at(at: float, fault: str = "") -> Call:
    return Call(token="xoxb-1", method="chat.update", fault=fault, at=at)


@pytest.mark.parametrize("fault", ["lost", "parked", "doubled", "unwanted", "too_early"])
def test_one_message_or_call_that_went_wrong_is_noticed(fault: str) -> None:
    one: Any = {fault: 1}

    assert CLEAN.holds
    assert not replace(CLEAN, **one).holds


def test_a_fault_that_did_not_come_about_is_noticed() -> None:
    assert not replace(CLEAN, injected=2).holds


def test_what_can_be_looked_up_is_not_repeated_even_with_a_mark() -> None:
    assert replace(CLEAN, repeated=3).holds
    assert not replace(CLEAN, repeated=3, method="conversations.history").holds


def test_only_a_code_that_nobody_knows_parks_messages_and_all_of_them() -> None:
    unknown = replace(CLEAN, fault="a_code_of_tomorrow")

    assert replace(unknown, parked=3).holds
    assert not unknown.holds
    assert not replace(unknown, parked=3, method="users.info").holds


def test_an_update_that_slack_did_not_take_since_is_noticed() -> None:
    assert not_drawn_anew([KEY], [update_of(2.0)], SENT, since=1.0) == set()

    assert not_drawn_anew([KEY], [], SENT, since=1.0) == {KEY}
    assert not_drawn_anew([KEY], [update_of(0.5)], SENT, since=1.0) == {KEY}
    assert not_drawn_anew([KEY], [update_of(2.0, ts="9.9")], SENT, since=1.0) == {KEY}


def test_an_update_of_a_message_whose_row_is_gone_is_noticed() -> None:
    assert not_drawn_anew([KEY], [update_of(2.0)], {}, since=1.0) == {KEY}


def test_a_home_that_slack_did_not_take_is_noticed() -> None:
    home = MessageKey(kind=MessageKind.HOME, about="", to="U1")
    rows = {home: Recorded(MessageState.SENT, "1")}
    taken = replace(call_at(1.0), body={"user_id": "U1"})
    refused = replace(taken, fault="500")

    assert not_published([home], [refused, taken], rows) == set()
    assert not_published([home], [refused], rows) == {home}
    assert not_published([home], [taken], {}) == {home}


def test_a_bot_that_hammers_until_the_refusals_are_used_up_is_too_early() -> None:
    hammered = [call_at(n * 0.1, "429") for n in range(10)]

    assert too_early(hammered, wait=2) == 4  # the first five may have been under way


def test_calls_under_way_at_a_refusal_and_after_the_wait_are_right() -> None:
    calls = [call_at(0.0, "429"), call_at(0.1, "429"), call_at(2.2), call_at(2.3)]

    assert too_early(calls, wait=2) == 0
    assert too_early([*calls, call_at(1.0)], wait=2) == 1


@pytest.mark.parametrize(
    ("method", "faults", "times"),
    [
        ("chat.postMessage", QUICK, 3),
        ("chat.update", QUICK, 3),
        *(pytest.param(method, FAULTS, 50, marks=pytest.mark.chaos) for method in METHODS),
    ],
)
async def test_a_call_that_fails_costs_no_message_and_no_other_workspace(
    sqlite_template: Path, tmp_path: Path, method: str, faults: tuple[str, ...], times: int
) -> None:
    places = place_names("A")
    url = copy_sqlite(sqlite_template, tmp_path / "faults.db")
    async with office(url, can_look_up=method in LOOK_UPS) as opened:
        for fault in faults:
            faulted = await try_fault(opened, fault, method, times=times, places=places)

            # How long the other workspace waits is said by the long run, on a machine of its own.
            assert faulted.is_right if faults is QUICK else faulted.holds, faulted
