"""What is offered to somebody who said that they rely on something, and to them alone."""

from bot.slack import ids
from bot.slack.names import CommandNames
from bot.slack.text import clip_escaped
from bot.slack.views.parts import Message, actions, button, context, message, said, section

_WHAT_IS_READ = (
    "While listening is on, I look at each message here once, when it comes. I keep nothing of it "
    "unless its author logs it."
)


def offer(statement: str, reason: str, *, value: str) -> Message:
    """Offer to log what the person just said.

    Args:
        statement: Decoded.
        reason: Why it is taken for an assumption, in words.
        value: What the button carries.
    """
    text = "This sounds like something you rely on. Shall I ask whether it stays true?"
    return message(
        text,
        [
            section(text),
            said(statement, limit=300),
            actions(
                button("Log it", ids.OFFER_LOG, value, style="primary"),
                button("Not now", ids.OFFER_LATER, "later"),
                button("Not in this channel", ids.OFFER_NEVER, "never"),
            ),
            context(f"Only you see this, at most once a day: your message {reason}"),
        ],
    )


def refused(names: CommandNames) -> Message:
    text = (
        "All right: I offer you this no more in this channel. Its lead can turn listening off for "
        f"everybody with {names.stilltrue} listen off."
    )
    return message(text, [section(text)])


def announced(by: str, names: CommandNames) -> Message:
    """Tell the channel that its messages are read from now on.

    `by` is a name: nobody is called by what they did themselves.
    """
    text = "Listening is on in this channel."
    told = (
        f"👂 *{text}* When one of you writes something like “I assume …”, I offer that person, and "
        f"nobody else, to log it.\n{_WHAT_IS_READ}"
    )
    end = f"`{names.stilltrue} listen off` ends it."
    return message(text, [section(told), context(f"Turned on by {clip_escaped(by, 100)}", end)])


def state(*, is_on: bool, names: CommandNames) -> Message:
    on = f"Listening is on here. {_WHAT_IS_READ} `{names.stilltrue} listen off` ends it."
    off = (
        "Listening is off here: I read no messages. A lead or an admin can type "
        f"`{names.stilltrue} listen on`: then I offer whoever writes “I assume …” to log it."
    )
    text = on if is_on else off
    return message(text, [section(text)])
