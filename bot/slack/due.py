"""`/stilltrue due`: what will be asked of this person, when in their zone, and why then."""

from bot.slack.interaction import Command, Interaction
from bot.slack.people import zone_of
from bot.slack.tools import Reply, Tools
from bot.slack.views.due import coming
from bot.slack.views.parts import Message
from bot.usecases.due import due_for
from bot.usecases.working_time import calendar_of


async def due_here(tools: Tools, command: Command) -> Reply:
    return {"response_type": "ephemeral", **await told(tools, command)}


async def told(tools: Tools, interaction: Interaction) -> Message:
    workspace, user, now = interaction.workspace, interaction.user, tools.clock.now()
    await zone_of(tools, workspace, user)  # so that the zone of somebody new is known
    found = await tools.db.read(due_for, workspace, user, now=now)
    wt = await tools.db.read(calendar_of, workspace, user, now=now)
    return coming(found, zone=wt.zone)
