"""Acting on several assumptions at once: the form, and what became of each."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import standing_line
from bot.slack.views.parts import (
    Block,
    View,
    checkboxes,
    context,
    modal,
    person,
    section,
    select,
    text_input,
    user_select,
)
from bot.usecases.several import Act, NotDone, Outcome

_LABEL_MAX = 100  # characters; a box shows fewer
_GROUP = 10  # as many boxes as one element holds
_TOLD = 45  # of those that were not done; each is a line
_ACTS = [
    (Act.RETIRE.value, "Retire them: nobody is asked any more"),
    (Act.REASSIGN.value, "Give them another owner"),
    (Act.ASK.value, "Ask about them again now"),
]
_DONE = {Act.RETIRE: "retired", Act.REASSIGN: "reassigned", Act.ASK: "asked about again"}


def several_form(
    rows: Sequence[Assumption], *, has_more: bool, now: datetime, metadata: str
) -> View:
    """The rows of a list with a box each, and what to do with those that are ticked.

    Args:
        rows: At most forty.
        has_more: Whether the list goes on after them.
        now: Decides what has expired.
        metadata: Which list it is.
    """
    groups = [rows[first : first + _GROUP] for first in range(0, len(rows), _GROUP)]
    blocks: list[Block] = []
    if has_more:
        told = f"Here are {len(rows)} at once, from the top of the page that you looked at."
        blocks.append(context(told))
    for number, group in enumerate(groups):
        label = "Which of them?" if number == 0 else f"{group[0].key} and on"
        boxes = [_box(one, now=now) for one in group]
        may_be_empty = len(groups) > 1  # any of them will do, and Slack would want one of each
        blocks.append(checkboxes(f"{ids.ROWS}.{number}", label, boxes, optional=may_be_empty))
    blocks += [
        select(ids.ACT, "What shall I do?", _ACTS, initial=Act.RETIRE.value),
        text_input(
            ids.REASON,
            "Why are they retired?",
            optional=True,
            max_length=500,
            hint="Only where you retire them.",
        ),
        user_select(ids.WHO, "Who owns them now?", optional=True, hint="Only for another owner."),
    ]
    return modal(
        "Change several", blocks, callback_id=ids.SEVERAL, submit="Do it", metadata=metadata
    )


def _box(one: Assumption, *, now: datetime) -> tuple[str, str]:
    statement = " ".join(one.statement[:_LABEL_MAX].split())
    mark = standing_line(one, now=now).partition(" ")[0]
    return str(one.key), f"{one.key} {mark} {statement}"


def several_done(outcome: Outcome) -> View:
    """What was done, and of the others why not."""
    count = len(outcome.done)
    told = f"*{count} {_DONE[outcome.act]}*" if count else "*Nothing was changed*"
    keys = ", ".join(map(str, outcome.done))
    blocks = [section(told), *([context(keys)] if keys else [])]
    blocks += [section(_why(one)) for one in outcome.not_done[:_TOLD]]
    return modal("Change several", blocks)


def _why(one: NotDone) -> str:
    if one.belongs_to is not None:
        return f"*{one.key}* is {person(one.belongs_to)}'s: ask them."
    return f"*{one.key}*: {clip_escaped(one.why, 300)}"
