"""Telling the story on a terminal: who did what, what Slack showed, what the store now says."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_INDENT = 4
_SAID = 13  # the column of what somebody reads


class Narrator:
    """Prints as it happens; the same story prints the same text."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._scenes = 0

    def scene(self, title: str) -> None:
        self._scenes += 1
        self._print(["", f"{self._scenes:2}  {title}"], style="bold")

    def does(self, who: str, what: str) -> None:
        self._line(who, what, style="cyan")

    def clock(self, moment: str) -> None:
        self._line("Clock", moment, style="magenta")

    def slack(self, where: str, said: str) -> None:
        """`said` may be several lines, as a message is."""
        self._line("Slack", f"{where}:", style="green")
        for line in said.splitlines():
            self._print(self._wrapped(line, _SAID), style="default")

    def store(self, fact: str) -> None:
        self._line("Store", fact, style="yellow")

    def table(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        table = Table(title=title, show_header=False, title_justify="left", title_style="bold")
        table.add_column(style="dim")
        table.add_column()
        for name, value in rows:
            table.add_row(name, value)
        self._print([""], style="default")
        self._console.print(Padding(table, (0, 0, 0, _INDENT), expand=False))

    def missed(self, expected: str, seen: str) -> None:
        self._print(["", "Not as it should be"], style="bold red")
        self._line("Should", expected, style="red")
        self._line("Seen", "", style="red")
        for line in (seen or "nothing").splitlines():
            self._print(self._wrapped(line, _SAID), style="default")

    def end(self, text: str) -> None:
        self._print(["", text], style="bold")

    def _line(self, speaker: str, text: str, *, style: str) -> None:
        first, *rest = self._wrapped(text, _SAID) or [""]
        line = Text(" " * _INDENT)
        line.append(f"{speaker:<{_SAID - _INDENT}}", style=style)
        line.append(first.lstrip())
        self._console.print(line, soft_wrap=True)
        self._print(rest, style="default")

    def _wrapped(self, text: str, column: int) -> list[str]:
        margin = " " * column
        width = self._console.width
        return wrap(
            text, width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
        )

    def _print(self, lines: Iterable[str], *, style: str) -> None:
        for line in lines:
            self._console.print(Text(line, style=style), soft_wrap=True)


def excerpt(text: str, most: int) -> str:
    """The first `most` lines of what a person reads."""
    lines = text.splitlines()
    return "\n".join([*lines[:most], *(["…"] if len(lines) > most else [])])
