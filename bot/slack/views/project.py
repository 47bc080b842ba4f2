"""Starting a project in a channel, and hearing who else reads it."""

from bot.domain.ids import ProjectKey, UserId
from bot.slack import ids
from bot.slack.views.parts import (
    Message,
    View,
    actions,
    button,
    context,
    message,
    modal,
    notice,
    section,
    sentence,
    text_input,
    user_select,
)
from bot.usecases.contents import SharedContent


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


def shared(content: SharedContent) -> Message:
    """Tell the lead that another company reads the project's channel, and what to do."""
    project = content.project
    cards = f"{content.cards} card{'' if content.cards == 1 else 's'}"
    setbacks = f"{content.setbacks} setback{'' if content.setbacks == 1 else 's'}"
    title = f"Another company reads the channel of {project.key} now"
    return message(
        title,
        [
            section(f"🔗 *{title}*\n<#{project.channel}> is shared with people outside."),
            section(
                f"They can read what I posted there before: {cards} and {setbacks}, with what "
                "people answered. From now on I ask in a form before anything new is posted."
            ),
            context(
                "If it is not for them: stop sharing the channel, or retire what they should not "
                "read and delete its card. What is deleted in a shared channel stays deleted."
            ),
            actions(
                button(
                    f"What is logged in {project.key}",
                    ids.LIST_TOP,
                    str(ids.ListRef(project.key, "all")),
                )
            ),
        ],
    )


def withdrawn() -> Message:
    """What stands in a channel in place of a message that not all there may read any more."""
    text = "What was here is private now: only members of its own channel read it."
    return message(text, [section(text)])


def no_projects(command: str) -> View:
    """What to do where no project exists at all."""
    return notice(
        "No project yet",
        f"Type `{command}` in the channel where the work is discussed. "
        "I offer to start a project there.",
    )
