"""What is kept for a while, and no longer."""

from datetime import timedelta

from sqlalchemy import Connection

from bot.scheduling import forgetting
from bot.scheduling.forgetting import ForgettingTick
from bot.store import draft, inbox
from bot.usecases.forgetting import DELIVERIES_KEPT
from tests.scheduling.office import Office
from tests.usecases.team import BO, MONDAY, WORKSPACE

TWO_DAYS = timedelta(days=2)  # for which PagerDuty goes on trying


def deliver(tx: Connection, keys: range, *, ago: timedelta) -> list[bool]:
    at = MONDAY - ago
    return [inbox.first_time(tx, WORKSPACE, "slack", f"Ev{key}", now=at) for key in keys]


async def test_a_delivery_is_known_for_days_and_forgotten_once_a_day(office: Office) -> None:
    many = 3 * forgetting.STEP // 2
    await office.db.write(deliver, range(many), ago=2 * DELIVERIES_KEPT)
    await office.db.write(deliver, range(many, many + 1), ago=TWO_DAYS)
    await office.db.write(
        draft.put, WORKSPACE, "d1", by=BO, text="x", channel=None, now=MONDAY - TWO_DAYS
    )
    tick = ForgettingTick(db=office.db, clock=office.time)

    first, again = await tick.run(), await tick.run()
    copy = await office.db.write(deliver, range(many, many + 1), ago=timedelta(0))
    await office.time.sleep(timedelta(days=3).total_seconds())
    later = await tick.run()

    assert (first, again, later) == (many + 1, 0, 1)
    assert copy == [False]
