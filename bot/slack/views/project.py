"""Starting a project in a channel."""

from bot.domain.ids import ProjectKey, UserId
from bot.slack import ids
from bot.slack.views.parts import View, modal, notice, section, sentence, text_input, user_select


def start_form(
    *, key: ProjectKey, name: str, lead: UserId, metadata: str, warning: str = ""
) -> View:
    """Offer to start a project in a channel that has none; what was typed waits meanwhile.

    `warning` is one sentence on top, about who else reads the channel.
    """
    return modal(
        "Start a project here",
        [
            *([sentence(f"⚠️ {warning}")] if warning else []),
            section(
                "This channel has no project yet. Its cards will be posted here; what you typed "
                "is kept and comes next."
            ),
            text_input(
                ids.KEY,
                "Key",
                initial=key,
                hint="2 to 10 letters or digits. What you log is called KEY-1, KEY-2 and so on.",
                max_length=10,
            ),
            text_input(ids.NAME, "Name", initial=name, max_length=80),
            user_select(ids.LEAD, "Lead", initial=lead, hint="Hears when nobody answers."),
        ],
        callback_id=ids.START_PROJECT,
        submit="Start",
        metadata=metadata,
    )


def no_projects(command: str) -> View:
    """What to do where no project exists at all."""
    return notice(
        "No project yet",
        f"Type `{command}` in the channel where the work is discussed. "
        "I offer to start a project there.",
    )
