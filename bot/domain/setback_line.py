"""The one-line form of a setback.

    delay 3d waiting for the payments API
    incident checkout down since 14:05 sev2 service:checkout

Source: design.md, "Setbacks and traces". What is recognised becomes a field, everything else stays
in the text as typed. A figure is taken for a cost only where the text begins or ends, or after
"for" or "by", so that "the 2 days rule was wrong" keeps its words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from bot.domain.setback import (
    DAYS_MAX,
    MINUTES_MAX,
    MONEY_MAX,
    Money,
    SetbackKind,
    Severity,
)

T = TypeVar("T")

_KINDS = (
    (re.compile(r"incident\b", re.IGNORECASE), SetbackKind.INCIDENT),
    (re.compile(r"delay\b", re.IGNORECASE), SetbackKind.DELAY),
    (re.compile(r"bug\b", re.IGNORECASE), SetbackKind.BUG),
    (re.compile(r"scope([\s-]+change)?\b", re.IGNORECASE), SetbackKind.SCOPE_CHANGE),
)
_AFTER_KIND = re.compile(r"\s*[:–—]?(?=\s|$)\s*")

_WORKING_DAYS_A_WEEK = 5
_MINUTES_AN_HOUR = 60
_NUMBER = r"[0-9]+(?:[.,'][0-9]+)*"
_DAYS = re.compile(rf"({_NUMBER})\s*(?:working\s+)?(days?|d|weeks?|wks?|w)", re.IGNORECASE)
_MINUTES = re.compile(
    rf"(?:({_NUMBER})\s*(?:hours?|hrs?|h)(?:\s*([0-9]{{1,2}})\s*(?:minutes|minute|mins?|m)?)?"
    rf"|({_NUMBER})\s*(?:minutes|minute|mins?|m))",
    re.IGNORECASE,
)
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY"}
_COMMON_CURRENCIES = (  # ISO 4217; only these, so that "2000 API" is no money
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KES KRW "
    "MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN RON RSD SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
_CURRENCY = "|".join([*map(re.escape, _SYMBOLS), *_COMMON_CURRENCIES.split()])
_MONEY = re.compile(
    rf"(?:({_CURRENCY})\s*({_NUMBER})(k?)|({_NUMBER})(k?)\s*({_CURRENCY}))", re.IGNORECASE
)
_MINUS = re.compile(rf"^((?:(?:{_CURRENCY})\s*)?)[-−–](?=\S)", re.IGNORECASE)
_SEVERITY = re.compile(r"sev[:-]?([1-4])", re.IGNORECASE)
_SERVICE = re.compile(r"services?:([^\s,]+(?:,[^\s,]+)*)", re.IGNORECASE)
_COST_WORDS_MAX = 4  # "1 h 30 m", "3 working days"

# "3 days before launch it failed" tells a time, not a cost.
_NO_COST_BEFORE = frozenset({"before", "after", "ago", "later", "of", "in", "into", "old", "early"})
_COST_STAYS_AFTER = frozenset({"for", "by"})  # "slipped by 3 days": the words stay in the text
_NO_COST_AFTER = frozenset(
    {"in", "within", "after", "every", "of", "than", "since", "until", "last", "next", "the", "at"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetbackLine:
    kind: SetbackKind
    text: str  # what happened, as typed; empty where the line holds figures alone
    days: Decimal | None = None  # working days slipped; a week is five
    minutes: int | None = None  # minutes down
    money: Money | None = None
    since_words: str = ""  # "14:05", "yesterday 3pm": the caller reads them in the person's zone
    until_words: str = ""  # only beside `since_words`
    severity: Severity | None = None
    services: tuple[str, ...] = ()
    problem: str = ""  # a sentence that says what to do; then nothing is stored
    as_typed: str  # all that followed the kind: the text where `since_words` are no moment


def parse(text: str) -> SetbackLine | None:
    """Read a one-line form; None where it does not begin with a kind.

    Any text gives a result and never an error, and every word of it is in `as_typed`.
    """
    text = text.strip()
    for pattern, kind in _KINDS:
        begun = pattern.match(text)
        rest = _AFTER_KIND.match(text, begun.end()) if begun else None
        if rest is not None:
            return _Line(text[rest.end() :]).read(kind)
    return None


@dataclass(slots=True)
class _Word:
    word: str
    space: str  # what follows it, as typed


class _Line:
    """Takes what it recognises out of its words, and keeps the rest in order."""

    def __init__(self, text: str) -> None:
        self.as_typed = text
        self.words = [_Word(m[1], m[2]) for m in re.finditer(r"(\S+)(\s*)", text)]
        self.days: Decimal | None = None
        self.minutes: int | None = None
        self.money: Money | None = None
        self.negative = ""  # a cost below nothing, as typed

    def read(self, kind: SetbackKind) -> SetbackLine:
        severities = self._take(_SEVERITY, lambda found: Severity(f"sev{found[1]}"), most=1)
        services = self._take(_SERVICE, lambda found: found[1].split(","))
        since, until = self._since()
        while self._cost_at_start() or self._cost_at_end():
            pass
        return SetbackLine(
            kind=kind,
            text="".join(one.word + one.space for one in self.words).strip(),
            days=self.days,
            minutes=self.minutes,
            money=self.money,
            since_words=since,
            until_words=until,
            severity=severities[0] if severities else None,
            services=tuple(dict.fromkeys(name for group in services for name in group)),
            problem=_below_nothing(self.negative) if self.negative else "",
            as_typed=self.as_typed,
        )

    def _take(
        self, pattern: re.Pattern[str], read: Callable[[re.Match[str]], T], *, most: int = 1000
    ) -> list[T]:
        """Take out the words that match whole; those beyond `most` stay."""
        taken: list[T] = []
        kept: list[_Word] = []
        for one in self.words:
            found = pattern.fullmatch(one.word)
            if found and len(taken) < most:
                taken.append(read(found))
            else:
                kept.append(one)
        self.words = kept
        return taken

    def _since(self) -> tuple[str, str]:
        """Take out "since …", which reaches to the end, or to a cost that ends the line."""
        at = self._last("since")
        if at is None or not _tells_a_time(words := [one.word for one in self.words[at + 1 :]]):
            return "", ""
        head, self.words = self.words[:at], self.words[at + 1 :]
        while len(self.words) > 1 and self._cost_at_end(keep_first=True):
            pass
        words, self.words = [one.word for one in self.words], head
        for number, word in enumerate(words):
            if number > 0 and word.casefold() in {"until", "till", "to"}:
                return " ".join(words[:number]), " ".join(words[number + 1 :])
        return " ".join(words), ""

    def _last(self, word: str) -> int | None:
        found = [n for n, one in enumerate(self.words) if one.word.casefold() == word]
        return found[-1] if found and found[-1] + 1 < len(self.words) else None

    def _cost_at_start(self) -> bool:
        for size in range(min(_COST_WORDS_MAX, len(self.words)), 0, -1):
            following = self.words[size].word.casefold() if size < len(self.words) else ""
            if following not in _NO_COST_BEFORE and self._store(self.words[:size]):
                del self.words[:size]
                return True
        return False

    def _cost_at_end(self, *, keep_first: bool = False) -> bool:
        least = 1 if keep_first else 0
        for start in range(max(len(self.words) - _COST_WORDS_MAX, least), len(self.words)):
            before = self.words[start - 1].word.casefold() if start else ""
            if before in _NO_COST_AFTER or not self._store(self.words[start:]):
                continue
            if before in _COST_STAYS_AFTER:
                return False
            del self.words[start:]
            return True
        return False

    def _store(self, words: list[_Word]) -> bool:
        """Read the words as a cost whose unit has none yet; say whether they are one.

        What no setback can cost is none, and stays in the text.
        """
        text = " ".join(one.word for one in words).rstrip(".,;")
        if _is_negative(text):
            self.negative = self.negative or text
            return False
        if self.days is None and (found := _DAYS.fullmatch(text)):
            unit = _WORKING_DAYS_A_WEEK if found[2].casefold().startswith("w") else 1
            days = _number(found[1]) * unit
            self.days = days if days <= DAYS_MAX else None
            return self.days is not None
        if self.minutes is None and (found := _MINUTES.fullmatch(text)):
            hours = _number(found[1]) if found[1] else Decimal(0)
            minutes = Decimal(found[2] or 0) if found[1] else _number(found[3])
            total = hours * _MINUTES_AN_HOUR + minutes
            self.minutes = int(total) if total <= MINUTES_MAX else None
            return self.minutes is not None
        if self.money is None and (found := _MONEY.fullmatch(text)):
            money = _money(found)
            self.money = money if money.amount <= MONEY_MAX else None
            return self.money is not None
        return False


def _is_negative(text: str) -> bool:
    unsigned = _MINUS.sub(r"\1", text)
    patterns = (_DAYS, _MINUTES, _MONEY)
    return unsigned != text and any(pattern.fullmatch(unsigned) for pattern in patterns)


def _below_nothing(cost: str) -> str:
    return f"A cost cannot be negative, and I read “{cost}” as one. Write it without the minus."


def _money(found: re.Match[str]) -> Money:
    currency = (found[1] or found[6]).upper()
    amount = _number(found[2] or found[4])
    if found[3] or found[5]:
        amount *= 1000
    return Money(amount=amount, currency=_SYMBOLS.get(currency, currency))


def _number(text: str) -> Decimal:
    """Read 2,000 and 2.000 as two thousand, 1,234.56 and 1.234,56 alike, 1.5 and 1,5 alike."""
    last = max(text.rfind(sign) for sign in ".,'")
    if last < 0:
        return Decimal(text)
    whole, tail = re.sub(r"[.,']", "", text[:last]), text[last + 1 :]
    several_kinds = len({sign for sign in text if sign in ".,'"}) > 1
    groups_of_three = re.fullmatch(r"[0-9]{1,3}(?:([.,'])[0-9]{3})(?:\1[0-9]{3})*", text)
    if groups_of_three and not several_kinds and not text.startswith("0"):
        return Decimal(whole + tail)
    return Decimal(f"{whole}.{tail}")


_DAY_WORDS = (
    "yesterday today tonight now noon midday midnight morning afternoon evening last this "
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun "
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec about ~"
)
_TIME_WORDS = frozenset(_DAY_WORDS.split())


def _tells_a_time(words: list[str]) -> bool:
    """Tell "since 14:05" and "since last monday" from "since we moved the servers"."""
    first = words[0].casefold().strip(",.;")
    return first in _TIME_WORDS or any(sign.isdigit() for sign in first)
