"""A list as a file, or as text to copy where the bot may not share files."""

from collections.abc import Sequence

from bot.slack.views.parts import Block, Message, context, message, preformatted, section

_COPIED_MAX = 2800  # characters


def file_sent(count: int, title: str, *, has_more: bool = False) -> Message:
    """What goes before the file, to the one who asked for it; `has_more` than it holds."""
    first = "the first " if has_more else ""
    text = f"{title}: {first}{_rows(count)}, as a file for a spreadsheet."
    if has_more:
        text += " There are more: choose a project or a filter."
    return message(text, [section(text)])


def sent_directly() -> Message:
    """Where the file is, for the one who pressed the button elsewhere."""
    text = "I send you the file directly: look in our direct messages."
    return message(text, [section(text)])


def as_text(lines: Sequence[str], *, title: str) -> Message:
    """The first lines to copy, and how to get files instead."""
    shown: list[str] = []
    for line in lines:
        if sum(map(len, shown)) + len(line) > _COPIED_MAX:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    blocks: list[Block] = [section(f"*{title}*, as text to copy")]
    if shown:
        blocks.append(preformatted("".join(shown)))
    if left:
        blocks.append(section(f"{_rows(left)} more found no room here."))
    blocks.append(
        context(
            "I may not share files here. Whoever runs me can allow it: `stilltrue manifest "
            "--pictures` asks for `files:write`."
        )
    )
    return message(f"{title}: {_rows(len(lines) - 1)}", blocks)


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
