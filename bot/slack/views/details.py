"""Everything about one assumption, with its history."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption, Status
from bot.domain.history import (
    Answered,
    AnswerUndone,
    Asked,
    ContestDecided,
    Edited,
    Event,
    Happening,
    Logged,
    Measured,
    OutageCounted,
    OwnerAsked,
    OwnerReplied,
    Retired,
    RiskAccepted,
    StakeholderAdded,
    StakeholderReleased,
    WentUnanswered,
)
from bot.domain.prompt import Prompt, PromptKind, PromptState
from bot.domain.validation import Answer
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import (
    ANSWER_WORDS,
    IMPACT_WORDS,
    facts,
    measure_blocks,
    risk_blocks,
    standing_line,
    trace_blocks,
)
from bot.slack.views.parts import (
    MESSAGE_BLOCKS_MAX,
    QUOTE_MAX,
    Block,
    Message,
    View,
    actions,
    button,
    context,
    day,
    divider,
    labelled,
    message,
    modal,
    moment,
    person,
    quoted,
    read_all_button,
    said,
    section,
)
from bot.usecases.assumption import Shown
from bot.usecases.due import Upcoming

_EVENTS_SHOWN = 20
_WHOLE = 3000  # characters: as much as a form holds
_SHORT_EVIDENCE = 200
_PROMPTS_SHOWN = 5
_DEPENDENCIES_SHOWN = 8


def details_blocks(shown: Shown, *, now: datetime, coming: Upcoming | None = None) -> list[Block]:
    """Everything about one assumption, newest history first; `coming` is what happens next."""
    assumption = shown.assumption
    blocks: list[Block] = [
        section(f"*{assumption.key}*  ·  {standing_line(assumption, now=now)}"),
        said(assumption.statement),
        context(*facts(assumption)),
    ]
    if assumption.consequence:
        blocks.append(labelled("If it is wrong:", assumption.consequence, limit=_WHOLE))
    blocks += measure_blocks(assumption)
    blocks += risk_blocks(assumption, today=now.date())
    blocks += trace_blocks(shown.traces)
    blocks += _dependency_blocks("Depends on", shown.foundations, now=now)
    blocks += _dependency_blocks("What depends on it", shown.dependants, now=now)
    blocks += _coming_up(shown, coming)
    blocks += [divider(), section("*What happened*")]
    recent = list(reversed(shown.events))
    for event in recent[:_EVENTS_SHOWN]:
        blocks += _event_blocks(event)
    if len(recent) > _EVENTS_SHOWN:
        blocks.append(context(f"and {len(recent) - _EVENTS_SHOWN} earlier"))
    return blocks


def _dependency_blocks(title: str, others: Sequence[Assumption], *, now: datetime) -> list[Block]:
    """Each of them with how it stands; more than a few are counted."""
    if not others:
        return []
    lines = [
        f"{one.key}  {quoted(one.statement)}  ·  {standing_line(one, now=now)}"
        for one in others[:_DEPENDENCIES_SHOWN]
    ]
    if len(others) > _DEPENDENCIES_SHOWN:
        lines.append(f"and {len(others) - _DEPENDENCIES_SHOWN} more")
    return [section("\n".join([f"*{title}*", *lines]))]


def _coming_up(shown: Shown, coming: Upcoming | None) -> list[Block]:
    """What happens next, when and why then; below it what is planned for later."""
    later = [
        p
        for p in shown.prompts
        if p.state is PromptState.PLANNED and (coming is None or p.key != coming.prompt.key)
    ]
    blocks = [context(_prompt(one, at=one.due_at, why=one.reason)) for one in later]
    if coming is not None:
        line = _prompt(coming.prompt, at=coming.at, why=coming.why)
        blocks.insert(0, section(f"*Next:* {line}"))
    if not blocks:
        return []
    return [divider(), section("*Coming up*"), *blocks[:_PROMPTS_SHOWN]]


def _event_blocks(event: Event) -> list[Block]:
    """One line, and below it a long evidence in full."""
    line = [context(event_line(event))]
    if isinstance(event.what, Answered) and len(event.what.evidence) > _SHORT_EVIDENCE:
        line.append(said(event.what.evidence, limit=6 * _WHOLE))  # `&` counts five
    return line


def details(shown: Shown, *, now: datetime, coming: Upcoming | None = None) -> View:
    """The page of one assumption; what does not fit on it is a click away."""
    key = str(shown.assumption.key)
    rest = read_all_button(shown.assumption.statement, ids.READ_ALL, key, limit=QUOTE_MAX)
    found = details_blocks(shown, now=now, coming=coming)
    return modal(key, [*found, *([actions(*rest)] if rest else [])])


def details_message(shown: Shown, *, now: datetime, coming: Upcoming | None = None) -> Message:
    key = str(shown.assumption.key)
    statement = shown.assumption.statement
    elements = read_all_button(statement, ids.READ_ALL, key, limit=QUOTE_MAX)
    if shown.assumption.status is not Status.RETIRED:
        elements += [button("Edit", ids.EDIT, key), button("Retire", ids.RETIRE, key)]
    found = details_blocks(shown, now=now, coming=coming)[: MESSAGE_BLOCKS_MAX - 1]
    blocks = [*found, actions(*elements)] if elements else found
    return message(f"{key}: {clip_escaped(shown.assumption.statement, 200)}", blocks)


_PROMPT_WORDS = {
    PromptKind.ASK: "ask",
    PromptKind.REMIND: "remind",
    PromptKind.REFRESH: "ask again",
    PromptKind.ESCALATE: "tell that there is no answer from",
    PromptKind.STALE: "tell that the answer has expired:",
}


def _prompt(prompt: Prompt, *, at: datetime, why: str) -> str:
    """One line; the moment is shown in the reader's own zone."""
    who = person(prompt.key.stakeholder)
    return f"{moment(at)}: {_PROMPT_WORDS[prompt.key.kind]} {who} ({clip_escaped(why, 300)})"


