"""Lists of assumptions."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption, Status
from bot.slack import ids
from bot.slack.views.card import facts, standing_line
from bot.slack.views.parts import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    message,
    overflow,
    quoted,
    section,
)

FILTERS = {
    "open": "Everything open",
    "mine": "Mine: I own it or am asked",
    "unvalidated": "Not confirmed yet",
    "overdue": "Overdue",
    "stale": "Expired answers",
    "refuted": "Not true",
    "all": "All, retired too",
}


def listing(
    assumptions: Sequence[Assumption],
    *,
    here: ids.ListRef,
    has_more: bool,
    now: datetime,
    command: str,
) -> Message:
    """One page of a list: each row can be acted on.

    Args:
        assumptions: The rows, at most ten.
        here: Which list this is.
        has_more: Whether another page follows.
        now: Decides what has expired.
        command: The command that logs one, "/assume".
    """
    where = f" in {here.project}" if here.project else ""
    title = f"*{FILTERS[here.filter]}*{where}"
    blocks: list[Block] = [section(title), actions(*_filter_buttons(here))]
    for assumption in assumptions:
        blocks += [
            section(
                f"*{assumption.key}*  ·  {standing_line(assumption, now=now)}\n"
                f"{quoted(assumption.statement, 300)}",
                accessory=overflow(ids.ROW_MORE, _row_options(assumption)),
            ),
            context(*facts(assumption)[:3]),
        ]
    if not assumptions:
        blocks.append(context(f"Nothing here. `{command} <what you rely on>` logs one."))
    if has_more and assumptions:
        after = ids.ListRef(here.project, here.filter, assumptions[-1].key)
        blocks.append(actions(button("Show more", ids.LIST_MORE, str(after))))
    return message(f"{FILTERS[here.filter]}{where}", blocks)


def _row_options(assumption: Assumption) -> list[tuple[str, str]]:
    key = assumption.key
    options = [(f"{ids.ROW_SHOW}|{key}", "Details")]
    if assumption.status is not Status.RETIRED:
        options += [(f"{ids.ROW_EDIT}|{key}", "Edit"), (f"{ids.ROW_RETIRE}|{key}", "Retire")]
    return options


def _filter_buttons(here: ids.ListRef) -> list[Element]:
    words = {"open": "Open", "mine": "Mine", "overdue": "Overdue", "stale": "Expired"}
    return [
        button(
            words[word],
            action_id,
            str(ids.ListRef(here.project, word)),
            style="primary" if word == here.filter else None,
        )
        for word, action_id in ids.LIST_FILTERS.items()
    ]
