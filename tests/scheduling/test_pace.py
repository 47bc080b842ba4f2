"""Slack's limits, kept before Slack has to say so."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.ids import ChannelId, MessageTs, WorkspaceId
from bot.domain.outbox import CallKind, Message, MessageKey, MessageKind, MessageState
from bot.scheduling.pace import Pace
from tests.make import NOON
from tests.scheduling.office import Time

A_LITTLE = timedelta(milliseconds=1)


def post(number: int = 1, workspace: str = "T1") -> Message:
    return Message(
        workspace=WorkspaceId(workspace),
        key=MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=f"C{number}"),
        revision=1,
        state=MessageState.PENDING,
        wanted_at=NOON,
        due_at=NOON,
        attempts=1,
        channel=None,
        ts=None,
        is_repeat=False,
        error="",
    )


def update(number: int = 1) -> Message:
    return replace(post(number), channel=ChannelId(f"C{number}"), ts=MessageTs("1.1"))


def sent_within(message_of: object, seconds: float) -> int:
    """How many calls to as many channels go out in that time, when each waits for its turn."""
    time, sent = Time(), 0
    pace = Pace(monotonic=time.monotonic)
    while True:
        message = message_of(sent)  # type: ignore[operator]
        wait = pace.wait(message)
        pace.book(message)
        time.passed += wait.total_seconds()
        if time.passed > seconds:
            return sent
        sent += 1


def test_a_workspace_gets_several_hundred_posts_a_minute_and_no_more() -> None:
    assert 300 <= sent_within(post, 60) <= 335


def test_a_workspace_gets_fifty_updates_a_minute_after_a_short_burst() -> None:
    assert 50 <= sent_within(update, 60) <= 66
    assert sent_within(update, 600) - sent_within(update, 540) <= 50


def test_a_slack_on_this_machine_is_sent_as_much_as_it_says() -> None:
    pace = Pace(monotonic=lambda: 0.0, speed=100.0)
    for _ in range(100):
        pace.book(post())
        pace.book(update())

    assert pace.wait(post()) == timedelta(seconds=1)
    assert pace.wait(update()) == timedelta(seconds=86 * 0.012)


def test_one_workspace_s_posts_cost_another_nothing() -> None:
    pace = Pace(monotonic=lambda: 0.0)
    for number in range(100):
        pace.book(post(number))

    assert pace.wait(post(1, workspace="T2")) == timedelta(0)


def test_two_that_ask_at_once_get_two_turns() -> None:
    pace = Pace(monotonic=lambda: 0.0)
    pace.book(post())
    first = pace.wait(post())
    pace.book(post())

    assert first == timedelta(seconds=1)
    assert pace.wait(post()) == timedelta(seconds=2)


def test_what_is_put_off_comes_back_one_after_the_other() -> None:
    pace = Pace(monotonic=lambda: 0.0)

    waits = [pace.put_off(post(number)) for number in range(100)]

    assert waits == sorted(waits)
    assert waits[-1] > timedelta(seconds=19) - A_LITTLE


def test_what_slack_asks_to_wait_holds_that_method_alone() -> None:
    pace = Pace(monotonic=lambda: 0.0)

    pace.slack_asks(post().workspace, CallKind.POST, timedelta(seconds=60))

    assert pace.is_held(post(2))
    assert pace.wait(post(2)) == timedelta(seconds=60)
    assert not pace.is_held(update())


def test_a_home_waits_for_no_message_and_holds_up_none() -> None:
    pace = Pace(monotonic=lambda: 0.0)
    home = replace(post(), key=MessageKey(kind=MessageKind.HOME, about="", to="C1"))
    pace.book(post())
    assert pace.wait(home) == timedelta(0)

    pace.book(home)
    pace.slack_asks(home.workspace, CallKind.HOME, timedelta(seconds=60))

    assert pace.wait(update()) == timedelta(0)
    assert pace.is_held(home)
