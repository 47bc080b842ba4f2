"""What `doctor` found of one part."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    WELL = "✓"
    WARN = "!"
    WRONG = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    mark: Mark
    part: str
    text: str
    fix: str = ""
