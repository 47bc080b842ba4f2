from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.acts.time import next_working_morning
from bot.sandbox.clock import Clock
from tests.sandbox.conftest import Stage, make_seed, open_stage

START = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)


async def test_a_move_stops_at_each_moment_that_was_asked_for() -> None:
    wakes = [START + HOUR, START + 2 * HOUR, START + 9 * HOUR]
    told: list[datetime] = []

    async def on_clock(now: datetime) -> datetime | None:
        told.append(now)
        return next((wake for wake in wakes if wake > now), None)

    clock = Clock(START, on_clock)
    await clock.move(START + 5 * HOUR)

    assert told[1:] == [wakes[0], wakes[1], START + 5 * HOUR]
    assert clock.now() >= START + 5 * HOUR


async def test_a_moment_that_stays_due_is_asked_about_ever_less_often() -> None:
    told: list[datetime] = []

    async def stuck(now: datetime) -> datetime | None:
        told.append(now)
        return START

    await Clock(START, stuck).move(START + timedelta(days=1))

    assert 24 < len(told) < 60


async def test_alarms_ring_in_order_and_before_the_bot_is_told() -> None:
    rung: list[str] = []

    async def on_clock(now: datetime) -> datetime | None:
        rung.append(f"bot {(now - START) // HOUR}")
        return None

    clock = Clock(START, on_clock)

    def alarm(name: str, hours: int) -> None:
        async def ring() -> None:
            rung.append(name)

        clock.at(START + hours * HOUR, ring)

    alarm("third", 3)
    alarm("first", 1)
    alarm("never", 9)
    await clock.move(START + 4 * HOUR)
    await clock.close()

    assert rung == ["bot 0", "first", "third", "bot 4"]


async def test_an_alarm_rings_by_itself_too() -> None:
    clock = Clock(START, None)
    rung: list[int] = []

    async def ring() -> None:
        rung.append(1)

    clock.at(clock.now() + timedelta(milliseconds=20), ring)
    watcher = clock._watcher
    assert watcher is not None
    await watcher

    assert rung == [1]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Lisbon", datetime(2026, 3, 9, 9, 30, tzinfo=UTC)),
        # the clocks go forward there in that weekend
        ("America/New_York", datetime(2026, 3, 9, 13, 30, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 3, 9, 4, 0, tzinfo=UTC)),
    ],
)
def test_the_next_working_morning_is_half_past_nine_on_a_weekday(
    zone: str, expected: datetime
) -> None:
    assert next_working_morning(START, ZoneInfo(zone)) == expected


async def test_presets_and_messages_follow_the_clock() -> None:
    async with open_stage(make_seed(now=START)) as stage:
        moved = await stage.hands.post("clock", preset="next_working_morning", user="U0CARO")
        sent = await stage.hands.post("compose", channel="C0APOLLO", text="x")
        week = await stage.hands.post("clock", preset="week")
        read = await stage.hands.get("clock")

    assert moved["now"].startswith("2026-03-09T13:30:00")
    assert datetime.fromtimestamp(float(sent["ts"]), UTC).date().isoformat() == "2026-03-09"
    assert week["now"].startswith("2026-03-16T13:30")
    assert read["now"] >= week["now"]


async def test_the_bot_is_moved_along() -> None:
    told: list[datetime] = []

    async def on_clock(now: datetime) -> datetime | None:
        told.append(now)
        return None

    async with open_stage(make_seed(now=START), on_clock=on_clock) as stage:
        await stage.hands.post("clock", to="2026-03-06T18:00:00+00:00")

    assert told[-1] == datetime(2026, 3, 6, 18, 0, tzinfo=UTC)


async def test_the_clock_never_goes_backwards(stage: Stage) -> None:
    for body, error in (
        ({"to": "2020-01-01T00:00:00Z"}, "time_in_past"),
        ({"to": "2020-01-01T00:00:00"}, "bad_value"),
        ({"advance_seconds": -1}, "bad_value"),
        ({"preset": "yesterday"}, "bad_value"),
    ):
        assert await stage.hands.refused("clock", **body) == error
