"""Putting a modal before the person who acted, and reading what a button is about."""

from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey
from bot.slack.channel import learn
from bot.slack.interaction import Click, Interaction
from bot.slack.tools import Tools
from bot.slack.views.parts import View
from bot.usecases.channel import is_channel, is_met, meet


async def view(tools: Tools, interaction: Interaction, page: View) -> None:
    """Open the modal; over an open one it is laid on top, and closing it leads back.

    A form knows no channel, so that the person reads the one where they are is noted first.
    """
    await note_presence(tools, interaction)
    if isinstance(interaction, Click) and (interaction.view or {}).get("type") == "modal":
        await tools.api.push_view(interaction.workspace, interaction.trigger_id, page)
    else:
        await tools.api.open_view(interaction.workspace, interaction.trigger_id, page)


async def note_presence(tools: Tools, interaction: Interaction) -> None:
    """Remember that the person acts in a channel, so reads it, where Slack has not said so."""
    workspace, channel, user = interaction.workspace, interaction.channel, interaction.user
    if channel is None or not is_channel(channel) or interaction.is_outsider:
        return
    if await tools.db.read(is_met, workspace, channel, user):
        return
    if await tools.db.write(meet, workspace, channel, user, now=tools.clock.now()):
        tools.after_ack(interaction, learn(tools, workspace, channel))


def key_of(text: str) -> AssumptionKey:
    """Read a key that a button carries.

    Raises:
        UserFixableError: It is none: the button is of a time before its value looked like this.
    """
    key = AssumptionKey.parse(text)
    if key is None:
        raise UserFixableError("This button is too old. Open the list to find it again.")
    return key
