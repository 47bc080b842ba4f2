"""Lists of assumptions: as a private message, and as a modal where there is no conversation."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption, Status
from bot.domain.order import Order
from bot.slack import ids
from bot.slack.views.card import facts, standing_line
from bot.slack.views.parts import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    message,
    modal,
    overflow,
    plain,
    quoted,
    section,
)

FILTERS = {
    "open": "Everything open",
    "mine": "What I own or am asked about",
    "unvalidated": "Not confirmed yet",
    "critical": "Load-bearing, not confirmed",
    "overdue": "Overdue",
    "stale": "Expired answers",
    "refuted": "Not true",
    "all": "All, retired too",
}
SORTS = {
    Order.NEW: "Newest first",
    Order.HARM: "Most harmful first",
    Order.AGE: "Oldest first",
    Order.NEEDED: "Needed soonest first",
}
_BUTTONS = {
    "open": "Open",
    "mine": "Mine",
    "critical": "Load-bearing",
    "overdue": "Overdue",
    "stale": "Expired",
}


def listing(
    assumptions: Sequence[Assumption],
    *,
    here: ids.ListRef,
    has_more: bool,
    now: datetime,
    command: str,
    sorted_only: int | None = None,
) -> Message:
    """One page of a list: each row can be acted on, and several at once.

    Args:
        assumptions: The rows, at most ten.
        here: Which list this is.
        has_more: Whether another page follows.
        now: Decides what has expired.
        command: The command that logs one, "/assume".
        sorted_only: How many were sorted; None: all.
    """
    title = _title(here)
    rows = _blocks(
        assumptions,
        here=here,
        has_more=has_more,
        now=now,
        command=command,
        sorted_only=sorted_only,
    )
    return message(title, [section(f"*{title}*"), *rows])


def listing_modal(
    assumptions: Sequence[Assumption],
    *,
    here: ids.ListRef,
    has_more: bool,
    now: datetime,
    command: str,
    sorted_only: int | None = None,
) -> View:
    """The same page where no message can be shown: over Home."""
    rows = _blocks(
        assumptions,
        here=here,
        has_more=has_more,
        now=now,
        command=command,
        sorted_only=sorted_only,
    )
    heading = section(f"*{_title(here)}*")
    return modal("Assumptions", [heading, *rows], callback_id=ids.LISTED, metadata=str(here))


def _title(here: ids.ListRef) -> str:
    where = f" in {here.project}" if here.project else ""
    return f"{FILTERS.get(here.filter, FILTERS['open'])}{where}"


def _blocks(
    assumptions: Sequence[Assumption],
    *,
    here: ids.ListRef,
    has_more: bool,
    now: datetime,
    command: str,
    sorted_only: int | None = None,
) -> list[Block]:
    """The rows, with the ways to others; 25 blocks at most."""
    blocks = [actions(*_filter_buttons(here), _sort_menu(here))]
    for assumption in assumptions:
        blocks += [
            section(
                f"*{assumption.key}*  ·  {standing_line(assumption, now=now)}\n"
                f"{quoted(assumption.statement, 300)}",
                accessory=overflow(ids.ROW_MORE, _row_options(assumption)),
            ),
            context(*facts(assumption, today=now.date())[:3]),
        ]
    if not assumptions:
        return [*blocks, context(f"Nothing here. `{command} <what you rely on>` logs one.")]
    ways = []
    if here.after is not None:
        top = ids.ListRef(here.project, here.filter, sort=here.sort)
        ways.append(button("From the beginning", ids.LIST_TOP, str(top)))
    if has_more:
        after = ids.ListRef(here.project, here.filter, assumptions[-1].key, here.sort)
        ways.append(button("Show more", ids.LIST_MORE, str(after)))
    ways += [
        button("Change several", ids.LIST_SEVERAL, str(here)),
        button("Export", ids.LIST_EXPORT, str(here)),
    ]
    return [*blocks, *_partly_sorted(sorted_only, here), actions(*ways)]


def _partly_sorted(sorted_only: int | None, here: ids.ListRef) -> list[Block]:
    """Say of a list that is too long to be sorted which rows the order leaves out."""
    if sorted_only is None:
        return []
    which = f"the {sorted_only:,} newest" if here.project else f"the first {sorted_only:,}"
    how = "Choose a filter" if here.project else "Choose a filter, or list one project"
    return [context(f"This list is long: only {which} are sorted. {how} to see the rest in order.")]


def _row_options(assumption: Assumption) -> list[tuple[str, str]]:
    key = assumption.key
    options = [(f"{ids.ROW_SHOW}|{key}", "Details")]
    if assumption.status is not Status.RETIRED:
        options += [(f"{ids.ROW_EDIT}|{key}", "Edit"), (f"{ids.ROW_RETIRE}|{key}", "Retire")]
    return options


def _filter_buttons(here: ids.ListRef) -> list[Element]:
    return [
        button(
            label,
            ids.LIST_FILTERS[word],
            str(ids.ListRef(here.project, word, sort=here.sort)),
            style="primary" if word == here.filter else None,
        )
        for word, label in _BUTTONS.items()
    ]


def _sort_menu(here: ids.ListRef) -> Element:
    """The order, as a menu; each entry's value is the list in that order."""
    labels = SORTS if here.project else SORTS | {Order.NEW: "By project, newest first"}
    options = {
        word: {
            "text": plain(label, 75),
            "value": str(ids.ListRef(here.project, here.filter, sort=word)),
        }
        for word, label in labels.items()
    }
    return {
        "type": "static_select",
        "action_id": ids.LIST_SORT,
        "options": list(options.values()),
        "initial_option": options[Order(here.sort)],
    }
