"""App Home: what I am asked, what I rely on, and how to begin."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption
from bot.slack import ids
from bot.slack.names import CommandNames
from bot.slack.views.card import standing_line
from bot.slack.views.parts import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    header,
    overflow,
    person,
    quoted,
    section,
)

_ROWS = 10


def home(
    *,
    asked: Sequence[Assumption],
    owned: Sequence[Assumption],
    hours: Block,
    names: CommandNames,
    now: datetime,
) -> View:
    """The Home tab of one person.

    Args:
        asked: Open ones that wait for this person's answer.
        owned: Open ones that this person owns.
        hours: When this person may be asked.
        names: How the commands are called here.
        now: Decides what has expired.
    """
    blocks = [
        actions(
            button("Log what you rely on", ids.HOME_LOG, "home", style="primary"),
            button("Record a setback", ids.HOME_SETBACK, "home"),
        )
    ]
    if asked:
        blocks += [header("Waiting for your answer"), *_asked_rows(asked)]
    if owned:
        blocks += [header("What you rely on"), *_owned_rows(owned, now=now)]
    if not (asked or owned):
        blocks += _start(names)
    blocks += [header("When I may ask you"), hours]
    return {"type": "home", "blocks": blocks}


def _asked_rows(asked: Sequence[Assumption]) -> list[Block]:
    blocks: list[Block] = []
    for assumption in asked[:_ROWS]:
        blocks += [
            section(
                f"{person(assumption.owner)} relies on {quoted(assumption.statement, 300)}",
                accessory=button("Answer", ids.HOME_ANSWER, str(assumption.key)),
            ),
            context(str(assumption.key)),
        ]
    return [*blocks, *_more(len(asked))]


def _owned_rows(owned: Sequence[Assumption], *, now: datetime) -> list[Block]:
    blocks: list[Block] = []
    for assumption in owned[:_ROWS]:
        options = [
            (f"{ids.ROW_SHOW}|{assumption.key}", "Details"),
            (f"{ids.ROW_EDIT}|{assumption.key}", "Edit"),
            (f"{ids.ROW_RETIRE}|{assumption.key}", "Retire"),
        ]
        blocks.append(
            section(
                f"*{assumption.key}*  ·  {standing_line(assumption, now=now)}\n"
                f"{quoted(assumption.statement, 300)}",
                accessory=overflow(ids.ROW_MORE, options),
            )
        )
    return [*blocks, *_more(len(owned))]


def _more(count: int) -> list[Block]:
    return [context(f"and {count - _ROWS} more")] if count > _ROWS else []


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
