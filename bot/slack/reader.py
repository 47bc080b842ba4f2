"""As what somebody looks, by what their request says."""

from contextlib import suppress
from dataclasses import replace

from bot.domain.errors import RetryableError
from bot.domain.ids import ChannelId
from bot.domain.permission import Looks, Reader
from bot.slack.interaction import Interaction
from bot.slack.tools import Tools
from bot.usecases.channel import reader_for


async def reader_of(tools: Tools, interaction: Interaction) -> Reader:
    """The person, where they are just now; Slack says in which channel they acted.

    Slack is asked about somebody whom the directory does not know; while it does not answer they
    count as a guest.
    """
    if interaction.is_outsider:
        return Reader.outsider(interaction.user)
    with suppress(RetryableError):
        await tools.directory.member(interaction.workspace, interaction.user)
    known = await tools.db.read(reader_for, interaction.workspace, interaction.user)
    return known if known.looks is Looks.OUTSIDER else replace(known, here=interaction.channel)


def person_here(interaction: Interaction) -> Reader:
    """The person in the channel where they act, without a look at who they are."""
    return Reader.person(interaction.user, is_guest=True, here=interaction.channel)


def readers_in(channel: str) -> Reader | None:
    """Everybody in a channel; None for a conversation with one person."""
    return Reader.audience(ChannelId(channel)) if channel.startswith(("C", "G")) else None
