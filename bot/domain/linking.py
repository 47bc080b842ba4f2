"""Which assumptions may have been underneath a setback, with reasons in words.

Source: design.md, "Setbacks and traces". A suggestion never counts as a link: people confirm.

The score is `text + service + project + impact + age`, in points:

- text, 0–3: each shared word adds its rarity, from 1 for a word that one candidate has to 0 for one
  that fifty have. Among fewer than ten candidates nobody can tell which word is rare, so there a
  word that is alone, without a shared service, adds less. Words that say how many, when or how
  long are not counted: anything has them.
- service, 0.9: both name the same service. Project, 0.4: both belong to the same project.
- impact, 0–0.3: low to critical. Age, 0–0.2: halves every 90 days.

Weak ones are left out: a word must be shared, and text, service and project together must reach
`LEAST`. Of the rest, those whose status was not "validated" when the setback began come first,
whatever their score, and those first written down afterwards come last and say so: whoever wrote
them knew how it went. Where the weak ones are wanted too, they come after all others.

What people decided teaches (`learn`): a word or a service that stood behind suggestions which were
confirmed c times and rejected r times in this workspace counts `2 (c + 2) / (c + r + 4)` times as
much: once as much where nobody decided, at most nearly twice, and ever less the more often it led
astray.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import log

from bot.domain.assumption import Assumption, Impact, Status
from bot.domain.history import AsOf
from bot.domain.ids import AssumptionKey
from bot.domain.setback import Setback, SetbackDraft

LEAST = 1.3
_TEXT_MOST, _SERVICE, _PROJECT = 3.0, 0.9, 0.4
_IMPACT = {Impact.LOW: 0.0, Impact.MEDIUM: 0.1, Impact.HIGH: 0.2, Impact.CRITICAL: 0.3}
_AGE, _AGE_HALVES_IN = 0.2, timedelta(days=90)
_FEW, _MANY = 10, 50  # candidates
_CONFIRMED_BEFORE, _REJECTED_BEFORE = 2, 2  # as if so many had been decided before the first
_NAMED_WORDS = 4  # shared words in a reason

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_SUFFIXES = ("ations", "ation", "ments", "ment", "ings", "ing", "ed", "es", "s", "e")
_STEM_MIN = 3  # characters that a suffix must leave

_COMMON_WORDS = """
a about after again all also an and any are as at be because been before being both but by can could
did do does doing done down due each even every few for from get gets getting go goes going got had
has have having he her here his how i if in into is isn't it it's its just let like made make many
may me more most much must my need needs new no not now of off on once one only or other our out
over own same she should since so some still such take than that the their them then there these
they this those through to too under until up us use used uses using very was we were what when
where which while who whom why will with within without won't would yet you your
works working work
waiting wait broke broken down slipped late again don't didn't doesn't wasn't weren't can't
two three four five six seven eight nine ten twelve twenty hundred thousand million half twice times
second seconds minute minutes hour hours day days week weeks month months year years
morning afternoon evening nobody everybody someone somebody everyone people person time
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    assumption: Assumption
    as_of: AsOf  # when the setback began


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    key: AssumptionKey
    score: float  # points; only comparable within one setback
    reasons: tuple[str, ...]  # in words, never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people said of one suggestion before."""

    setback_text: str
    setback_services: tuple[str, ...]
    statement: str
    services: tuple[str, ...]
    is_confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """How many times as much a word or a service counts; what is not there counts once."""

    words: Mapping[str, float]
    services: Mapping[str, float]


NOTHING_LEARNED = Learned(words={}, services={})


def learn(decisions: Iterable[Decision]) -> Learned:
    """Weigh what the decided ones had in common with their setbacks; see above."""
    words: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    services: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for one in decisions:
        for word in _words(one.setback_text).keys() & _words(one.statement).keys():
            words[word][one.is_confirmed] += 1
        for name in _shared_services(one.setback_services, one.services):
            services[name.casefold()][one.is_confirmed] += 1
    return Learned(
        words={word: _factor(counts) for word, counts in words.items()},
        services={name: _factor(counts) for name, counts in services.items()},
    )


def _factor(counts: Mapping[bool, int]) -> float:
    confirmed = counts.get(True, 0) + _CONFIRMED_BEFORE
    rejected = counts.get(False, 0) + _REJECTED_BEFORE
    return 2 * confirmed / (confirmed + rejected)


def rank(
    setback: Setback | SetbackDraft,
    candidates: Sequence[Candidate],
    *,
    limit: int = 3,
    leaves_out_weak: bool = True,
    learned: Learned = NOTHING_LEARNED,
) -> list[Suggestion]:
    """Return the likeliest candidates, best first; fewer than `limit` rather than weak ones.

    Where `leaves_out_weak` is False they follow, but for those that have nothing in common. The
    order depends on nothing but the facts: equal scores go by key.
    """
    words = _words(setback.text)
    texts = {one.assumption.key: _words(one.assumption.statement) for one in candidates}
    having = Counter(word for found in texts.values() for word in found)
    weights = {word: _rarity(having[word]) * learned.words.get(word, 1.0) for word in words}
    surprise = min(log(max(len(texts), 1)) / log(_FEW), 1.0)
    scored: list[tuple[bool, bool, bool, float, AssumptionKey, Suggestion]] = []
    for one in candidates:
        key = one.assumption.key
        shared = _shared_words(words, texts[key], weights)
        common = _in_common(setback, one.assumption, shared, surprise, learned)
        is_weak = common.evidence < LEAST or not common.words
        if is_weak and (leaves_out_weak or common.is_nothing):
            continue
        found = _suggestion(setback, one, common)
        is_late = one.assumption.logged_at > setback.started_at
        scored.append((is_weak, is_late, _was_settled(one.as_of), -found.score, key, found))
    scored.sort(key=lambda row: row[:5])
    return [row[5] for row in scored[:limit]]


