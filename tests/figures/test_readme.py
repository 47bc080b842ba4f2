"""The table of faults names only what is there."""

import re
from pathlib import Path

from tests.figures.__main__ import FIGURES

HERE = Path(__file__).parent


def test_every_figure_and_test_of_the_table_is_there() -> None:
    rows = [line for line in (HERE / "README.md").read_text().splitlines() if line[:3] != "| #"]
    named = [re.findall(r"`([^`]+)`", row) for row in rows if row.startswith("| ")][1:]
    files = [name for names in named for name in names if name.endswith(".py")]
    figures = [name for names in named for name in names if not name.endswith(".py")]

    assert len(named) == 18
    assert all(named)
    assert set(figures) <= FIGURES.keys()
    assert [file for file in files if not (HERE.parent.parent / file).is_file()] == []
