"""What the bot answers to words: first what it understood, then what it found."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.assumption import Assumption, Stakeholder
from bot.domain.request import EXAMPLES
from bot.domain.setback import Setback
from bot.slack import ids
from bot.slack.names import CommandNames
from bot.slack.text import clip_escaped
from bot.slack.views.card import standing_line
from bot.slack.views.parts import (
    MESSAGE_BLOCKS_MAX,
    Block,
    Message,
    actions,
    button,
    context,
    message,
    moment,
    people,
    person,
    quoted,
    section,
)
from bot.slack.views.setback import KIND_MARKS, KIND_WORDS, cost_words

_BROKEN_SHOWN = 15


def answered(understood: str, told: Message) -> Message:
    """Put what was understood on top, so that a wrong reading is seen at once."""
    on_top = context(f"I looked for: {clip_escaped(understood, 200)}")
    # The last block holds the buttons, so what is cut for room stands before it.
    *middle, last = told["blocks"]
    blocks = [on_top, *middle[: MESSAGE_BLOCKS_MAX - 2], last]
    return message(told["text"], blocks)


def who_is_asked(assumption: Assumption, *, now: datetime) -> Message:
    key = assumption.key
    asked = [p for p in assumption.stakeholders if not p.is_released]
    blocks: list[Block] = [
        section(
            f"*{key}*  ·  {standing_line(assumption, now=now)}\n{quoted(assumption.statement, 300)}"
        ),
        section(f"{person(assumption.owner)} relies on it.\n{_asked(asked)}"),
        actions(button("Details", ids.SHOW, str(key))),
    ]
    return message(f"Who is asked about {key}", blocks)


def _asked(asked: Sequence[Stakeholder]) -> str:
    first = [p.user for p in asked if not p.is_backup]
    backups = [p.user for p in asked if p.is_backup]
    told = f"I ask {people(first)}" if first else "Nobody is asked yet"
    return f"{told}; {people(backups)} if they cannot tell." if backups else f"{told}."


def broken(setbacks: Sequence[Setback], *, period: str, where: str, names: CommandNames) -> Message:
    """What went wrong in a time.

    Args:
        setbacks: The newest first.
        period: In words.
        where: The project's key; empty for all of them.
        names: For what to type next.
    """
    place = f" in {where}" if where else ""
    title = f"What went wrong{place}, {period}"
    blocks: list[Block] = [section(f"*{clip_escaped(title, 200)}*  ·  {len(setbacks)} in all")]
    for setback in setbacks[:_BROKEN_SHOWN]:
        name = f"{KIND_WORDS[setback.kind]} #{setback.number}"
        blocks += [
            section(
                f"{KIND_MARKS[setback.kind]} *{name}*\n{quoted(setback.text, 300)}",
                accessory=button("Details", ids.SHOW_SETBACK, str(setback.number)),
            ),
            context(f"Began {moment(setback.started_at)}", *cost_words(setback.cost)),
        ]
    more = len(setbacks) - _BROKEN_SHOWN
    hint = f"`{names.stilltrue} report {where or 'all'}` shows what was underneath."
    told = f"and {more} more  ·  {hint}" if more > 0 else hint
    blocks.append(context(told if setbacks else "Nothing that anybody recorded."))
    return message(clip_escaped(title, 200), blocks)


def offer_to_log(words: str, *, value: str, why: str = "") -> Message:
    """Ask for a click where only a click can open the form; `why` is one sentence before."""
    text = f"{why} I need a click to open the form for this.".strip()
    button_ = button("Log it", ids.OFFER_LOG, value, style="primary")
    return message(text, [section(f"{text}\n{quoted(words, 300)}"), actions(button_)])


def not_understood(nearest: str, *, names: CommandNames, is_direct: bool) -> Message:
    """What was written is no request that I know; what is nearest, and all that would be.

    `nearest` may hold what the person typed, decoded.
    """
    title = "I am not sure what you want, so I did nothing."
    typed = clip_escaped(nearest.replace("`", "'"), 200)
    meant = f" Did you mean `{typed}`?" if nearest != "help" else ""
    in_thread = (
        "To answer a question of mine, press its buttons or reply in its thread."
        if is_direct
        else ""
    )
    return message(title, [section(f"{title}{meant}"), *_help_blocks(names, in_thread)])


def mention_help(names: CommandNames) -> Message:
    title = "Ask me in your own words"
    return message(title, [section(f"*{title}*"), *_help_blocks(names, "")])


def _help_blocks(names: CommandNames, further: str) -> list[Block]:
    examples = "\n".join(f"•  `{example}`" for example in EXAMPLES)
    typed = f"`{names.setback}` records what went wrong"
    return [section(examples), context(typed, f"`{names.stilltrue} help` says more.", further)]
