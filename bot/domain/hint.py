"""Whether a message says something that its author takes as true and builds on.

    I assume the payments API is live by March 3.
    We're betting that most users update within a month
    As long as the certificate is renewed before the 14th, the launch date holds.

To be asked for nothing annoys more than to be overlooked, so precision goes before recall: what
is a question, a quotation, code, a joke, negated, in the past or about somebody else is passed by.
Source: design.md, "Logging an assumption"; measured on `tests/listening`.
"""

import re
from dataclasses import dataclass

LONGEST = 1500  # characters of a message; what is longer is an essay, and nobody's one assumption

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_QUOTED_REST = re.compile(r"^(?:&gt;|>){3}.*\Z", re.DOTALL | re.MULTILINE)
_QUOTED_LINE = re.compile(r"^\s*(?:&gt;|>).*$", re.MULTILINE)
_SAID_BY_ANOTHER = re.compile(r"“[^”]*”|\"[^\"\n]*\"|«[^»]*»|„[^“”]*[“”]")
_JOKE = re.compile(
    r"\b(?:lol|lmao|rofl|haha+|hehe|jk|just kidding|kidding)\b|(?<!\S)/s(?!\S)"
    r"|(?<!\w)[:;]-?[)DPp](?!\w)"
    r"|:(?:joy|rofl|smile\w*|grin\w*|laughing|wink|sweat_smile|upside_down_face|cat|see_no_evil"
    r"|stuck_out_tongue\w*|smirk|clown_face|shrug|troll):"
    r"|[\U0001F600-\U0001F606\U0001F609\U0001F923\U0001F61B-\U0001F61D\U0001F643]",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.](?=\S)[^.!?\n]*)*[.!?\n]*")
_WORD = re.compile(r"<[@#!][^<>]*>|[\w%'/-]+")