def likeness(one: str, other: str) -> float:
    """Return how much of the two texts' telling words is shared, 0–1, whatever their order."""
    ours, theirs = _words(one).keys(), _words(other).keys()
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def _was_settled(as_of: AsOf) -> bool:
    """Whether nobody had reason to worry then: validated and fresh, or retired."""
    return as_of.status in {Status.VALIDATED, Status.RETIRED} and not as_of.is_stale


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What a setback and an assumption have in common."""

    words: tuple[str, ...]  # as the setback writes them, the most telling first
    services: tuple[str, ...]
    is_same_project: bool
    evidence: float  # points

    @property
    def is_nothing(self) -> bool:
        """Whether they have no word and no service in common."""
        return not self.words and not self.services


@dataclass(frozen=True, slots=True)
class _SharedWord:
    written: str  # as the setback has it
    weight: float


def _shared_words(
    ours: Mapping[str, str], theirs: Mapping[str, str], weights: Mapping[str, float]
) -> list[_SharedWord]:
    """Return them, the most telling first; those of one weight stay as in the text."""
    shared = [_SharedWord(ours[word], weights[word]) for word in ours if word in theirs]
    return sorted(shared, key=lambda word: -word.weight)


def _in_common(
    setback: Setback | SetbackDraft,
    assumption: Assumption,
    shared: Sequence[_SharedWord],
    surprise: float,
    learned: Learned,
) -> _Common:
    """Weigh what they share; `surprise`, 0–1, is what a word that is alone is multiplied with."""
    services = _shared_services(setback.services, assumption.services)
    is_same = setback.project is not None and setback.project == assumption.key.project
    text = min(sum(word.weight for word in shared), _TEXT_MOST)
    if len(shared) == 1 and not services:
        text *= surprise
    factors = [learned.services.get(name.casefold(), 1.0) for name in services]
    return _Common(
        words=tuple(word.written for word in shared),
        services=tuple(services),
        is_same_project=is_same,
        evidence=text + _SERVICE * max(factors, default=0.0) + _PROJECT * is_same,
    )


def _suggestion(setback: Setback | SetbackDraft, one: Candidate, common: _Common) -> Suggestion:
    assumption = one.assumption
    is_late = assumption.logged_at > setback.started_at
    reasons = ["first written down afterwards" if is_late else _status_reason(one.as_of)]
    reasons += [f"same service: {', '.join(common.services)}"] if common.services else []
    reasons += ["same project"] if common.is_same_project else []
    if common.words:
        reasons.append(f"shares: {', '.join(common.words[:_NAMED_WORDS])}")
    reasons += ["load-bearing"] if assumption.impact is Impact.CRITICAL else []
    score = common.evidence + _IMPACT[assumption.impact]
    score += _AGE * _freshness(assumption.logged_at, setback.started_at)
    return Suggestion(key=assumption.key, score=round(score, 6), reasons=tuple(reasons))


def _status_reason(as_of: AsOf) -> str:
    match as_of.status:
        case Status.VALIDATED if as_of.is_stale:
            return "its answer had expired when this began"
        case Status.VALIDATED:
            return "validated when this began"
        case Status.REFUTED:
            return "known to be wrong when this began"
        case Status.RETIRED:
            return "retired when this began"
        case Status.UNVALIDATED:
            return "not validated when this began"


def _shared_services(ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    known = {name.casefold() for name in theirs}
    return sorted({name for name in ours if name.casefold() in known})


def _freshness(logged_at: datetime, began_at: datetime) -> float:
    """Return 1 for what was logged the moment before, halving with age."""
    age = max(began_at - logged_at, timedelta(0))
    return float(0.5 ** (age / _AGE_HALVES_IN))


def _rarity(having: int) -> float:
    """Return 1 for a word that one candidate has, falling to 0 for one that `_MANY` have."""
    return max(1 - log(max(having, 1)) / log(_MANY), 0.0)


def _words(text: str) -> dict[str, str]:
    """Map the stem of each telling word to how it was first written."""
    found: dict[str, str] = {}
    for written in _WORD.findall(text):
        word = _telling(written)
        if word is not None:
            found.setdefault(word, written)
    return found


@lru_cache(maxsize=20_000)  # the same words come again and again, and are most of the work
def _telling(written: str) -> str | None:
    """Return the stem of a word; None for one that tells nothing."""
    word = written.casefold().replace("’", "'")
    is_short_number = word.isdigit() and len(word) <= _STEM_MIN
    return None if word in _IGNORED or is_short_number else stem(word)


def stem(word: str) -> str:
    """Cut one English ending, so that "payment", "payments" and "paying" meet in most cases."""
    word = word.removesuffix("'s")
    if word.endswith("ies") and len(word) - len("ies") >= _STEM_MIN:
        return word.removesuffix("ies") + "y"
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _STEM_MIN:
            return word.removesuffix(suffix)
    return word


_IGNORED = frozenset(_COMMON_WORDS.split())
