"""App Home: what I am asked, what I rely on, how my projects do, and how to begin.

At most 70 blocks of the 100 that Slack allows; the rest of each list is a page away. Names are
mentions here, as in lists and forms: nobody is notified by them, and Slack shows what the person
is called today.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.assumption import Assumption
from bot.domain.home import Counts, Health, HomePlace
from bot.domain.setback import Setback
from bot.slack import ids
from bot.slack.names import CommandNames
from bot.slack.text import clip_escaped
from bot.slack.views.card import IMPACT_WORDS, needed_words, standing_line
from bot.slack.views.me import hours_line
from bot.slack.views.parts import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    header,
    moment_day,
    overflow,
    person,
    quoted,
    said,
    section,
)
from bot.slack.views.setback import KIND_WORDS
from bot.slack.views.validation import answer_buttons, your_answer
from bot.usecases.contents import HomeContent, HomeQuestion

R = TypeVar("R")

_ASKED_ROWS = 5
_ANSWERED_ROWS = 3
_OWNED_ROWS = 6
_PROJECT_ROWS = 4
_SETBACK_ROWS = 4
_QUOTE = 300
_FILTER_WORDS = {
    "open": "Open",
    "unvalidated": "Not confirmed",
    "overdue": "Overdue",
    "stale": "Expired",
    "refuted": "Not true",
}


def home(content: HomeContent, names: CommandNames) -> View:
    """The Home tab of one person; `names` is how the commands are called here."""
    lists = [*_asked(content), *_owned(content), *_projects(content), *_setbacks(content)]
    blocks = [
        actions(
            button("Log what you rely on", ids.HOME_LOG, "home", style="primary"),
            button("Record a setback", ids.HOME_SETBACK, "home"),
        ),
        *(lists or _start(names)),
    ]
    today = content.now.astimezone(content.hours.zone).date()
    hours = hours_line(content.hours, content.own_hours, today=today)
    blocks += [*_title("When I may ask you"), hours]
    return {"type": "home", "private_metadata": str(content.place), "blocks": blocks}


def _asked(content: HomeContent) -> list[Block]:
    """What waits for an answer, and below it what was just answered, to be taken back."""
    rows = _page(
        content.asked,
        content.place,
        "asked",
        _ASKED_ROWS,
        lambda one: _question(one, content),
    )
    for assumption, given in content.answered[:_ANSWERED_ROWS]:
        rows.append(context(f"*{assumption.key}*  {quoted(assumption.statement, _QUOTE)}"))
        rows += your_answer(given, can_undo=True)
    if not rows:
        return []
    count = f" ({len(content.asked)})" if content.asked else ": nothing just now"
    return [*_title(f"Waiting for your answer{count}"), *rows]


def _title(text: str) -> list[Block]:
    return [divider(), header(text)]


def _question(question: HomeQuestion, content: HomeContent) -> list[Block]:
    """The question as its message asks it, with the same buttons."""
    assumption = question.assumption
    ref = ids.QuestionRef(assumption.key, question.round, needs_evidence=question.requires_evidence)
    return [
        section(f"*{person(assumption.owner)} is relying on this being true*"),
        said(assumption.statement, limit=_QUOTE),
        context(
            str(assumption.key),
            needed_words(assumption, today=content.now.date()),
            IMPACT_WORDS[assumption.impact],
        ),
        actions(*answer_buttons(assumption, ref, quote_limit=_QUOTE)),
    ]


def _owned(content: HomeContent) -> list[Block]:
    counts = content.counts
    if not (counts.open or counts.refuted):
        return []
    rows = _page(
        content.owned,
        content.place,
        "owned",
        _OWNED_ROWS,
        lambda one: [_owned_row(one, content)],
    )
    none = [context("None of yours stands so. Choose another button above.")]
    return [
        *_title(f"What you rely on ({counts.open})"),
        actions(*_filter_buttons(content.place, counts)),
        *(rows or none),
    ]


def _filter_buttons(place: HomePlace, counts: Counts) -> list[Block]:
    """A button for each way to stand that there is, with how many stand so."""
    return [
        button(
            f"{label} {getattr(counts, word)}",
            ids.HOME_FILTERS[word],
            str(replace(place, filter=word, owned=0)),
            style="primary" if word == place.filter else None,
        )
        for word, label in _FILTER_WORDS.items()
        if getattr(counts, word) or word in {"open", place.filter}
    ]


def _owned_row(assumption: Assumption, content: HomeContent) -> Block:
    options = [
        (f"{ids.ROW_SHOW}|{assumption.key}", "Details"),
        (f"{ids.ROW_EDIT}|{assumption.key}", "Edit"),
        (f"{ids.ROW_RETIRE}|{assumption.key}", "Retire"),
    ]
    line = "  ·  ".join(
        word
        for word in (
            f"*{assumption.key}*",
            standing_line(assumption, now=content.now),
            needed_words(assumption, today=content.now.date()),
        )
        if word
    )
    return section(
        f"{line}\n{quoted(assumption.statement, _QUOTE)}",
        accessory=overflow(ids.ROW_MORE, options),
    )


def _projects(content: HomeContent) -> list[Block]:
    if not content.projects:
        return []
    rows = _page(
        content.projects,
        content.place,
        "projects",
        _PROJECT_ROWS,
        lambda one: _project_row(one, content),
    )
    return [*_title("Your projects"), *rows]


def _project_row(health: Health, content: HomeContent) -> list[Block]:
    lead = "  ·  you lead it" if health.is_led_by(content.user) else ""
    name = clip_escaped(health.project.name, 100)
    here = ids.ListRef(health.key, "open", sort="harm")
    row = section(
        f"*{health.key}*  {name}{lead}\n{_health_words(health.counts)}",
        accessory=button("See the list", ids.HOME_LIST, str(here)),
    )
    bearing = [f"{one.key} {quoted(one.statement, 100)}" for one in health.bearing]
    return [row, *([context(*bearing)] if bearing else [])]


def _health_words(counts: Counts) -> str:
    words = [
        f"⚠️ {counts.bearing} load-bearing, not confirmed" if counts.bearing else "",
        f"{counts.open} open",
        f"{counts.overdue} overdue" if counts.overdue else "",
        f"{counts.stale} expired" if counts.stale else "",
    ]
    return "  ·  ".join(word for word in words if word)


def _setbacks(content: HomeContent) -> list[Block]:
    if not content.setbacks:
        return []
    rows = _page(content.setbacks, content.place, "setbacks", _SETBACK_ROWS, _setback_row)
    return [*_title(f"What was underneath? ({len(content.setbacks)})"), *rows]


def _setback_row(setback: Setback) -> list[Block]:
    return [
        section(
            f"*{KIND_WORDS[setback.kind]} #{setback.number}*  ·  began "
            f"{moment_day(setback.started_at)}\n{quoted(setback.text, _QUOTE)}",
            accessory=button("Show what it may be", ids.SHOW_SETBACK, str(setback.number)),
        )
    ]


def _page(
    rows: Sequence[R],
    place: HomePlace,
    name: str,
    size: int,
    draw: Callable[[R], list[Block]],
) -> list[Block]:
    """One page of a list, and the way to the others; a page that is gone is the last one."""
    last = (len(rows) - 1) // size * size
    first = min(getattr(place, name) // size * size, max(last, 0))
    blocks = [block for row in rows[first : first + size] for block in draw(row)]
    ways = []
    if first > 0:
        ways.append(button("Back", ids.HOME_BACK, str(place.at(name, first - size))))
    if first < last:
        left = len(rows) - first - size
        ways.append(button(f"{left} more", ids.HOME_MORE, str(place.at(name, first + size))))
    return [*blocks, *([actions(*ways)] if ways else [])]


def _start(names: CommandNames) -> list[Block]:
    return [
        header("Three steps"),
        section(
            f"*1.*  In a project's channel, type `{names.assume}` and what you rely on:\n"
            f"`{names.assume} The payments API is live by March 3`"
        ),
        section("*2.*  Name who can tell whether it is true. I ask them, kindly and in time."),
        section(
            f"*3.*  When something slips or breaks, type `{names.setback}`. "
            "I show what was underneath it."
        ),
        divider(),
        context(f"`{names.stilltrue} help` lists everything."),
    ]
