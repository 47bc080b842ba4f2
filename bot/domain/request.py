"""What somebody wants who names the bot, or writes to it, in their own words.

    what is unvalidated in Apollo?       who is asked about APOLLO-12?
    list stale                           what broke last week
    show APOLLO-12                       report for Apollo, last month
    log: we assume the API is live       what will I be asked?

The words must be understood from the first to the last: what only resembles a request is read as
nothing, and the person is told what would be understood. `render` says what was understood, in
words that `request_grammar.parse` reads as the same request again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.domain.ids import AssumptionKey, ChannelId
from bot.domain.setback import SetbackKind


class Which(StrEnum):
    """Which assumptions a list shows."""

    OPEN = "open"
    MINE = "mine"
    UNVALIDATED = "unvalidated"
    CRITICAL = "critical"  # load-bearing, and nobody has confirmed them
    NEXT = "next"  # what is open, the most harmful first
    OVERDUE = "overdue"
    STALE = "stale"
    REFUTED = "refuted"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What the request is about; nothing of it given: where it was written."""

    words: str = ""  # a project's key or name, in lower case; maybe of none that exists
    channel: ChannelId | None = None  # the project's home
    is_everywhere: bool = False


HERE = Where()
EVERYWHERE = Where(is_everywhere=True)


@dataclass(frozen=True, slots=True)
class Listed:
    which: Which
    where: Where = HERE


@dataclass(frozen=True, slots=True)
class Shown:
    key: AssumptionKey


@dataclass(frozen=True, slots=True)
class WhoIsAsked:
    key: AssumptionKey


@dataclass(frozen=True, slots=True)
class Log:
    line: str  # as Slack sent it: a statement, maybe with the options of the quick form
    where: Where = HERE


@dataclass(frozen=True, slots=True)
class Broke:
    """The setbacks of a time."""

    kind: SetbackKind | None = None  # None: all kinds
    where: Where = HERE
    period: str = ""  # as `period.read_period` takes it; empty: its default


@dataclass(frozen=True, slots=True)
class Reported:
    where: Where = HERE
    period: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What the bot is about to ask the person."""


@dataclass(frozen=True, slots=True)
class Help:
    pass


Request = Listed | Shown | WhoIsAsked | Log | Broke | Reported | Due | Help

EXAMPLES = (
    "what is unvalidated in Apollo?",
    "what should we validate next?",
    "list stale",
    "show APOLLO-12",
    "who is asked about APOLLO-12?",
    "log: we assume the API is live by March 3",
    "what broke last week",
    "report for Apollo",
    "what will I be asked?",
    "help",
)


_LATELY = "lately"  # what the last month is called where nobody named it


def render(request: Request) -> str:
    """Say what was understood, in words that are read as the same request."""
    match request:
        case Listed() | Broke() | Reported():
            return _of_a_place(request)
        case Shown(key):
            return f"show {key}"
        case WhoIsAsked(key):
            return f"who is asked about {key}"
        case Log(line, where):
            return f"log{_in(where)}: {line}"
        case Due():
            return "what will I be asked"
        case Help():
            return "help"
        case _:
            assert_never(request)


def _of_a_place(request: Listed | Broke | Reported) -> str:
    if isinstance(request, Listed) or not request.period:
        return f"{_about(request)}{_in(request.where)}"
    period = _LATELY if request.period == "month" else request.period
    return f"{_about(request)}{_in(request.where)} {period}"


def _about(request: Listed | Broke | Reported) -> str:
    match request:
        case Listed(which):
            return _LISTED.get(which, which.value)
        case Broke(kind):
            return f"{kind}s" if kind else "setbacks"
        case Reported():
            return "report"
        case _:
            assert_never(request)


_LISTED = {
    Which.OPEN: "open assumptions",
    Which.ALL: "all assumptions",
    Which.NEXT: "what to validate next",
}


def _in(where: Where) -> str:
    if where.is_everywhere:
        return " in all projects"
    if where.channel is not None:
        return f" in <#{where.channel}>"
    return f" in {where.words}" if where.words else ""
