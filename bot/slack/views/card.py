"""How an assumption looks, in its project's channel and wherever else it is shown."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from bot.domain.assumption import Assumption, Expected, Impact, Status
from bot.domain.ids import UserId
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
    at_most_eight,
    button,
    called,
    context,
    day,
    labelled,
    link,
    message,
    moment_day,
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
SHARED = "🔗 This channel is shared with another company: they read this too."
_ANSWERS_SHOWN = 5
_NO_NAMES: Mapping[UserId, str] = MappingProxyType({})
_TRACES_SHOWN = 3


def card(content: CardContent) -> Message:
    """The one message about an assumption; it is edited in place for ever.

    Its people are named and not mentioned, since it is posted at any hour, once more where somebody
    deleted it.
    """
    assumption = content.assumption
    decides = called(assumption.owner, content.names) if content.is_contested else ""
    standing = standing_line(assumption, now=content.now, decides=decides)
    blocks = [
        section(f"*{assumption.key}*  ·  {standing}"),
        said(assumption.statement),
        context(*facts(assumption, names=content.names), *_logged_by_workflow(content)),
        *_consequence(assumption),
        *measure_blocks(assumption),
        *risk_blocks(assumption, today=content.now.date()),
        *_asked(assumption, content.names),
        *answer_blocks(content.validations, gone=content.gone, names=content.names),
        *trace_blocks(content.traces),
        *([context(SHARED)] if content.is_shared else []),
        actions(*_buttons(content)),
    ]
    return message(f"{assumption.key}: {clip_escaped(assumption.statement, 200)}", blocks)


def standing_line(  # noqa: PLR0911 - one line for each way to stand
    assumption: Assumption, *, now: datetime, decides: str = ""
) -> str:
    """Say in a few words how the assumption stands at `now`.

    `decides` is the name of who decides where answers differ; empty where they do not.
    """
    if assumption.status is Status.RETIRED:
        return "🗃️ No longer tracked"
    if decides:
        return f"⚖️ Answers differ: {decides} decides"
    if assumption.status is Status.REFUTED:
        return "❌ Not true"
    if assumption.accepted is not None and assumption.is_accepted(now.date()):
        return f"🤝 Not confirmed: the risk is accepted until {day(assumption.accepted.until)}"
    if assumption.is_stale(now):
        return "🕰️ Was confirmed, and the answer has expired"
    if assumption.valid_until is not None:
        return f"✅ Confirmed until {moment_day(assumption.valid_until)}"
    return "⏳ Nobody has confirmed this yet"


def is_doubtful(assumption: Assumption, *, now: datetime) -> bool:
    """Whether there is a risk to accept: nobody confirmed it, and nobody has accepted it yet."""
    is_open_to_doubt = assumption.status is Status.UNVALIDATED or assumption.is_stale(now)
    return is_open_to_doubt and not assumption.is_accepted(now.date())


def needed_words(assumption: Assumption, *, today: date | None) -> str:
    """By when an answer helps, or that the day has passed.

    `today` None: in what is not drawn anew each day, which says the day alone.
    """
    by = assumption.validate_by
    if by is None:
        return ""
    if today is None or by >= today:
        return f"needed by {day(by)}"
    is_late = assumption.status is Status.UNVALIDATED
    return f"{'⏰ overdue since' if is_late else 'was needed by'} {day(by)}"


def facts(
    assumption: Assumption,
    *,
    names: Mapping[UserId, str] | None = None,
    today: date | None = None,
) -> list[str]:
    """The short facts of one line: owner, impact, date, confidence, where it was said.

    Whoever is among the `names` is not mentioned; `today` as `needed_words` takes it.
    """
    confidence = assumption.confidence_percent
    return [
        f"Owner {called(assumption.owner, names or {})}",
        IMPACT_WORDS[assumption.impact],
        needed_words(assumption, today=today),
        f"{confidence} % sure" if confidence is not None else "",
        link(assumption.permalink, "where it was said") if assumption.permalink else "",
        _words("services", assumption.services),
        _words("tags", assumption.tags),
    ]


def _logged_by_workflow(content: CardContent) -> list[str]:
    if not content.by_workflow:
        return []
    return [f"logged by a workflow for {called(content.assumption.logged_by, content.names)}"]


def _words(label: str, words: Sequence[str]) -> str:
    return f"{label}: {clip_escaped(', '.join(words), 150)}" if words else ""


def _consequence(assumption: Assumption) -> list[Block]:
    if not assumption.consequence:
        return []
    return [labelled("If it is wrong:", assumption.consequence, limit=300)]


def expected_words(expected: Expected) -> str:
    """Say "3 engineer-weeks, checked on Friday 1 May 2026"; the unit is as typed."""
    return f"{expected.figure:f} {expected.unit}, checked on {day(expected.check_on)}"


def measure_blocks(assumption: Assumption) -> list[Block]:
    """Expected against actual."""
    if assumption.expected is None:
        return []
    blocks = [labelled("Expected:", expected_words(assumption.expected), limit=200)]
    if assumption.actual is not None:
        came_to = f"{assumption.actual:f} {assumption.expected.unit}"
        blocks.append(labelled("Actual:", came_to, limit=200))
    return blocks


def risk_blocks(assumption: Assumption, *, today: date) -> list[Block]:
    """Why somebody lives with it, while they do."""
    if assumption.accepted is None or not assumption.is_accepted(today):
        return []
    return [labelled("Accepted because:", assumption.accepted.reason, limit=300)]


def _asked(assumption: Assumption, names: Mapping[UserId, str]) -> list[Block]:
    asked = [p.user for p in assumption.stakeholders if not (p.is_released or p.is_backup)]
    if not asked and assumption.status is Status.RETIRED:
        return []
    if not asked:
        return [context(f"{nobody_asked(assumption)} *Edit* names somebody who can tell.")]
    return [context(f"Asked: {at_most_eight([called(user, names) for user in asked])}")]


def nobody_asked(assumption: Assumption) -> str:
    """The sentence where nobody is asked: those who were may have been released."""
    return f"Nobody is asked {'any more' if assumption.stakeholders else 'yet'}."


def answer_blocks(
    validations: Sequence[Validation],
    *,
    gone: Collection[UserId] = (),
    names: Mapping[UserId, str] = _NO_NAMES,
) -> list[Block]:
    """One line for each answer, with its evidence.

    `gone` are those who have left since; whoever is among the `names` is not mentioned.
    """
    blocks = []
    for given in validations[:_ANSWERS_SHOWN]:
        is_own = "  (about their own)" if given.is_self_validated else ""
        has_left = "  (has left since)" if given.by in gone else ""
        blocks.append(
            context(
                f"{_ANSWER_MARKS[given.answer]} {called(given.by, names)}: "
                f"*{ANSWER_WORDS[given.answer]}*{is_own}{has_left}, {moment_day(given.at)}"
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


def _buttons(content: CardContent) -> list[Element]:
    assumption = content.assumption
    key = str(assumption.key)
    decide = [button("Decide", ids.DECIDE, key, style="primary")] if content.is_contested else []
    elements = [
        *decide,
        button("Details", ids.SHOW, key),
        *read_all_button(assumption.statement, ids.READ_ALL, key, limit=QUOTE_MAX),
    ]
    if assumption.status is not Status.RETIRED:
        elements.append(button("Edit", ids.EDIT, key))
        if is_doubtful(assumption, now=content.now):
            elements.append(button("Accept the risk", ids.ACCEPT, key))
        elements.append(button("Retire", ids.RETIRE, key))
    return elements
