"""What will be asked, when, and why then."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.parts import (
    Block,
    Message,
    actions,
    button,
    context,
    day,
    message,
    person,
    quoted,
    section,
)
from bot.usecases.due import Upcoming

_SHOWN = 15
_CHANGE = actions(button("Change when I may ask", ids.HOME_HOURS, "hours"))


def coming(found: Sequence[Upcoming], *, zone: ZoneInfo) -> Message:
    """Everything that will be asked of one person, a heading for each message.

    Args:
        found: Soonest first.
        zone: The reader's.
    """
    if not found:
        nothing = "Nothing: I have no question for you at the moment."
        return message("What I am about to ask you", [section(nothing), _CHANGE])
    blocks: list[Block] = [section(f"*What I am about to ask you*  ·  {len(found)} in all")]
    shown_at: datetime | None = None
    for one in found[:_SHOWN]:
        if one.at != shown_at:
            shown_at = one.at
            blocks.append(section(f"*{local(one.at, zone)}*"))
        blocks.append(
            context(
                f"*{one.prompt.key.assumption}*  {quoted(one.assumption.statement, 150)}",
                f"{person(one.assumption.owner)} relies on it",
                clip_escaped(one.why, 300),
            )
        )
    if len(found) > _SHOWN:
        blocks.append(context(f"and {len(found) - _SHOWN} later"))
    return message("What I am about to ask you", [*blocks, _CHANGE])


def local(at: datetime, zone: ZoneInfo) -> str:
    """Say "Tuesday 3 March 2026 at 09:20 (Europe/Berlin)", in the reader's own zone."""
    there = at.astimezone(zone)
    return f"{day(there.date())} at {there:%H:%M} ({zone.key})"
