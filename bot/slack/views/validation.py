"""Asking one person: the questions, the forms behind their buttons, and what follows an answer."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.domain.assumption import Assumption
from bot.domain.ids import ChannelId, UserId
from bot.domain.validation import Answer, Validation
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import ANSWER_WORDS, needed_words
from bot.slack.views.parts import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    labelled,
    link,
    message,
    modal,
    moment,
    moment_day,
    overflow,
    person,
    quoted,
    read_all_button,
    said,
    section,
    select,
    text_input,
    user_select,
)
from bot.usecases.channel import is_person
from bot.usecases.contents import (
    AskContent,
    Question,
)

_QUOTE_IN_DIGEST = 400
_MORE = [
    (ids.MORE_ANOTHER, "Ask someone else"),
    (ids.MORE_LATER, "Remind me later"),
    (ids.MORE_OWNER, "Ask the owner"),
    (ids.MORE_STOP, "Stop asking me about this"),
]
_LATER = [
    ("tomorrow", "Tomorrow"),
    ("monday", "Next Monday"),
    ("before", "Two days before it is needed"),
]
_EVIDENCE_LABELS = {
    Answer.HOLDS: "How do you know?",
    Answer.FAILS: "What is true instead?",
    Answer.UNSURE: "What does it depend on?",
}
_EVIDENCE_PLACEHOLDERS = {
    Answer.HOLDS: "A few words, or a link",
    Answer.FAILS: "The API goes live on April 7",
    Answer.UNSURE: "On the security review next week",
}
_THANKS = {
    Answer.HOLDS: "\nThank you. Those who rely on it know.",
    Answer.FAILS: "\nThank you. Those who rely on it know.",
    Answer.UNSURE: "\nThank you. Its owner knows; I ask again when more may be known.",
}
_TITLES = {
    Answer.HOLDS: "Still true",
    Answer.FAILS: "Not true",
    Answer.UNSURE: "It depends",
}


def ask(content: AskContent) -> Message:
    """One question, or a digest of up to eight; each keeps its own buttons."""
    questions, today = content.questions, content.now.date()
    if len(questions) == 1:
        alone = _question(questions[0], today=today, quote_limit=700)
        return message(_fallback(questions), alone)
    blocks = [section(f"*{len(questions)} things that others rely on*  ·  {_left(questions)}")]
    for question in questions:
        drawn = _question(question, today=today, quote_limit=_QUOTE_IN_DIGEST)
        blocks += [divider(), *drawn]
    if content.waiting:
        word = "question waits" if content.waiting == 1 else "questions wait"
        blocks.append(context(f"{content.waiting} more {word} for your next working day."))
    return message(_fallback(questions), blocks)


def _left(questions: Sequence[Question]) -> str:
    still_open = [question for question in questions if not question.closed]
    open_count = sum(1 for question in still_open if not question.is_asked_below)
    if not still_open:
        return "all done, thank you"
    if open_count == 0:
        return "asked again further down"
    return "one answer to go" if open_count == 1 else f"{open_count} answers to go"


def _fallback(questions: Sequence[Question]) -> str:
    first = questions[0].assumption
    more = f" (and {len(questions) - 1} more)" if len(questions) > 1 else ""
    return f"Is this still true? {clip_escaped(first.statement, 200)}{more}"


def _question(question: Question, *, today: date, quote_limit: int) -> list[Block]:
    """At most five blocks, so that eight questions fit into one message."""
    assumption = question.assumption
    blocks = [
        section(f"*{person(assumption.owner)} is relying on this being true*"),
        said(assumption.statement, limit=quote_limit),
    ]
    if question.closed:
        return [*blocks, *_closed(question), *_way_back(question)]
    if question.is_asked_below:
        return [*blocks, context(str(assumption.key), "asked again further down")]
    blocks.append(context(*_why(question, today=today)))
    if assumption.consequence:
        blocks.append(labelled("If it is wrong:", assumption.consequence, limit=200))
    return [*blocks, actions(*_buttons(question, quote_limit=quote_limit))]


def _way_back(question: Question) -> list[Block]:
    """For a while after "not mine" and the like."""
    if question.released_by is None:
        return []
    undo = f"{question.assumption.key}|{question.released_by}"
    return [actions(button("Undo", ids.ASK_AGAIN, undo))]


def _why(question: Question, *, today: date) -> list[str]:
    assumption = question.assumption
    others = question.answered_by_others
    return [
        str(assumption.key),
        needed_words(assumption, today=today),
        link(assumption.permalink, "where it was said") if assumption.permalink else "",
        _chain(question),
        clip_escaped(question.prompt.reason, 200),
        f"{person(others[0].by)} said: {ANSWER_WORDS[others[0].answer]}" if others else "",
    ]


def _chain(question: Question) -> str:
    """Who passed it on, first to last."""
    givers = [person(user) for user in question.passed_on_by]
    return f"passed on by {', then '.join(givers)}" if givers else ""


def _buttons(question: Question, *, quote_limit: int) -> list[Element]:
    ref = ids.QuestionRef(
        question.assumption.key,
        question.prompt.key.round,
        needs_evidence=question.requires_evidence,
    )
    return answer_buttons(question.assumption, ref, quote_limit=quote_limit)


def answer_buttons(
    assumption: Assumption, ref: ids.QuestionRef, *, quote_limit: int
) -> list[Element]:
    """What can be said to a question, wherever it is put."""
    elements = [
        button("Still true", ids.HOLDS, str(ref), style="primary"),
        button("Not true", ids.FAILS, str(ref), style="danger"),
        button("It depends", ids.DEPENDS, str(ref)),
        button("Not mine", ids.NOT_MINE, str(ref)),
    ]
    key = str(assumption.key)
    elements += read_all_button(assumption.statement, ids.READ_ALL, key, limit=quote_limit)
    return [*elements, overflow(ids.ASK_MORE, [(f"{word}|{ref}", text) for word, text in _MORE])]


def _closed(question: Question) -> list[Block]:
    if question.answer is None:
        return [context(str(question.assumption.key), clip_escaped(question.closed, 200))]
    return your_answer(question.answer, can_undo=question.undo_until is not None)


def your_answer(given: Validation, *, can_undo: bool) -> list[Block]:
    """What the reader said, with the ways to take it back or to say something else."""
    ref = ids.QuestionRef(given.assumption, given.round)
    elements = [button("Change my answer", ids.CHANGE_ANSWER, str(ref))]
    if can_undo:
        elements.insert(0, button("Undo", ids.UNDO, f"{given.assumption}|{given.seq}"))
    return [section(_your_answer(given)), actions(*elements)]


def _your_answer(given: Validation) -> str:
    said_so = f"You said: *{ANSWER_WORDS[given.answer]}*"
    evidence = f"  {quoted(given.evidence, 200)}" if given.evidence else ""
    until = (
        f"\nThank you. I ask again before {moment_day(given.valid_until)}."
        if given.valid_until is not None
        else _THANKS[given.answer]
    )
    return f"{said_so}{evidence}{until}"


def answer_form(
    assumption: Assumption, answer: Answer, *, evidence_needed: bool, metadata: str
) -> View:
    """What is asked beside an answer: how they know, what is true instead, what it depends on."""
    return modal(
        _TITLES[answer],
        [
            said(assumption.statement, limit=300),
            _evidence_input(answer, optional=answer is Answer.HOLDS and not evidence_needed),
        ],
        callback_id=ids.ANSWER,
        submit="Send",
        metadata=metadata,
    )


def _evidence_input(answer: Answer, *, optional: bool) -> Block:
    return text_input(
        ids.EVIDENCE,
        _EVIDENCE_LABELS[answer],
        multiline=True,
        optional=optional,
        placeholder=_EVIDENCE_PLACEHOLDERS[answer],
    )


def change_form(assumption: Assumption, *, metadata: str, title: str = "Change my answer") -> View:
    """A new answer in place of an earlier one, which stays in the history."""
    options = [(answer.value, words.capitalize()) for answer, words in ANSWER_WORDS.items()]
    return modal(
        title,
        [
            said(assumption.statement, limit=300),
            select(ids.ANSWERED, "What is right now?", options),
            text_input(
                ids.EVIDENCE,
                "How do you know?",
                multiline=True,
                hint="Your earlier answer stays in the history.",
                placeholder="A few words, or a link",
            ),
        ],
        callback_id=ids.NEW_ANSWER,
        submit="Send",
        metadata=metadata,
    )


def ask_another_form(assumption: Assumption, *, metadata: str) -> View:
    return modal(
        "Ask someone else",
        [
            said(assumption.statement, limit=300),
            user_select(ids.WHO, "Who can tell?", hint="I ask them instead of you."),
        ],
        callback_id=ids.ASK_ANOTHER,
        submit="Ask them",
        metadata=metadata,
    )


def remind_form(assumption: Assumption, *, metadata: str) -> View:
    options = _LATER if assumption.validate_by is not None else _LATER[:2]
    return modal(
        "Remind me later",
        [
            said(assumption.statement, limit=300),
            select(ids.WHEN, "When?", options, initial="tomorrow"),
        ],
        callback_id=ids.REMIND_LATER,
        submit="Remind me",
        metadata=metadata,
    )


def ask_owner_form(assumption: Assumption, *, metadata: str) -> View:
    """A question to the owner, whose words come back to the one who asked."""
    return modal(
        "Ask the owner",
        [
            section(f"I bring your question to {person(assumption.owner)}, and the reply to you."),
            said(assumption.statement, limit=300),
            *_permalink(assumption),
            text_input(
                ids.TEXT,
                "What would you like to know?",
                multiline=True,
                placeholder="Which of the two contracts do you mean?",
            ),
        ],
        callback_id=ids.ASK_OWNER,
        submit="Send",
        metadata=metadata,
    )


def _permalink(assumption: Assumption) -> list[Block]:
    where = link(assumption.permalink, "where it was said") if assumption.permalink else ""
    return [context(where)] if where else []


def owner_was_asked(to: UserId | ChannelId) -> View:
    """Say where the question went: to the owner, or to whoever stands in."""
    who = person(UserId(to)) if is_person(to) else "The project's channel"
    return modal(
        "Ask the owner",
        [
            section(
                f"{who} has your question. The reply comes here as a message; until "
                "then you can still answer."
            )
        ],
    )


def reminded(at: datetime) -> View:
    return modal("Remind me later", [section(f"I ask you again {moment(at)}.")])


def already_answered(given: Validation, *, is_own: bool) -> str:
    """What a second click, or a click on an old copy, is told."""
    who = "You" if is_own else person(given.by)
    return (
        f"{who} answered this already: *{ANSWER_WORDS[given.answer]}*, {moment(given.at)}. "
        "Nothing was changed."
    )
