"""`/stilltrue report`, and what I am about to ask somebody."""

from datetime import datetime

from bot.slack import ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import parts
from bot.slack.views.report import definitions, report_message
from bot.usecases.prompt import coming_up
from bot.usecases.report import account_for_reader

_DUE_SHOWN = 15


async def report_here(tools: Tools, command: Command, text: str) -> Reply:
    """The report of the project that is named, else of this channel's, else of all."""
    here = None
    if command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
    found = await tools.db.read(
        account_for_reader,
        command.workspace,
        decode(text),
        reader=command.user,
        here=here.key if here is not None else None,
        now=tools.clock.now(),
    )
    shown = report_message(found.report, project=found.project, period=found.period.words)
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
