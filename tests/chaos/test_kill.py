"""`kill -9` at every step: nothing is lost, and nothing shows twice without saying so."""

import signal
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.chaos.asking import kill_while_asking, wrongly_asked
from tests.chaos.bot_with_failpoints import FailPoint
from tests.chaos.herd import LEFT_WELL, Child, UncleanEndError
from tests.chaos.kill import (
    Killed,
    is_soon,
    kill_while_migrating,
    kill_while_sending,
    kill_while_updating,
    place_names,
    together,
)
from tests.chaos.lane import Lane
from tests.chaos.steps import ASKING, SENDING, TAKING, UPDATING, Step
from tests.chaos.taking import clicks, commands, difference, kill_while_taking, replies, webhooks
from tests.figures.kill import values

long = pytest.param(200, marks=pytest.mark.chaos)

KILLED = Killed(
    step=Step.BEFORE_POST,
    times=2,
    injected=2,
    lost=0,
    doubled=0,
    repeated=0,
    slowest=2.5,
    start_up=1.0,
)


def test_a_death_that_did_not_come_about_is_not_counted_as_survived() -> None:
    assert KILLED.is_right
    assert not replace(KILLED, injected=1).is_right
    assert not replace(KILLED, times=0, injected=0).is_right


def test_a_repeat_is_expected_after_each_post_and_nowhere_else() -> None:
    after_post = replace(KILLED, step=Step.AFTER_POST, repeated=2)

    assert after_post.is_right
    assert not replace(after_post, repeated=1).is_right
    assert not replace(KILLED, repeated=1).is_right


def test_a_recovery_takes_no_longer_than_two_starts_a_lease_and_a_tick() -> None:
    assert is_soon(4.0, start_up=1.0)
    assert not is_soon(4.1, start_up=1.0)


def test_lanes_are_added_up_with_what_did_not_come_about() -> None:
    both = together([KILLED, replace(KILLED, injected=1, slowest=4.0)])

    assert (both.times, both.injected, both.slowest, both.start_up) == (4, 3, 4.0, 1.0)
    assert not both.is_right


def test_the_figure_holds_only_where_each_step_does() -> None:
    never = replace(KILLED, step=Step.AFTER_CLAIM, times=0, injected=0)

    held = {value.name: value.holds for value in values([("SQLite", KILLED)])}
    missed = {value.name: value.holds for value in values([("SQLite", KILLED), ("SQLite", never)])}

    assert all(held.values())
    assert not missed["kill_times"]
    assert not missed["kill_times_sqlite_after_claim"]


def test_a_recovery_is_held_against_the_starts_on_its_own_database() -> None:
    slow = replace(KILLED, start_up=9.0, slowest=9.0)
    upgrade = replace(KILLED, step=Step.MIGRATION, start_up=9.0)

    values_of = values([("SQLite", KILLED), ("PostgreSQL", slow)])
    too_late = values(
        [("SQLite", replace(KILLED, slowest=4.5)), ("SQLite", upgrade), ("PostgreSQL", slow)]
    )

    assert all(value.holds for value in values_of)
    assert {value.name for value in too_late if not value.holds} == {
        "kill_slowest",
        "kill_later",
        "kill_times_sqlite_before_post",
    }


def test_one_lost_and_one_doubled_do_not_cancel_out() -> None:
    assert difference(Counter("ab"), Counter("ab")) == (0, 0)
    assert difference(Counter("ab"), Counter("aa")) == (1, 1)
    assert difference(Counter("ab"), Counter("abc")) == (0, 1)


def test_a_question_that_was_not_shown_or_not_recorded_is_lost() -> None:
    assert wrongly_asked(["U1", "U2"], ["U1", "U2"], Counter(["U1", "U2"])) == (0, 0)
    assert wrongly_asked(["U1", "U2"], ["U1"], Counter(["U1", "U2"])) == (1, 0)
    assert wrongly_asked(["U1", "U2"], ["U1", "U2"], Counter(["U1"])) == (1, 0)
    assert wrongly_asked(["U1"], ["U1", "U1"], Counter(["U1"])) == (0, 1)


def test_a_fail_point_leaves_its_mark_only_where_it_signals(tmp_path: Path) -> None:
    mark = tmp_path / "end-1"
    point = FailPoint(Step.AFTER_POST, 2, signal.SIGCONT, mark=mark)

    point.reached(Step.BEFORE_POST)
    point.reached(Step.AFTER_POST)
    assert not mark.exists()

    point.reached(Step.AFTER_POST)
    assert mark.read_text() == Step.AFTER_POST.value


@pytest.mark.parametrize("said", ["", "left 1", Step.AFTER_POST.value])
async def test_a_process_that_did_not_leave_well_is_noticed_when_it_is_stopped(
    tmp_path: Path, said: str
) -> None:
    gone = Child(pid=0, port=0, pidfd=None, mark=tmp_path / "end-1")
    if said:
        gone.mark.write_text(said)

    with pytest.raises(UncleanEndError):
        await gone.stop()

    gone.mark.write_text(LEFT_WELL)
    await gone.stop()


@pytest.mark.parametrize("times", [1, long])
async def test_a_worker_that_dies_loses_nothing_and_doubles_nothing(lane: Lane, times: int) -> None:
    places = place_names("A")

    for step in SENDING:
        killed = await kill_while_sending(lane, step, times=times, places=places)

        assert killed.is_right, (killed, lane.herd.said)


@pytest.mark.chaos
async def test_a_worker_that_dies_while_it_draws_anew_leaves_no_old_words(lane: Lane) -> None:
    places = place_names("A")

    for step in UPDATING:
        killed = await kill_while_updating(lane, step, times=50, places=places)

        assert killed.is_right, (killed, lane.herd.said)


@pytest.mark.parametrize("times", [1, long])
async def test_a_command_is_stored_once_though_its_process_dies(lane: Lane, times: int) -> None:
    await lane.start_project()
    numbers = count(1)

    for step in TAKING:
        killed = await kill_while_taking(lane, step, commands(), times=times, numbers=numbers)

        assert killed.is_right, (killed, lane.herd.said)


@pytest.mark.chaos
async def test_a_click_and_a_webhook_are_stored_once_though_their_process_dies(
    lane: Lane,
) -> None:
    await lane.start_project()
    numbers = count(1)

    for source in (clicks(), await webhooks(lane)):
        for step in TAKING:
            killed = await kill_while_taking(lane, step, source, times=50, numbers=numbers)

            assert killed.is_right, (killed, lane.herd.said)


@pytest.mark.chaos
async def test_a_question_is_asked_and_its_answer_stored_once_though_processes_die(
    lane: Lane,
) -> None:
    await lane.start_project()
    numbers, asked = count(1), []

    for step in ASKING:
        killed, shown = await kill_while_asking(lane, step, times=50, numbers=numbers)
        asked += shown

        assert killed.is_right, (killed, lane.herd.said)

    source = replies(iter(asked))
    for step in TAKING:
        killed = await kill_while_taking(lane, step, source, times=50, numbers=numbers)

        assert killed.is_right, (killed, lane.herd.said)


@pytest.mark.parametrize("times", [1, pytest.param(60, marks=pytest.mark.chaos)])
async def test_an_upgrade_that_dies_is_done_again_whole(empty_lane: Lane, times: int) -> None:
    killed = await kill_while_migrating(empty_lane, times=times)

    assert killed.is_right, (killed, empty_lane.herd.said)
