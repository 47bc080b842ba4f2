"""The one-line form: a statement, then ` | ` and its options.

    The payments API is live by March 3 | ask <@U1|bob> by friday impact:high confidence:70

Source: design.md, "Logging an assumption". The options begin after the last ` | ` outside `<…>`,
since a mention arrives as `<@U1|bob>` and a statement may hold a `|` of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.assumption import Impact, Quorum, words_problem
from bot.domain.ids import UserId
from bot.domain.text import listed, nearest

T = TypeVar("T")

OPTIONS = ("ask", "by", "impact", "confidence", "tag", "service", "backup", "quorum")
_OTHER_NAMES = {
    "asks": "ask",
    "stakeholder": "ask",
    "stakeholders": "ask",
    "due": "by",
    "tags": "tag",
    "services": "service",
}
_FULL_CONFIDENCE = 100

_ANGLED = re.compile(r"<[^<>]*>")
_TOKEN = re.compile(r"(?:<[^<>]*>|[^\s<]|<)+")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_NAMED = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
_JOINING = frozenset({"and", "&", ",", "or"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickForm:
    """What the line says; the words of a date are the caller's to read, in the person's zone."""

    statement: str  # as typed, without the spaces around it
    ask: tuple[UserId, ...] = ()  # in the order they were named, nobody twice
    backup: UserId | None = None
    by_words: str = ""  # "friday", "end of month"; empty where none was given
    impact: Impact | None = None
    confidence_percent: int | None = None
    tags: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    quorum: Quorum | None = None
    problems: tuple[str, ...] = ()  # sentences that say what to do; then nothing is stored


def parse(text: str) -> QuickForm | None:
    """Read a one-line form; None where it has no options, so that it is a statement alone.

    Any text gives a result and never an error; what cannot be read becomes a problem.
    """
    cut = _separator(text)
    if cut is None:
        return None
    reader = _Reader(statement=text[: cut[0]].strip())
    reader.read(_TOKEN.findall(text[cut[1] :]))
    return reader.form()


def _separator(text: str) -> tuple[int, int] | None:
    """Return where the last ` | ` outside `<…>` begins and ends; one that ends the text counts."""
    masked = _ANGLED.sub(lambda match: "·" * len(match[0]), text)
    found = list(re.finditer(r"(?:^|(?<=\s))\|(?=\s|$)", masked))
    return found[-1].span() if found else None


class _Reader:
    """Goes through the words once; `mode` is the option whose words are being taken."""

    def __init__(self, *, statement: str) -> None:
        self.statement = statement
        self.mode = ""
        self.ask: list[UserId] = []
        self.backups: list[UserId] = []
        self.by: list[str] = []
        self.values: dict[str, list[str]] = {}
        self.unknown: list[str] = []
        self.problems: list[str] = []

    def read(self, words: list[str]) -> None:
        for word in words:
            name, value = _split(word)
            if name is not None:
                self._begin(name, value)
            elif _PERSON.search(word):
                self._people(word)
            elif self.mode == "by" and not _NAMED.fullmatch(word):
                self.by.append(word)
            elif self.mode in self._waiting():
                self.values[self.mode].append(word)
                self.mode = ""
            elif word.casefold() not in _JOINING or self.mode not in {"ask", "backup"}:
                self._not_understood(word)

    def _waiting(self) -> set[str]:
        """The options that were named without a value: it follows as a word of its own."""
        return {name for name, given in self.values.items() if not given}

    def _begin(self, name: str, value: str) -> None:
        self.mode = name
        if name in {"ask", "backup"}:
            if value:
                self._people(value)
        elif name == "by":
            self.by += [value] if value else []
        else:
            self.values.setdefault(name, [])
            if value:
                self.values[name].append(value)
                self.mode = ""

    def _people(self, word: str) -> None:
        rest = _PERSON.sub(" ", word).replace(",", " ").split()
        found = [UserId(user) for user in _PERSON.findall(word)]
        if self.mode == "backup":
            self.backups += found
        else:
            self.mode = "ask"
            self.ask += [user for user in found if user not in self.ask]
        for other in rest:
            self._not_understood(other)

    def _not_understood(self, word: str) -> None:
        if word.startswith(("<!", "<#")):
            self.problems.append("I can ask people, not groups or channels. Mention each person.")
        elif word.startswith("@"):
            self.problems.append(
                f"I do not know who {word} is. Choose the name that Slack offers after you type @."
            )
        elif word.strip(","):
            self.unknown.append(word)

    def form(self) -> QuickForm:
        if not self.statement:
            self.problems.append("Write what you assume before the | sign.")
        if self.unknown:
            self.problems.append(_unknown_option(self.unknown))
        if len(self.backups) > 1:
            self.problems.append("Name one person as backup.")
        elif self.backups and self.backups[0] in self.ask:
            self.problems.append("The backup is asked anyway. Name another person as backup.")
        return QuickForm(
            statement=self.statement,
            ask=tuple(self.ask),
            backup=self.backups[0] if self.backups else None,
            by_words=" ".join(self.by),
            impact=self._one("impact", read_impact),
            confidence_percent=self._one("confidence", read_confidence),
            tags=self._several("tag"),
            services=self._several("service"),
            quorum=self._one("quorum", _quorum),
            problems=tuple(dict.fromkeys(self.problems)),
        )

    def _one(self, name: str, read: Callable[[str], T]) -> T | None:
        given = self.values.get(name)
        if given is None:
            return None
        if len(given) > 1:
            self.problems.append(f"Give {name} once, not {len(given)} times.")
            return None
        try:
            return read(given[0] if given else "")
        except ValueError as problem:
            self.problems.append(str(problem))
            return None

    def _several(self, name: str) -> tuple[str, ...]:
        given = self.values.get(name)
        if given == []:
            self.problems.append(f"Write the {name} after the colon, for example {name}:checkout.")
        parts = (part.strip() for value in given or () for part in value.split(","))
        words = tuple(dict.fromkeys(part for part in parts if part))
        problem = words_problem(words, f"{name}s")
        if problem:
            self.problems.append(problem)
        return words


def _split(word: str) -> tuple[str | None, str]:
    """Return the option that the word begins, and what follows its colon; None: it begins none."""
    named = _NAMED.fullmatch(word)
    name = (named[1] if named else word).casefold()
    name = _OTHER_NAMES.get(name, name) if named else name
    if name not in OPTIONS or not (named or name in {"ask", "by", "backup"}):
        return None, ""
    return name, named[2] if named else ""


def _unknown_option(words: list[str]) -> str:
    name = words[0].split(":")[0]
    meant = nearest(name, OPTIONS)
    hint = f" Did you mean {meant}?" if meant else ""
    return (
        f"I do not know the option “{' '.join(words)}”.{hint} "
        f"The options are {listed(OPTIONS)}, for example: "
        "ask @bob by friday impact:high confidence:70."
    )


def read_impact(value: str) -> Impact:
    """Read a word; a ValueError is a sentence for the person."""
    if value.casefold() in set(Impact):
        return Impact(value.casefold())
    meant = nearest(value, Impact)
    hint = f" Did you mean impact:{meant}?" if meant else ""
    raise ValueError(f"Impact is {listed(Impact, last='or')}, not “{value}”.{hint}")


def read_confidence(value: str) -> int:
    """Read a percentage; a ValueError is a sentence for the person."""
    digits = value.removesuffix("%")
    if re.fullmatch(r"[0-9]{1,3}", digits) and int(digits) <= _FULL_CONFIDENCE:
        return int(digits)
    raise ValueError(
        f"Confidence is a whole number from 0 to 100, not “{value}”. Write it as confidence:70."
    )


def _quorum(value: str) -> Quorum:
    if value.casefold() in set(Quorum):
        return Quorum(value.casefold())
    raise ValueError(f"Quorum is {listed(Quorum, last='or')}, not “{value}”.")
