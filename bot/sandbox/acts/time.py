"""Moving the clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sandbox.acts.actor import actor
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError
from bot.sandbox.model import Json
from bot.sandbox.seed import parse_moment

SATURDAY = 5
WORK_STARTS = (9, 30)
MOST_SECONDS = 10 * 366 * 24 * 3600


async def move(core: Core, to: datetime) -> None:
    """Returns once everything that the move woke has been delivered."""
    if to < core.clock.now():
        raise ControlError("time_in_past", "The clock never goes backwards.")
    await core.clock.move(to)
    await core.settle()
    core.changed()


def target(core: Core, body: Json) -> datetime:
    now = core.clock.now()
    if "advance_seconds" in body:
        seconds = body["advance_seconds"]
        if not isinstance(seconds, int | float) or not 0 <= seconds <= MOST_SECONDS:
            raise ControlError("bad_value", "advance_seconds is a number of seconds from 0 up.")
        return now + timedelta(seconds=seconds)
    if "to" in body:
        try:
            return parse_moment(str(body["to"]))
        except ValueError as error:
            raise ControlError("bad_value", str(error)) from None
    match body.get("preset"):
        case "hour":
            return now + timedelta(hours=1)
        case "week":
            return now + timedelta(weeks=1)
        case "next_working_morning":
            zone = actor(core, body["as"]).tz if body.get("as") else "Etc/UTC"
            return next_working_morning(now, ZoneInfo(zone))
        case _:
            raise ControlError("bad_value", "Give advance_seconds, to, or a preset.")


def next_working_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """09:30 of the first weekday after today, on that place's wall clock."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    hour, minute = WORK_STARTS
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return local.astimezone(now.tzinfo)
