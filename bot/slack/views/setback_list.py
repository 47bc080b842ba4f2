"""Lists of setbacks."""

from bot.domain.setback import Setback
from bot.slack import ids
from bot.slack.views.parts import (
    Block,
    Message,
    actions,
    button,
    context,
    message,
    moment,
    overflow,
    quoted,
    section,
)
from bot.slack.views.setback import KIND_MARKS, KIND_WORDS, cost_words, more_options
from bot.usecases.setback_list import Listed


def setback_list(found: Listed, *, here: ids.SetbackListRef, command: str) -> Message:
    """One page of a list: each row can be acted on.

    Args:
        found: The rows.
        here: Which list this is.
        command: The command that records one, "/setback".
    """
    where = f" in {here.project}" if here.project else ""
    title = f"{'Setbacks that go on' if here.is_open else 'All setbacks'}{where}"
    filters = [
        button(
            label,
            ids.SETBACK_LIST[word],
            str(ids.SetbackListRef(here.project, word == "open")),
            style="primary" if (word == "open") == here.is_open else None,
        )
        for word, label in (("open", "Going on"), ("all", "All"))
    ]
    blocks: list[Block] = [section(f"*{title}*"), actions(*filters)]
    for setback in found.setbacks:
        blocks += _row(setback)
    if not found.setbacks:
        blocks.append(context(f"Nothing here. `{command} <what happened>` records one."))
    if found.next_before is not None:
        after = ids.SetbackListRef(here.project, here.is_open, found.next_before)
        blocks.append(actions(button("Show more", ids.SETBACK_LIST_MORE, str(after))))
    return message(title, blocks)


def _row(setback: Setback) -> list[Block]:
    number = setback.number
    title = f"{KIND_MARKS[setback.kind]} *{KIND_WORDS[setback.kind]} #{number}*"
    details = (f"{ids.SETBACK_SHOW}|{number}", "Details")
    ended = f"ended {moment(setback.ended_at)}" if setback.ended_at else "goes on"
    return [
        section(
            f"{title}\n{quoted(setback.text, 300)}",
            accessory=overflow(ids.SETBACK_MORE, [details, *more_options(setback)]),
        ),
        context(f"Began {moment(setback.started_at)}", ended, *cost_words(setback.cost)),
    ]
