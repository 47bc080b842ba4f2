"""What the thread of a question says back to an answer in words."""

from bot.domain.ids import AssumptionKey, UserId
from bot.domain.validation import Answer, Validation
from bot.slack import ids
from bot.slack.names import CommandNames
from bot.slack.text import escape
from bot.slack.views.card import ANSWER_WORDS
from bot.slack.views.parts import (
    Message,
    actions,
    button,
    context,
    message,
    moment,
    person,
    quoted,
    section,
    sentence,
)
from bot.usecases.reply import Thread

_EXAMPLES = (
    "`yes, I called them`  ·  `no, the vendor slipped`  ·  `it depends on the load test`  ·  "
    "`ask @bob`  ·  `not mine`"
)
_MORE = {
    Answer.HOLDS: "How do you know? Write it after the yes, like: `yes, I called them`.",
    Answer.FAILS: "What is true instead? Write it after the no, like: `no, the vendor slipped`.",
    Answer.UNSURE: "On what? Write it, like: `it depends on the load test`.",
}
_KEYS_SHOWN = 8


def stored(given: Validation) -> Message:
    """Say how the words were understood, with the way back."""
    text = f"Understood as *{ANSWER_WORDS[given.answer]}* for {given.assumption}."
    said = f"  {quoted(given.evidence, 200)}" if given.evidence else ""
    undo = button("Undo", ids.UNDO_REPLY, f"{given.assumption}|{given.seq}")
    return message(text, [section(f"{text}{said}"), actions(undo)])


def declined(key: AssumptionKey, seq: int) -> Message:
    return _released(f"Understood: *{key}* is not yours. Its owner knows.", key, seq)


def passed_on(key: AssumptionKey, to: UserId, seq: int) -> Message:
    return _released(f"Understood: I ask {person(to)} about *{key}* instead of you.", key, seq)


def _released(text: str, key: AssumptionKey, seq: int) -> Message:
    undo = button("Undo", ids.TAKE_BACK, f"{key}|{seq}")
    return message(text, [section(text), actions(undo)])


def taken_back(key: AssumptionKey) -> Message:
    text = f"Taken back: the question about *{key}* is open again."
    return message(text, [section(text)])


def relayed(to: UserId) -> Message:
    text = f"{person(to)} has your reply."
    return message(text, [section(text)])


def more_is_needed(answer: Answer) -> Message:
    return message(_MORE[answer], [section(_MORE[answer])])


def not_understood(*, names: CommandNames) -> Message:
    text = "I am not sure what this means, so I stored nothing. Press a button, or write like this:"
    return message(
        text, [section(text), context(_EXAMPLES), context(f"`{names.stilltrue} help` says more.")]
    )


def which_question(thread: Thread) -> Message:
    """The thread asks several things, or none that is open."""
    if not thread.open:
        text = "No question of mine is open here. *Change my answer* above replaces an earlier one."
        return message(text, [section(text)])
    keys = [str(key.assumption) for key in thread.open[:_KEYS_SHOWN]]
    text = f"Which one? Begin with its name, like: `{keys[0]}: yes, I called them`."
    return message(text, [section(text), context("Open here:", *keys)])


def answered_already(given: Validation, *, is_own: bool) -> Message:
    who = "You" if is_own else person(given.by)
    text = (
        f"{who} answered {given.assumption} already: *{ANSWER_WORDS[given.answer]}*, "
        f"{moment(given.at)}. Nothing was changed."
    )
    return message(text, [section(text)])


def plainly(text: str) -> Message:
    """A sentence that may quote what somebody typed."""
    return message(escape(text), [sentence(text)])
