"""As what somebody looks, by what their request says."""

from dataclasses import replace

from bot.domain.permission import Reader
from bot.slack.interaction import Interaction
from bot.slack.tools import Tools
from bot.usecases.channel import reader_for


async def reader_of(tools: Tools, interaction: Interaction) -> Reader:
    """The person, where they are just now; Slack says in which channel they acted."""
    known = await tools.db.read(reader_for, interaction.workspace, interaction.user)
    return replace(known, here=interaction.channel)