def event_line(event: Event) -> str:
    """One line of the history, as a person would tell it."""
    by = person(event.by) if event.by is not None else "Still True?"
    return f"{moment(event.at)}  {by} {_happened(event.what)}"


def _happened(what: Happening) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each kind
    match what:
        case Logged():
            return f"logged it, {IMPACT_WORDS[what.impact]}"
        case Edited():
            changed = ", ".join(field.replace("_", " ") for field, _, _ in what.changes)
            return f"changed {changed}"
        case Asked(kind=PromptKind.ASK):
            return f"asked {person(what.stakeholder)}"
        case Asked(kind=PromptKind.REMIND):
            return f"reminded {person(what.stakeholder)}"
        case Asked(kind=PromptKind.REFRESH):
            return f"asked {person(what.stakeholder)} again"
        case Asked():
            return f"told that {person(what.stakeholder)} has not answered"
        case Answered():
            evidence = f": {quoted(what.evidence, _SHORT_EVIDENCE)}" if what.evidence else ""
            return f"answered *{ANSWER_WORDS[what.answer]}*{evidence}"
        case AnswerUndone():
            return "took the answer back"
        case StakeholderAdded():
            return f"added {person(what.stakeholder)}{_because(what.reason)}"
        case StakeholderReleased():
            return f"no longer asks {person(what.stakeholder)}{_because(what.reason)}"
        case WentUnanswered():
            return f"counted a silence: {person(what.stakeholder)} did not answer"
        case OwnerAsked():
            return f"asked its owner: {quoted(what.text, _SHORT_EVIDENCE)}"
        case OwnerReplied():
            return f"replied: {quoted(what.text, _SHORT_EVIDENCE)}"
        case RiskAccepted():
            return f"lives with the risk until {day(what.until)}{_because(what.reason)}"
        case ContestDecided():
            word = ANSWER_WORDS[Answer.HOLDS if what.holds else Answer.FAILS]
            return f"decided: *{word}*{_because(what.reason)}"
        case Measured():
            return f"measured {clip_escaped(what.actual, 40)}{_because(what.note)}"
        case OutageCounted():
            return "left out a time in which nobody could be asked"
        case Retired():
            return f"retired it{_because(what.reason)}"


def _because(reason: str) -> str:
    return f" ({clip_escaped(reason, 150)})" if reason else ""
