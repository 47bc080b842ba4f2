"""`/stilltrue report`, and what I am about to ask somebody."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import UserFixableError
from bot.domain.ids import PROJECT_KEY, ProjectKey
from bot.slack import ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command
from bot.slack.tools import Reply, Tools
from bot.slack.views import parts
from bot.slack.views.report import definitions, report_message
from bot.usecases.prompt import coming_up
from bot.usecases.report import report_on

_DEFAULT = "quarter"
_PERIODS = {"week": 7, "month": 30, "quarter": 91, "year": 365}
_DAYS = re.compile(r"(\d{1,4})d(?:ays)?")
_DAYS_MAX = 3660
_DUE_SHOWN = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which report."""

    project: ProjectKey | None
    days: int
    period: str  # as it is said: "the last 91 days"


def read_wanted(text: str) -> Wanted:
    """Read `[project] [period]`, in either order.

    Raises:
        UserFixableError: A word is neither.
    """
    project, days = None, _PERIODS[_DEFAULT]
    for word in text.replace("last ", " ").split():
        counted = _DAYS.fullmatch(word.casefold())
        if word.casefold() in _PERIODS:
            days = _PERIODS[word.casefold()]
        elif counted and 1 <= int(counted[1]) <= _DAYS_MAX:
            days = int(counted[1])
        elif PROJECT_KEY.fullmatch(word.upper()):
            project = ProjectKey(word.upper())
        else:
            raise UserFixableError(
                f"I cannot read “{word[:40]}”. Write a project's key and a time: week, month, "
                "quarter, year or a number of days like 30d."
            )
    return Wanted(project=project, days=days, period=f"the last {days} days")


async def report_here(tools: Tools, command: Command, text: str) -> Reply:
    """The report of the project that is named, else of this channel's, else of all."""
    wanted = read_wanted(text)
    project = wanted.project
    if project is None and command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
        project = here.key if here is not None else None
    now = tools.clock.now()
    found = await tools.db.read(
        report_on,
        command.workspace,
        project=project,
        since=now - timedelta(days=wanted.days),
        until=now,
        now=now,
    )
    shown = report_message(found, project=project, period=wanted.period)
    return {"response_type": "ephemeral", **shown}


async def due(tools: Tools, command: Command) -> Reply:
    """What this person will be asked, and when."""
    now = tools.clock.now()
    coming = await tools.db.read(coming_up, command.workspace, command.user)
    rows = [
        parts.context(f"*{one.key.assumption}*", _when(one.due_at, now), one.reason)
        for one in coming[:_DUE_SHOWN]
    ]
    if not rows:
        rows = [parts.section("Nothing: I have no question for you at the moment.")]
    told = parts.message("What I am about to ask you", [parts.section("*Coming up*"), *rows])
    return {"response_type": "ephemeral", **told}


def _when(at: datetime, now: datetime) -> str:
    return "in your next working hour" if at <= now else parts.moment(at)


async def press_definitions(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, show.view(tools, click, definitions()))
    return None


ROUTES = Routes(clicks={ids.DEFINITIONS: press_definitions})
