"""Everything about one assumption, with its history."""

from datetime import datetime

from bot.domain.assumption import Status
from bot.domain.history import (
    Answered,
    AnswerUndone,
    Asked,
    Edited,
    Event,
    Happening,
    Logged,
    Retired,
    StakeholderAdded,
    StakeholderReleased,
    WentUnanswered,
)
from bot.domain.prompt import Prompt, PromptKind, PromptState
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import ANSWER_WORDS, IMPACT_WORDS, facts, standing_line, trace_blocks
from bot.slack.views.parts import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    labelled,
    message,
    modal,
    moment,
    person,
    quoted,
    said,
    section,
)
from bot.usecases.assumption import Shown

_EVENTS_SHOWN = 20
_PROMPTS_SHOWN = 5


def details_blocks(shown: Shown, *, now: datetime) -> list[Block]:
    """Everything about one assumption, newest history first."""
    assumption = shown.assumption
    blocks: list[Block] = [
        section(f"*{assumption.key}*  ·  {standing_line(assumption, now=now)}"),
        said(assumption.statement),
        context(*facts(assumption)),
    ]
    if assumption.consequence:
        blocks.append(labelled("If it is wrong:", assumption.consequence, limit=300))
    blocks += trace_blocks(shown.traces)
    coming = [p for p in shown.prompts if p.state is PromptState.PLANNED][:_PROMPTS_SHOWN]
    if coming:
        blocks += [divider(), section("*Coming up*"), *[context(_prompt(p)) for p in coming]]
    blocks += [divider(), section("*What happened*")]
    recent = list(reversed(shown.events))
    blocks += [context(event_line(event)) for event in recent[:_EVENTS_SHOWN]]
    if len(recent) > _EVENTS_SHOWN:
        blocks.append(context(f"and {len(recent) - _EVENTS_SHOWN} earlier"))
    return blocks


def details(shown: Shown, *, now: datetime) -> View:
    return modal(f"{shown.assumption.key}", details_blocks(shown, now=now))


def details_message(shown: Shown, *, now: datetime) -> Message:
    key = str(shown.assumption.key)
    elements = [button("Read it all", ids.READ_ALL, key)]
    if shown.assumption.status is not Status.RETIRED:
        elements += [button("Edit", ids.EDIT, key), button("Retire", ids.RETIRE, key)]
    blocks = [*details_blocks(shown, now=now), actions(*elements)]
    return message(f"{key}: {clip_escaped(shown.assumption.statement, 200)}", blocks)


_PROMPT_WORDS = {
    PromptKind.ASK: "ask",
    PromptKind.REMIND: "remind",
    PromptKind.REFRESH: "ask again",
    PromptKind.ESCALATE: "tell that there is no answer from",
    PromptKind.STALE: "tell that the answer has expired:",
}


def _prompt(prompt: Prompt) -> str:
    who = person(prompt.key.stakeholder)
    return f"{moment(prompt.due_at)}: {_PROMPT_WORDS[prompt.key.kind]} {who} ({prompt.reason})"


def event_line(event: Event) -> str:
    """One line of the history, as a person would tell it."""
    by = person(event.by) if event.by is not None else "Still True?"
    return f"{moment(event.at)}  {by} {_happened(event.what)}"


def _happened(what: Happening) -> str:  # noqa: C901, PLR0911 - one line for each kind
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
            evidence = f": {quoted(what.evidence, 200)}" if what.evidence else ""
            return f"answered *{ANSWER_WORDS[what.answer]}*{evidence}"
        case AnswerUndone():
            return "took the answer back"
        case StakeholderAdded():
            return f"added {person(what.stakeholder)}{_because(what.reason)}"
        case StakeholderReleased():
            return f"no longer asks {person(what.stakeholder)}{_because(what.reason)}"
        case WentUnanswered():
            return f"counted a silence: {person(what.stakeholder)} did not answer"
        case Retired():
            return f"retired it{_because(what.reason)}"


def _because(reason: str) -> str:
    return f" ({clip_escaped(reason, 150)})" if reason else ""
