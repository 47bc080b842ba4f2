"""An answer that somebody types in the thread of a question.

    yes, I called them this morning
    APOLLO-3: no, the vendor slipped
    it depends on the load test
    ask <@U1|bob>
    not mine

A wrong answer stored is worse than one that is asked for again: what hedges, asks back or could
mean two things is not understood. Source: design.md, "Asking".
"""

import re
from dataclasses import dataclass
from typing import assert_never

from bot.domain.ids import AssumptionKey, UserId
from bot.domain.validation import Answer


@dataclass(frozen=True, slots=True)
class Said:
    """One of the three answers, with what was added to it."""

    answer: Answer
    evidence: str  # as typed; may be empty


@dataclass(frozen=True, slots=True)
class PassedOn:
    to: UserId


@dataclass(frozen=True, slots=True)
class Declined:
    """*Not mine*."""


Meaning = Said | PassedOn | Declined

_IT_IS = r"(?:it(?:'s| is) |this is |that(?:'s| is) )?"
# The longest first: what follows "yes, it is" is evidence, and "it is" is none.
_YES = (
    rf"(?:yes,? )?{_IT_IS}(?:still )?(?:true|correct|confirmed)|yes,? it is|yes,? it does"
    r"|yes|yep|yeah|yup"
)
_NO = (
    rf"(?:no,? )?{_IT_IS}(?:not true|no longer true|false)(?: any ?more)?"
    r"|no,? it(?:'s| is) not|no,? it isn't|no|nope"
)
_DEPENDS = r"(?:it |that |this )?depends"
_END = r"(?P<gap>\s*[,.;:!–—]+\s*|\s+-+\s+|\s*$)(?P<rest>.*)"
_ANSWERS = (
    (Answer.HOLDS, re.compile(f"(?:{_YES}){_END}", re.IGNORECASE | re.DOTALL)),
    (Answer.FAILS, re.compile(f"(?:{_NO}){_END}", re.IGNORECASE | re.DOTALL)),
    (
        Answer.UNSURE,
        re.compile(
            rf"(?:{_DEPENDS})(?P<gap>\s+(?:up)?on\s+|\s*[,.;:!–—]+\s*|\s+-+\s+|\s*$)(?P<rest>.*)",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
)
_HEDGES = re.compile(
    r"\b(?:if|unless|except|maybe|perhaps|probably|possibly|hopefully|likely|unlikely|guess|think"
    r"|assume|assuming|provided|should|might|could|would|unsure|sure|know|depends|depending"
    r"|almost|nearly|partly|partially|mostly|half|joking|kidding)\b|n't know|\?",
    re.IGNORECASE,
)
_BUTS = re.compile(r"(?:but|only|although|though|however|yet|not|when|once|until)\b", re.IGNORECASE)
_DOUBTS_A_YES = re.compile(r"\b(?:but|only|although|however|not|no|never|false|\w+n't)\b", re.I)
_DOUBTS_A_NO = re.compile(
    r"\b(?:yes|still|true|fine|ok|okay|correct|right|holds|confirmed|worries|problems?|idea|clue"
    r"|changes?|changed|news|issues?)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_AROUND_A_PERSON = frozenset({"ask", "please", "instead", "try", "better"})
_DECLINING = re.compile(
    r"(?:(?:sorry|no),? )?(?:(?:this|that|it)(?:'s| is) )?"
    r"(?:not mine|not my (?:area|question|topic)|not for me|the wrong person|wrong person)"
    r"|i(?:'m| am) (?:not the right|the wrong) person",
    re.IGNORECASE,
)
_KEYED = re.compile(
    r"(?P<key>[A-Za-z][A-Za-z0-9]{1,9}-\d{1,9})(?:\s*[:,]\s*|\s+)(?P<rest>.+)", re.DOTALL
)


def split_key(text: str) -> tuple[AssumptionKey | None, str]:
    """Return which question the reply says it is about, if it does, and the rest of the reply."""
    keyed = _KEYED.fullmatch(text.strip())
    key = AssumptionKey.parse(keyed["key"].upper()) if keyed else None
    return (key, keyed["rest"]) if keyed and key else (None, text.strip())


def understand(text: str) -> Meaning | None:
    """Return what the reply surely means; None where it may mean something else.

    Args:
        text: As typed, without the key that may begin it; a mention is Slack's token.
    """
    words = " ".join(text.replace("’", "'").split())
    if _DECLINING.fullmatch(words.rstrip(".!")):
        return Declined()
    to = _passed_on(words)
    if to is not None:
        return PassedOn(to)
    for answer, pattern in _ANSWERS:
        found = pattern.fullmatch(words)
        if found is not None and not _is_doubtful(answer, found["rest"]):
            return Said(answer, _as_typed(text, found["rest"]))
    return None


def _passed_on(words: str) -> UserId | None:
    people = _PERSON.findall(words)
    around = set(re.findall(r"[\w'-]+", _PERSON.sub(" ", words).casefold()))
    is_asked = "ask" in around or "try" in around
    if len(people) != 1 or not is_asked or not around <= _AROUND_A_PERSON or "?" in words:
        return None
    return UserId(people[0])


def _is_doubtful(answer: Answer, rest: str) -> bool:
    match answer:
        case Answer.HOLDS:
            return bool(_HEDGES.search(rest) or _DOUBTS_A_YES.search(rest))
        case Answer.FAILS:
            return bool(_HEDGES.search(rest) or _BUTS.match(rest) or _DOUBTS_A_NO.search(rest))
        case Answer.UNSURE:
            return "?" in rest
        case _:
            assert_never(answer)


def _as_typed(text: str, rest: str) -> str:
    """Return the end of `text` that reads like `rest`, with its own spaces and quotes."""
    if not rest:
        return ""
    parts = re.escape(rest).replace(r"\ ", r"\s+").replace("'", "['’]")
    found = re.search(parts + r"\s*\Z", text)
    return found[0].strip() if found else rest