_I_AM = r"(?:i(?:'m| am)|we(?:'re| are))"
_STILL = r"(?: (?:just|simply|currently|also|still|therefore|now|pretty much|really|basically))?"
_THAT = r"(?: (?:here|now))? (?:that )?"
# What follows is what is taken as true.
_STATED = re.compile(
    rf"\b(?:(?:i|we)(?:'d| would| do)?{_STILL} (?:assume|presume)"
    rf"|{_I_AM}{_STILL} (?:assuming|presuming)"
    r"|(?:i|we) expect that"
    r"|(?:i|we) take (?:it )?for granted"
    r"|(?:my|our|the)(?: working)? assumption(?: here)? is"
    rf"|{_I_AM}{_STILL} working on the assumption"
    rf"|(?:{_I_AM}{_STILL} )?going ahead on the (?:assumption|basis)"
    rf"|(?:under|(?:working )?on) the assumption"
    rf"|{_I_AM}{_STILL} betting)"
    rf"{_THAT}(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
# The whole sentence says it.
_RELIED_ON = re.compile(
    rf"(?:\b{_I_AM}{_STILL} |^(?:\W*))(?:counting|banking|betting|relying) on (?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_PRESUMABLY = re.compile(r"^\W*(?:(?:and|so|ok) )?presumably,? (?P<rest>.+)", re.I | re.DOTALL)
_ASSUMING = re.compile(r"^\W*assuming (?:that )?(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_PLAN_RESTS = re.compile(
    r"\b(?:plan|estimate|schedule|launch|release|timeline|roadmap|budget)s?"
    r" (?:depends? on|rel(?:y|ies) on|rests? on|hangs? on|presupposes?|assumes?)"
    r"(?: that)? (?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_DAY = (
    r"(?:(?:next|this|the end of|end of|mid|early|late|around)\s+)*"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|(?:next|this|the end of|end of|mid|early|late|around)\s+\w+"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b"
    r"|(?:the )?\d{1,2}(?:st|nd|rd|th)\b|tomorrow|tonight|noon|then\b|q[1-4]\b|\d{4}-\d\d-\d\d"
)
_SHOULD_BY = re.compile(
    r"\bshould (?:be|work|arrive|land|run|hold|pass)\b(?P<rest>.*?\bby (?:" + _DAY + r").*)",
    re.IGNORECASE | re.DOTALL,
)
_AS_LONG_AS = re.compile(r"(?P<before>.*?)\bas long as (?P<rest>.+)", re.IGNORECASE | re.DOTALL)

_NO_STATEMENT = re.compile(
    r"(?:so|not(?! more)|yes|no(?! one| more)|yep|nope|wrong(?:ly)?|me|you|your|you're|y'all"
    r"|he|she|he's|she's|it|that|this|that's|one hand|my fingers|good intent|the worst)\b",
    re.IGNORECASE,
)
_ABOUT_THIS = re.compile(r"(?:it|this) (?!so\b)\w+ \w+", re.IGNORECASE)
_THE_PAST = re.compile(
    r"\b(?:thought|assumed|was|were|had|used to|should have|yesterday|said|says)\b", re.IGNORECASE
)
_NEGATED = re.compile(
    r"\b(?:not|never|no longer|stop|can't|cannot|don't|won't|wouldn't|shouldn't|if|whether|who"
    r"|let's|should|can|could)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:you|your|i|i'm|i'll|i'd|me|my)\b", re.IGNORECASE)
_COMPARED = re.compile(r"\b(?:is|was|are|were|be|twice|just|take|takes|took)\s+$", re.IGNORECASE)
_FEWEST = 3  # words of a statement
_FEWEST_OF_TWO = 8  # of a sentence that says two things


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something that a message takes as true."""

    statement: str  # as typed, with Slack's tokens: what to offer to log
    reasons: tuple[str, ...]  # in words, why it is taken for one; never empty


def find_hint(text: str) -> Hint | None:
    """Return what the message takes as true; None where it surely says no such thing.

    Any text gives a result and never an error.

    Args:
        text: As Slack sends it, not yet decoded.
    """
    if len(text) > LONGEST or _JOKE.search(text):
        return None
    for sentence in _sentences(text):
        hint = _read(sentence)
        if hint is not None:
            return hint
    return None


def _sentences(text: str) -> list[str]:
    """What the author says in their own words, without questions and without what they quote."""
    own = text.replace("’", "'")
    for quoted in (_CODE, _QUOTED_REST, _QUOTED_LINE):
        own = quoted.sub("\n", own)
    if _SAID_BY_ANOTHER.search(own):
        return []
    whole = (match[0].strip() for match in _SENTENCE.finditer(own))
    return [sentence for sentence in whole if sentence and "?" not in sentence]


def _read(sentence: str) -> Hint | None:
    for rule in (_stated, _relied_on, _presumed, _of_the_plan, _by_a_day, _conditional):
        hint = rule(sentence)
        if hint is not None:
            return hint
    return None


def _stated(sentence: str) -> Hint | None:
    found = _STATED.search(sentence)
    if found is None or _NEGATED.search(sentence[: found.start()]):
        return None
    if not _is_statement(found["rest"]):
        return None
    return Hint(statement=_as_sentence(found["rest"]), reasons=(f"says “{_lead(found)}”",))


def _relied_on(sentence: str) -> Hint | None:
    found = _RELIED_ON.search(sentence)
    if found is None or _NEGATED.search(sentence[: found.start()]):
        return None
    return _whole(sentence, found) if _is_statement(found["rest"]) else None


def _presumed(sentence: str) -> Hint | None:
    found = _PRESUMABLY.match(sentence)
    if found is None or not _is_statement(found["rest"], fewest=_FEWEST + 1):
        return None
    return Hint(statement=_as_sentence(found["rest"]), reasons=("says “presumably”",))


def _of_the_plan(sentence: str) -> Hint | None:
    found = _PLAN_RESTS.search(sentence)
    if found is None or _THE_PAST.search(sentence) or not _is_statement(found["rest"]):
        return None
    return _whole(sentence, found)


def _by_a_day(sentence: str) -> Hint | None:
    """*Should be fine by* says nothing of its own: a day must follow, and nothing of the past."""
    found = _SHOULD_BY.search(sentence)
    if found is None or _THE_PAST.search(sentence) or re.search(r"\bnot\b", sentence, re.I):
        return None
    return Hint(statement=_as_sentence(sentence), reasons=("says “should … by” and a day",))


def _conditional(sentence: str) -> Hint | None:
    """*As long as* and *assuming* need what hangs on them, and nobody who is spoken to."""
    is_weak = (
        len(_words(sentence)) < _FEWEST_OF_TWO
        or sentence.endswith("!")
        or _PERSONAL.search(sentence)
        or _THE_PAST.search(sentence)
    )
    if is_weak:
        return None
    found = _AS_LONG_AS.match(sentence)
    if found is not None and not _COMPARED.search(found["before"]):
        return Hint(statement=_as_sentence(sentence), reasons=("says “as long as”",))
    found = _ASSUMING.match(sentence)
    if found is not None and _is_statement(found["rest"]):
        return Hint(statement=_as_sentence(sentence), reasons=("says “assuming”",))
    return None


def _is_statement(rest: str, *, fewest: int = _FEWEST) -> bool:
    """Whether what follows can be true or false, of a thing and not of the one spoken to."""
    if len(_words(rest)) < fewest:
        return False
    return _NO_STATEMENT.match(rest) is None or _ABOUT_THIS.match(rest) is not None


def _whole(sentence: str, found: re.Match[str]) -> Hint:
    return Hint(statement=_as_sentence(sentence), reasons=(f"says “{_lead(found)}”",))


def _lead(found: re.Match[str]) -> str:
    """The words before what is taken as true, for the reason."""
    lead = found[0][: found.start("rest") - found.start()]
    return " ".join(lead.split()).strip(" ,.:;-").casefold()


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _as_sentence(text: str) -> str:
    """Begin with a capital, end without a full stop: as an assumption is written."""
    clean = " ".join(text.split()).rstrip(" .!…")
    return clean[:1].upper() + clean[1:]
