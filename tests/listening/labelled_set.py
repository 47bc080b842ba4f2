"""Messages as people write them, each labelled: `+` should be offered, `-` must be left alone.

Both halves were written before the rule; it was developed with one, the other only judges.
"""

from dataclasses import dataclass
from pathlib import Path

from bot.domain.hint import find_hint

_FOLDER = Path(__file__).parent / "labelled"
HALVES = ("development", "held_out")


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str  # as Slack sends it
    is_hint: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    found: int  # rightly
    wrongly_found: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / max(self.found + self.wrongly_found, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.found + self.missed, 1)


def messages(half: str) -> list[Labelled]:
    lines = (_FOLDER / f"{half}.txt").read_text(encoding="utf-8").splitlines()
    return [Labelled(line[2:].replace("\\n", "\n"), line.startswith("+ ")) for line in lines]


def score(half: str) -> Score:
    said = [(one.is_hint, find_hint(one.text) is not None) for one in messages(half)]
    return Score(
        found=said.count((True, True)),
        wrongly_found=said.count((False, True)),
        missed=said.count((True, False)),
    )
