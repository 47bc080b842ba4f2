"""Which assumptions may have been underneath a setback, with reasons in words.

Source: design.md, "Setbacks and traces". A suggestion never counts as a link: people confirm.

The score is `text + service + project + impact + age`, in points:

- text, 0–3: how much of the shorter of the two texts is shared, counted in word weights. A word
  weighs the more, the fewer of the candidates have it; a single shared word counts half.
- service, 1.25: both name the same service. Project, 0.5: both belong to the same project.
- impact, 0–0.3: low to critical. Age, 0–0.2: halves every 90 days.

Weak ones are left out: text, service and project together must reach `LEAST`. Of the rest, those
whose status was not "validated" when the setback began come first, whatever their score.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

from bot.domain.assumption import Assumption, Impact, Status
from bot.domain.history import AsOf
from bot.domain.ids import AssumptionKey
from bot.domain.setback import Setback, SetbackDraft

LEAST = 1.2
_TEXT, _SERVICE, _PROJECT = 3.0, 1.25, 0.5
_IMPACT = {Impact.LOW: 0.0, Impact.MEDIUM: 0.1, Impact.HIGH: 0.2, Impact.CRITICAL: 0.3}
_AGE, _AGE_HALVES_IN = 0.2, timedelta(days=90)
_SINGLE = 0.5  # one word in common is often chance
_SHORT_TEXT = 3  # words; in shorter texts a single word would count too much
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


def rank(
    setback: Setback | SetbackDraft, candidates: Sequence[Candidate], *, limit: int = 3
) -> list[Suggestion]:
    """Return the likeliest candidates, best first; fewer than `limit` rather than weak ones.

    The order depends on nothing but the facts: equal scores go by key.
    """
    words = _words(setback.text)
    texts = {one.assumption.key: _words(one.assumption.statement) for one in candidates}
    weights = _weights(words, texts.values())
    scored = [
        (_was_settled(one.as_of), -suggestion.score, suggestion.key, suggestion)
        for one in candidates
        if (suggestion := _suggest(setback, one, words, texts[one.assumption.key], weights))
    ]
    scored.sort(key=lambda row: row[:3])
    return [suggestion for *_, suggestion in scored[:limit]]


def likeness(one: str, other: str) -> float:
    """Return how much of the two texts' telling words is shared, 0–1, whatever their order."""
    ours, theirs = _words(one).keys(), _words(other).keys()
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def _was_settled(as_of: AsOf) -> bool:
    """Whether nobody had reason to worry then: validated and fresh, or retired."""
    return as_of.status in {Status.VALIDATED, Status.RETIRED} and not as_of.is_stale


def _suggest(
    setback: Setback | SetbackDraft,
    one: Candidate,
    setback_words: Mapping[str, str],
    words: Mapping[str, str],
    weights: Mapping[str, float],
) -> Suggestion | None:
    assumption = one.assumption
    shared = [word for word in setback_words if word in words]
    shared.sort(key=lambda word: -weights[word])  # words of one weight stay as in the text
    services = _shared_services(setback.services, assumption.services)
    same_project = setback.project is not None and setback.project == assumption.key.project
    evidence = _TEXT * _overlap(shared, setback_words, words, weights)
    evidence *= _SINGLE if len(shared) == 1 else 1
    evidence += _SERVICE * bool(services) + _PROJECT * same_project
    if evidence < LEAST or not (shared or services):
        return None
    reasons = [_status_reason(one.as_of)]
    reasons += [f"same service: {', '.join(services)}"] if services else []
    reasons += ["same project"] if same_project else []
    if shared:
        reasons.append(f"shares: {', '.join(setback_words[w] for w in shared[:_NAMED_WORDS])}")
    reasons += ["load-bearing"] if assumption.impact is Impact.CRITICAL else []
    score = evidence + _IMPACT[assumption.impact]
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


def _overlap(
    shared: Iterable[str],
    left: Iterable[str],
    right: Iterable[str],
    weights: Mapping[str, float],
) -> float:
    """Return the shared weight as a part, 0–1, of the lighter text's weight."""
    lighter = min(_weight_of(list(side), weights) for side in (left, right))
    return sum(weights[word] for word in shared) / lighter if lighter else 0.0


def _weight_of(words: Sequence[str], weights: Mapping[str, float]) -> float:
    """Weigh a text as if a short one were filled up with more words of its kind."""
    filled = max(_SHORT_TEXT / len(words), 1.0) if words else 0.0
    return filled * sum(weights[word] for word in words)


def _freshness(logged_at: datetime, began_at: datetime) -> float:
    """Return 1 for what was logged the moment before, halving with age."""
    age = max(began_at - logged_at, timedelta(0))
    return float(0.5 ** (age / _AGE_HALVES_IN))


def _weights(setback_words: Iterable[str], texts: Iterable[Mapping[str, str]]) -> dict[str, float]:
    """Weigh each word, from 1 for one that every candidate has; rare ones weigh more."""
    texts = list(texts)
    having = Counter(word for words in texts for word in words)
    known = having.keys() | set(setback_words)
    return {word: 1 + log((1 + len(texts)) / (1 + max(having[word], 1))) for word in known}


def _words(text: str) -> dict[str, str]:
    """Map the stem of each telling word to how it was first written."""
    found: dict[str, str] = {}
    for match in _WORD.finditer(text):
        written = match[0]
        word = written.casefold().replace("’", "'")
        if word not in _IGNORED and not (word.isdigit() and len(word) <= _STEM_MIN):
            found.setdefault(_stem(word), written)
    return found


def _stem(word: str) -> str:
    """Cut one English ending, so that "payment", "payments" and "paying" meet in most cases."""
    word = word.removesuffix("'s")
    if word.endswith("ies") and len(word) - len("ies") >= _STEM_MIN:
        return word.removesuffix("ies") + "y"
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _STEM_MIN:
            return word.removesuffix(suffix)
    return word


_IGNORED = frozenset(_COMMON_WORDS.split())
