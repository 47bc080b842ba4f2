"""What happened to one assumption, as a person would tell it: the newest first, in pages."""

from collections.abc import Iterator
from datetime import date, datetime

from bot.domain.assumption import Impact
from bot.domain.chain import PASSED_ON
from bot.domain.history import (
    Answered,
    AnswerUndone,
    Asked,
    ContestDecided,
    DependencyChanged,
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
    SplitOff,
    StakeholderAdded,
    StakeholderReleased,
    WentUnanswered,
)
from bot.domain.ids import UserId
from bot.domain.prompt import Prompt, PromptKind
from bot.domain.setback import Setback
from bot.domain.text import listed
from bot.domain.trace import Role, Trace
from bot.domain.validation import Answer
from bot.slack.text import clip_escaped
from bot.slack.views.card import ANSWER_WORDS, IMPACT_WORDS
from bot.slack.views.parts import Block, context, day, moment, people, person, quoted, said
from bot.usecases.assumption_show import Shown

PAGE = 12  # entries, each of at most two blocks
_EVIDENCE_WHOLE = 18_000  # characters, as Slack counts them: `&` is five
_SHORT_EVIDENCE = 200
_CHANGED_MAX = 150
_CHANGES_SHOWN = 6
_BOT = "Still True?"
_TOLD = {1: "its owner", 2: "the project's lead", 3: "the project's channel"}

Entry = tuple[datetime, int, list[Block]]  # when, which of several at one moment, what is shown


def timeline(shown: Shown, *, is_whole: bool = True) -> list[list[Block]]:
    """Return an entry for each thing that happened, the newest first.

    Beside the history there stand what went out when nobody answered, and what was traced to it.
    Unless it `is_whole`, of long evidence there is only the beginning.
    """
    entries = [*_of_events(shown, is_whole=is_whole), *_of_prompts(shown), *_of_traces(shown)]
    entries.sort(key=lambda entry: entry[:2], reverse=True)
    return [blocks for _, _, blocks in entries]


def has_long_evidence(event: Event) -> bool:
    """Whether its line shows only the beginning of what the answer was based on."""
    return isinstance(event.what, Answered) and len(event.what.evidence) > _SHORT_EVIDENCE


def _of_events(shown: Shown, *, is_whole: bool) -> Iterator[Entry]:
    for event in shown.events:
        blocks = [context(event_line(event))]
        if is_whole and isinstance(event.what, Answered) and has_long_evidence(event):
            blocks.append(said(event.what.evidence, limit=_EVIDENCE_WHOLE))
        yield event.at, event.seq, blocks


def _of_prompts(shown: Shown) -> Iterator[Entry]:
    """What told somebody of a silence or an expired answer; questions are in the history."""
    for prompt in shown.prompts:
        told = _told(prompt)
        if told and prompt.sent_at is not None:
            yield prompt.sent_at, 0, [context(f"{moment(prompt.sent_at)}  {_BOT} {told}")]


def _told(prompt: Prompt) -> str:
    who = person(prompt.key.stakeholder)
    match prompt.key.kind:
        case PromptKind.ESCALATE:
            to = _TOLD.get(prompt.key.attempt, "the project's channel")
            return f"told {to} that {who} has not answered"
        case PromptKind.STALE:
            return f"told its owner that {who}'s answer has expired"
        case PromptKind.MEASURE:
            return f"asked {who} what the figure came to"
        case _:
            return ""


def _of_traces(shown: Shown) -> Iterator[Entry]:
    for trace, setback in shown.traces:
        if trace.decided_at is not None:
            line = f"{moment(trace.decided_at)}  {_traced(trace, setback)}"
            yield trace.decided_at, 0, [context(line)]


def _traced(trace: Trace, setback: Setback) -> str:
    by = person(trace.decided_by) if trace.decided_by else _BOT
    verb = "caused" if trace.role is Role.CAUSED else "contributed to"
    late = ", and that it was first written down afterwards" if trace.is_unlogged else ""
    return f"{by} said that it {verb} {setback.kind} #{setback.number} {quoted(setback.text)}{late}"


def event_line(event: Event) -> str:
    """One line of the history: when, who, what."""
    by = person(event.by) if event.by is not None else _BOT
    if isinstance(event.what, Logged) and event.what.by_workflow:
        by = f"A workflow for {by}"
    return f"{moment(event.at)}  {by} {_happened(event.what)}"


def _happened(what: Happening) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each kind
    match what:
        case Logged():
            asked = f"; to be asked: {people(what.stakeholders)}" if what.stakeholders else ""
            return f"logged it, {IMPACT_WORDS[what.impact]}{asked}"
        case Edited():
            anew = "; who confirmed it is asked again" if what.asks_anew else ""
            return f"changed {_changes(what)}{anew}"
        case Asked(kind=PromptKind.ASK):
            return f"asked {person(what.stakeholder)}"
        case Asked(kind=PromptKind.REMIND):
            return f"reminded {person(what.stakeholder)} ({what.attempt})"
        case Asked(kind=PromptKind.REFRESH):
            return f"asked {person(what.stakeholder)} again, before the answer expired"
        case Asked():
            return f"told that {person(what.stakeholder)} has not answered"
        case Answered():
            return _answered(what)
        case AnswerUndone():
            return "took the answer back"
        case StakeholderAdded(reason=reason) if reason == PASSED_ON:
            return f"passed the question on to {person(what.stakeholder)}"
        case StakeholderAdded():
            as_backup = " as the backup" if what.is_backup else ""
            return f"added {person(what.stakeholder)}{as_backup}{_because(what.reason)}"
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
            return f"could ask nobody until {moment(what.until)}, so no answer grew older meanwhile"
        case DependencyChanged():
            verb = "said that it depends" if what.depends else "said that it no longer depends"
            return f"{verb} on {clip_escaped(what.on, 40)}"
        case SplitOff():
            return f"split it off {clip_escaped(what.whole, 40)}"
        case Retired():
            return f"retired it{_because(what.reason)}"


def _answered(what: Answered) -> str:
    own = " about their own" if what.is_self_validated else ""
    evidence = f": {quoted(what.evidence, _SHORT_EVIDENCE)}" if what.evidence else ""
    until = f", good until {day(what.valid_until.date())}" if what.valid_until else ""
    return f"answered *{ANSWER_WORDS[what.answer]}*{own}{until}{evidence}"


def _changes(what: Edited) -> str:
    """Each field with what it said before and what it says now."""
    told = [
        f"{field.replace('_', ' ')} from {_value(field, before)} to {_value(field, after)}"
        for field, before, after in what.changes[:_CHANGES_SHOWN]
    ]
    if len(what.changes) > _CHANGES_SHOWN:
        told.append(f"{len(what.changes) - _CHANGES_SHOWN} more fields")
    return listed(told)


def _value(field: str, text: str) -> str:
    """A field's value as its history keeps it: a text."""
    if not text:
        return "nothing"
    if field == "owner":
        return person(UserId(text)) if text.isalnum() else quoted(text, _CHANGED_MAX)
    if field == "validate_by":
        return _day(text)
    if field == "impact" and text in set(Impact):
        return IMPACT_WORDS[Impact(text)]
    return quoted(text, _CHANGED_MAX)


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return quoted(text, _CHANGED_MAX)


def _because(reason: str) -> str:
    return f" ({clip_escaped(reason, 150)})" if reason else ""
