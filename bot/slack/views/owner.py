"""The forms of an owner: splitting, living with a risk, deciding, choosing who is asked."""

from datetime import date

from bot.domain.assumption import Assumption
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.text import clip
from bot.slack import ids
from bot.slack.views.card import measure_blocks
from bot.slack.views.parts import (
    TEXT_INPUT_MAX,
    View,
    context,
    date_input,
    labelled,
    modal,
    person,
    said,
    section,
    select,
    text_input,
    user_select,
)

_QUOTE = 300
STILL_HOLDS, IS_NOT_TRUE = "holds", "fails"


def reply_form(assumption: Assumption, *, asker: UserId, question: str, metadata: str) -> View:
    """The owner's words to somebody who would like to know more before they answer."""
    return modal(
        "Reply",
        [
            section(f"{person(asker)} asks about *{assumption.key}*:"),
            said(question, limit=_QUOTE),
            said(assumption.statement, limit=_QUOTE),
            text_input(ids.TEXT, "Your reply", multiline=True),
        ],
        callback_id=ids.REPLY_AS_OWNER,
        submit="Send",
        metadata=metadata,
    )


def split_form(assumption: Assumption, *, depends_on: str, metadata: str) -> View:
    """Two statements in place of one that depends."""
    statement = assumption.statement
    return modal(
        "Split it in two",
        [
            said(statement, limit=_QUOTE),
            *([labelled("It depends on:", depends_on, limit=_QUOTE)] if depends_on else []),
            text_input(
                ids.FIRST_HALF,
                "The first statement",
                initial=statement if len(statement) <= TEXT_INPUT_MAX else "",
                multiline=True,
            ),
            text_input(
                ids.SECOND_HALF,
                "The second statement",
                initial=clip(depends_on, TEXT_INPUT_MAX),
                multiline=True,
            ),
            context(
                f"Each gets the owner, people and day of {assumption.key}, which is then retired "
                "with a word on what became of it."
            ),
        ],
        callback_id=ids.SPLIT_ASSUMPTION,
        submit="Split",
        metadata=metadata,
    )


def was_split(key: AssumptionKey, first: AssumptionKey, second: AssumptionKey) -> View:
    return modal(
        "Split", [section(f"*{key}* is now *{first}* and *{second}*. I ask about each of them.")]
    )


def accept_form(assumption: Assumption, *, metadata: str, proposed: date | None) -> View:
    """Living with an open assumption until a day; `proposed` is filled in first."""
    return modal(
        "Accept the risk",
        [
            said(assumption.statement, limit=_QUOTE),
            date_input(
                ids.UNTIL,
                "Until",
                initial=proposed,
                hint="It counts as open, nobody is asked until then, and it comes back that day.",
            ),
            text_input(
                ids.REASON,
                "Why can you live with it?",
                multiline=True,
                placeholder="We can launch without it if we must",
            ),
        ],
        callback_id=ids.ACCEPT_RISK,
        submit="Accept",
        metadata=metadata,
    )


def decide_form(assumption: Assumption, *, metadata: str) -> View:
    """Answers differ, so the owner says what counts."""
    options = [(STILL_HOLDS, "It is still true"), (IS_NOT_TRUE, "It is not true")]
    return modal(
        "Decide",
        [
            said(assumption.statement, limit=_QUOTE),
            section("One person says that it is true, another that it is not. What counts?"),
            select(ids.ANSWERED, "You decide", options),
            text_input(
                ids.REASON, "Why?", multiline=True, placeholder="Bo looked at the wrong contract"
            ),
        ],
        callback_id=ids.DECIDE_CONTESTED,
        submit="Decide",
        metadata=metadata,
    )


def reassign_form(assumption: Assumption, *, instead_of: UserId, metadata: str) -> View:
    return modal(
        "Choose someone else",
        [
            said(assumption.statement, limit=_QUOTE),
            section(f"I stop asking {person(instead_of)} about it."),
            user_select(ids.WHO, "Who can tell?", hint="I ask them in their working hours."),
        ],
        callback_id=ids.REASSIGN,
        submit="Ask them",
        metadata=metadata,
    )


def measure_form(assumption: Assumption, *, metadata: str) -> View:
    """What the figure came to."""
    unit = assumption.expected.unit if assumption.expected else ""
    return modal(
        "What did it come to?",
        [
            said(assumption.statement, limit=_QUOTE),
            *measure_blocks(assumption),
            text_input(
                ids.ACTUAL,
                f"The actual figure, in {unit}" if unit else "The actual figure",
                placeholder="3.5",
                max_length=20,
            ),
            text_input(
                ids.REASON,
                "What explains it?",
                optional=True,
                multiline=True,
                placeholder="The second supplier was cheaper",
            ),
        ],
        callback_id=ids.MEASURED,
        submit="Save",
        metadata=metadata,
    )
