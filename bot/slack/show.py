"""Putting a modal before the person who acted, and reading what a button is about."""

from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey
from bot.slack.interaction import Click, Interaction
from bot.slack.tools import Tools
from bot.slack.views.parts import View


async def view(tools: Tools, interaction: Interaction, page: View) -> None:
    """Open the modal; over an open one it is laid on top, and closing it leads back."""
    if isinstance(interaction, Click) and (interaction.view or {}).get("type") == "modal":
        await tools.api.push_view(interaction.workspace, interaction.trigger_id, page)
    else:
        await tools.api.open_view(interaction.workspace, interaction.trigger_id, page)


def key_of(text: str) -> AssumptionKey:
    """Read a key that a button carries.

    Raises:
        UserFixableError: It is none: the button is of a time before its value looked like this.
    """
    key = AssumptionKey.parse(text)
    if key is None:
        raise UserFixableError("This button is too old. Open the list to find it again.")
    return key
