"""Telling the story on a terminal: who did what, what Slack showed, what the store now says."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_SPEAKER = 7  # columns


class Narrator:
    """Prints as it happens; the same story prints the same text."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._scenes = 0

    def scene(self, title: str) -> None:
        self._scenes += 1
        self._console.print()
        self._console.print(Text(f"{self._scenes:2}  {title}", style="bold"))

    def does(self, who: str, what: str) -> None:
        self._line(who, what, style="cyan")

    def clock(self, moment: str) -> None:
        self._line("Clock", moment, style="magenta")

    def slack(self, where: str, said: str) -> None:
        """`said` may be several lines, as a message is."""
        self._line("Slack", f"{where}:", style="green")
        for line in said.splitlines():
            self._console.print(Padding(Text(line, style="default"), (0, 0, 0, _SPEAKER + 6)))

    def store(self, fact: str) -> None:
        self._line("Store", fact, style="yellow")

    def table(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        table = Table(title=title, show_header=False, title_justify="left", title_style="bold")
        table.add_column(style="dim")
        table.add_column()
        for name, value in rows:
            table.add_row(name, value)
        self._console.print()
        self._console.print(Padding(table, (0, 0, 0, 4)))

    def missed(self, expected: str, seen: str) -> None:
        self._console.print()
        self._console.print(Text("Not as it should be", style="bold red"))
        self._line("Should", expected, style="red")
        self._line("Seen", seen or "nothing", style="red")

    def end(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, style="bold"))

    def _line(self, speaker: str, text: str, *, style: str) -> None:
        line = Table.grid(padding=(0, 1))
        line.add_column(width=_SPEAKER, no_wrap=True)
        line.add_column()
        line.add_row(Text(speaker, style=style), Text(text))
        self._console.print(Padding(line, (0, 0, 0, 4)))


def excerpt(text: str, most: int) -> str:
    """The first `most` lines of what a person reads."""
    lines = text.splitlines()
    return "\n".join([*lines[:most], *(["…"] if len(lines) > most else [])])
