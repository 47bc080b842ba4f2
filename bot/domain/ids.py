"""Names of things. Slack's ids are opaque text; ours can be read and typed by people."""

import re
from dataclasses import dataclass
from typing import NewType, Self

WorkspaceId = NewType("WorkspaceId", str)  # Slack's team id, or the enterprise id of an org install
UserId = NewType("UserId", str)
ChannelId = NewType("ChannelId", str)  # also a DM's id
MessageTs = NewType(
    "MessageTs", str
)  # Slack's "1700000000.000100": an id within a channel, not a number
ProjectKey = NewType("ProjectKey", str)  # upper case, 2–10 of A–Z and 0–9, a letter first

PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_ASSUMPTION_KEY = re.compile(rf"({PROJECT_KEY.pattern})-([1-9][0-9]{{0,8}})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class AssumptionKey:
    """`APOLLO-12`: a project and a number that is never used again."""

    project: ProjectKey
    number: int  # from 1

    def __str__(self) -> str:
        return f"{self.project}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a key as people type it (any case, spaces around it); None where it is not one."""
        match = _ASSUMPTION_KEY.fullmatch(text.strip())
        if match is None:
            return None
        return cls(ProjectKey(match[1].upper()), int(match[2]))
