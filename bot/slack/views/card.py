"""How an assumption looks, in its project's channel and wherever else it is shown."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption, Impact, Status
from bot.domain.setback import Setback
from bot.domain.trace import Role, Trace
from bot.domain.validation import Answer, Validation
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.parts import (
    QUOTE_MAX,
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    day,
    labelled,
    link,
    message,
    moment_day,
    people,
    person,
    quoted,
    read_all_button,
    said,
    section,
)
from bot.usecases.contents import CardContent

IMPACT_WORDS = {
    Impact.LOW: "low impact",
    Impact.MEDIUM: "medium impact",
    Impact.HIGH: "high impact",
    Impact.CRITICAL: "critical: load-bearing",
}
ANSWER_WORDS = {
    Answer.HOLDS: "still true",
    Answer.FAILS: "not true",
    Answer.UNSURE: "it depends",
}
_ANSWER_MARKS = {Answer.HOLDS: "✅", Answer.FAILS: "❌", Answer.UNSURE: "⚖️"}
_ANSWERS_SHOWN = 5
_TRACES_SHOWN = 3


def card(content: CardContent) -> Message:
    """The one message about an assumption; it is edited in place for ever."""
    assumption = content.assumption
    standing = standing_line(assumption, now=content.now, is_contested=content.is_contested)
    blocks = [
        section(f"*{assumption.key}*  ·  {standing}"),
        said(assumption.statement),
        context(*facts(assumption)),
        *_consequence(assumption),
        *_asked(assumption),
        *answer_blocks(content.validations),
        *trace_blocks(content.traces),
        actions(*_buttons(assumption)),
    ]
    return message(f"{assumption.key}: {clip_escaped(assumption.statement, 200)}", blocks)


def standing_line(assumption: Assumption, *, now: datetime, is_contested: bool = False) -> str:
    """Say in a few words how the assumption stands at `now`."""
    if assumption.status is Status.RETIRED:
        return "🗃️ No longer tracked"
    if is_contested:
        return f"⚖️ Answers differ: {person(assumption.owner)} decides"
    if assumption.status is Status.REFUTED:
        return "❌ Not true"
    if assumption.is_stale(now):
        return "🕰️ Was confirmed, and the answer has expired"
    if assumption.valid_until is not None:
        return f"✅ Confirmed until {moment_day(assumption.valid_until)}"
    return "⏳ Nobody has confirmed this yet"


def facts(assumption: Assumption) -> list[str]:
    """The short facts of one line: owner, impact, date, confidence, where it was said."""
    confidence = assumption.confidence_percent
    return [
        f"Owner {person(assumption.owner)}",
        IMPACT_WORDS[assumption.impact],
        f"needed by {day(assumption.validate_by)}" if assumption.validate_by else "",
        f"{confidence} % sure" if confidence is not None else "",
        link(assumption.permalink, "where it was said") if assumption.permalink else "",
        _words("services", assumption.services),
        _words("tags", assumption.tags),
    ]


def _words(label: str, words: Sequence[str]) -> str:
    return f"{label}: {clip_escaped(', '.join(words), 150)}" if words else ""


def _consequence(assumption: Assumption) -> list[Block]:
    if not assumption.consequence:
        return []
    return [labelled("If it is wrong:", assumption.consequence, limit=300)]


def _asked(assumption: Assumption) -> list[Block]:
    asked = [p.user for p in assumption.stakeholders if not (p.is_released or p.is_backup)]
    if not asked:
        return [context("Nobody is asked yet. *Edit* names somebody who can tell.")]
    return [context(f"Asked: {people(asked)}")]


def answer_blocks(validations: Sequence[Validation]) -> list[Block]:
    """One line for each answer, with its evidence; nobody is notified, since it is an edit."""
    blocks = []
    for given in validations[:_ANSWERS_SHOWN]:
        is_own = "  (about their own)" if given.is_self_validated else ""
        blocks.append(
            context(
                f"{_ANSWER_MARKS[given.answer]} {person(given.by)}: "
                f"*{ANSWER_WORDS[given.answer]}*{is_own}, {moment_day(given.at)}"
                + (f"  {quoted(given.evidence, 200)}" if given.evidence else "")
            )
        )
    return blocks


def trace_blocks(traces: Sequence[tuple[Trace, Setback]]) -> list[Block]:
    return [
        context(
            f"⚠️ {'Caused' if trace.role is Role.CAUSED else 'Contributed to'} {setback.kind} "
            f"#{setback.number}: {quoted(setback.text)}"
        )
        for trace, setback in traces[:_TRACES_SHOWN]
    ]


def _buttons(assumption: Assumption) -> list[Element]:
    key = str(assumption.key)
    elements = [
        button("Details", ids.SHOW, key),
        *read_all_button(assumption.statement, ids.READ_ALL, key, limit=QUOTE_MAX),
    ]
    if assumption.status is not Status.RETIRED:
        elements.append(button("Edit", ids.EDIT, key))
        elements.append(button("Retire", ids.RETIRE, key))
    return elements
