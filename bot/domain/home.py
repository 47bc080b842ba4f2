"""What somebody's Home tab shows: which page of each list, and how a project is doing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from bot.domain.assumption import Assumption
from bot.domain.ids import ProjectKey, UserId
from bot.domain.project import Project

FOLLOWED_FOR = timedelta(days=7)  # after it was last opened; later nobody looks at it
GATHERED_FOR = timedelta(seconds=3)  # what changes meanwhile is one publication

OWNED_FILTERS = ("open", "unvalidated", "overdue", "stale", "refuted")
_LISTS = ("asked", "owned", "projects", "setbacks")
_DIGITS_MAX = 5  # of the number of a row


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePlace:
    """Which of one's own are shown, and the first row of each list, from 0."""

    filter: str = OWNED_FILTERS[0]
    asked: int = 0
    owned: int = 0
    projects: int = 0
    setbacks: int = 0

    def at(self, name: str, first: int) -> Self:
        """Return the place with another first row of the list of that name."""
        firsts = {one: getattr(self, one) for one in _LISTS} | {name: max(0, first)}
        return type(self)(filter=self.filter, **firsts)

    def __str__(self) -> str:
        return "|".join([self.filter, *(str(getattr(self, name)) for name in _LISTS)])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; what cannot be read is the beginning."""
        word, *firsts = text.split("|")
        is_one = word in OWNED_FILTERS and len(firsts) == len(_LISTS)
        if not is_one or not all(one.isdecimal() and len(one) <= _DIGITS_MAX for one in firsts):
            return cls()
        rows = (int(first) for first in firsts)
        return cls(filter=word, **dict(zip(_LISTS, rows, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of a project's assumptions, or of a person's, stand how."""

    open: int = 0  # neither retired nor refuted
    unvalidated: int = 0
    overdue: int = 0
    stale: int = 0
    refuted: int = 0
    bearing: int = 0  # load-bearing, and nobody has confirmed them


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one project is doing, as its reader may see it."""

    project: Project
    counts: Counts
    bearing: tuple[Assumption, ...] = ()  # the first of those that are load-bearing

    @property
    def key(self) -> ProjectKey:
        return self.project.key

    def is_led_by(self, user: UserId) -> bool:
        return self.project.lead == user


def worst_first(found: Health) -> tuple[int, int, int, ProjectKey]:
    """Sort projects: load-bearing ones that nobody confirmed, then what is late."""
    counts = found.counts
    return (-counts.bearing, -counts.overdue, -counts.stale, found.key)
