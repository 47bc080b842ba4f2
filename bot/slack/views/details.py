"""Everything about one assumption, with its history."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption, Status
from bot.domain.prompt import Prompt, PromptKind, PromptState
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import (
    facts,
    measure_blocks,
    nobody_asked,
    risk_blocks,
    standing_line,
    trace_blocks,
)
from bot.slack.views.parts import (
    MESSAGE_BLOCKS_MAX,
    QUOTE_MAX,
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    is_clipped,
    labelled,
    message,
    modal,
    moment,
    people,
    person,
    quoted,
    read_all_button,
    said,
    section,
)
from bot.slack.views.timeline import PAGE, has_long_evidence, timeline
from bot.usecases.assumption_show import Shown
from bot.usecases.due import Upcoming

_WHOLE = 3000  # characters: as much as a form holds
_PROMPTS_SHOWN = 5
_DEPENDENCIES_SHOWN = 8


def _details_blocks(
    shown: Shown, *, now: datetime, coming: Upcoming | None, page: int, is_whole: bool
) -> list[Block]:
    """Everything about one assumption, newest history first; `coming` is what happens next.

    Further pages hold nothing but history. Unless it `is_whole`, long texts are cut.
    """
    assumption = shown.assumption
    blocks: list[Block] = [
        section(f"*{assumption.key}*  ·  {standing_line(assumption, now=now)}"),
        said(assumption.statement),
    ]
    if page == 0:
        blocks += _facts(shown, now=now, coming=coming, is_whole=is_whole)
    return [*blocks, divider(), *_history(shown, page, is_whole=is_whole)]


def _facts(shown: Shown, *, now: datetime, coming: Upcoming | None, is_whole: bool) -> list[Block]:
    assumption = shown.assumption
    asked = [p.user for p in assumption.stakeholders if not (p.is_released or p.is_backup)]
    blocks = [
        context(*facts(assumption, today=now.date())),
        context(f"Asked: {people(asked)}" if asked else nobody_asked(assumption)),
    ]
    if assumption.consequence:
        limit = _WHOLE if is_whole else QUOTE_MAX
        blocks.append(labelled("If it is wrong:", assumption.consequence, limit=limit))
    blocks += measure_blocks(assumption)
    blocks += risk_blocks(assumption, today=now.date())
    blocks += trace_blocks(shown.traces)
    blocks += _dependency_blocks("Depends on", shown.foundations, now=now)
    blocks += _dependency_blocks("What depends on it", shown.dependants, now=now)
    return blocks + _coming_up(shown, coming)


def _history(shown: Shown, page: int, *, is_whole: bool) -> list[Block]:
    """One page of what happened, with the ways to the others; a page that is gone is the last."""
    entries = timeline(shown, is_whole=is_whole)
    last = max(0, len(entries) - 1) // PAGE
    page = min(page, last)
    first = page * PAGE
    blocks = [block for entry in entries[first : first + PAGE] for block in entry]
    where = f"  ·  {first + 1} to {min(first + PAGE, len(entries))} of {len(entries)}"
    ways: list[Element] = []
    key = shown.assumption.key
    if page > 0:
        ways.append(button("Newer", ids.HISTORY_NEWER, str(ids.HistoryRef(key, page - 1))))
    if page < last:
        ways.append(button("Earlier", ids.HISTORY_OLDER, str(ids.HistoryRef(key, page + 1))))
    title = section(f"*What happened*{where if last else ''}")
    return [title, *blocks, *([actions(*ways)] if ways else [])]


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


def details(shown: Shown, *, now: datetime, coming: Upcoming | None = None, page: int = 0) -> View:
    """The page of one assumption; what does not fit on it is a click away."""
    key = str(shown.assumption.key)
    rest = read_all_button(shown.assumption.statement, ids.READ_ALL, key, limit=QUOTE_MAX)
    found = _details_blocks(shown, now=now, coming=coming, page=page, is_whole=True)
    return modal(key, [*found, *([actions(*rest)] if rest else [])])


def details_message(
    shown: Shown, *, now: datetime, coming: Upcoming | None = None, page: int = 0
) -> Message:
    """The same as a message, of which Slack posts 13,000 characters at most."""
    key = str(shown.assumption.key)
    statement = shown.assumption.statement
    elements = read_all_button(statement, ids.READ_ALL, key, limit=QUOTE_MAX)
    if is_clipped(shown.assumption.consequence) or any(map(has_long_evidence, shown.events)):
        elements.append(button("Details", ids.SHOW, key))
    if shown.assumption.status is not Status.RETIRED:
        elements += [button("Edit", ids.EDIT, key), button("Retire", ids.RETIRE, key)]
    found = _details_blocks(shown, now=now, coming=coming, page=page, is_whole=False)
    found = found[: MESSAGE_BLOCKS_MAX - 1]
    blocks = [*found, actions(*elements)] if elements else found
    return message(f"{key}: {clip_escaped(shown.assumption.statement, 200)}", blocks)


_PROMPT_WORDS = {
    PromptKind.ASK: "ask",
    PromptKind.REMIND: "remind",
    PromptKind.REFRESH: "ask again",
    PromptKind.ESCALATE: "tell that there is no answer from",
    PromptKind.STALE: "tell that the answer has expired:",
    PromptKind.MEASURE: "ask what the figure came to:",
}


def _prompt(prompt: Prompt, *, at: datetime, why: str) -> str:
    """One line; the moment is shown in the reader's own zone."""
    who = person(prompt.key.stakeholder)
    return f"{moment(at)}: {_PROMPT_WORDS[prompt.key.kind]} {who} ({clip_escaped(why, 300)})"
