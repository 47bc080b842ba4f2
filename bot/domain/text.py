"""Words for people: cut to fit, cleaned of what cannot be seen, days and small numbers in words."""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches

ELLIPSIS = "…"

# Joined emoji and Persian need U+200D and U+200C, so those two stay.
_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")}
_ZERO_WIDTH = {0x200B, *range(0x2060, 0x2065), 0xFEFF}
_DIRECTIONS = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070)}
_WITHOUT_INVISIBLE = dict.fromkeys(_CONTROLS | _ZERO_WIDTH | _DIRECTIONS)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def clip(text: str, limit: int) -> str:
    """Cut `text` to at most `limit` code points; where something is lost it ends in an ellipsis."""
    if len(text) <= limit:
        return text
    return text[: max(limit - 1, 0)].rstrip() + ELLIPSIS if limit > 0 else ""


def strip_controls(text: str) -> str:
    """Leave out control, zero-width and direction characters; line ends and tabs stay.

    They cannot be seen, and can make a sentence read as another one.
    """
    return text.translate(_WITHOUT_INVISIBLE)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that `word` was most likely meant to be; None where none is near."""
    by_folded = {choice.casefold(): choice for choice in choices}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def day_in_words(day: date) -> str:
    """Say a day as people do, "Tuesday 3 March", whatever the machine's locale is."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def month_name(day: date) -> str:
    return _MONTHS[day.month - 1]


def month_number(name: str) -> int | None:
    """Return 1–12 for a month's English name, whole or its first three letters or more."""
    starts = [month.casefold().startswith(name.casefold()) for month in _MONTHS]
    return starts.index(True) + 1 if len(name) >= 3 and any(starts) else None  # noqa: PLR2004


def number_in_words(number: int) -> str:
    """Say up to ten in words ("no", "one", …), more in digits."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def listed(items: Iterable[str], *, last: str = "and") -> str:
    """Join as in a sentence: "a, b and c"."""
    words = list(items)
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
