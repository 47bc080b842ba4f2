"""Reading a request: no case, punctuation or politeness; a place and a time off its end; the rest.

What is left must be one of the phrases below, from its first word to its last.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.ids import AssumptionKey, ChannelId
from bot.domain.request import (
    EVERYWHERE,
    HERE,
    Broke,
    Due,
    Help,
    Listed,
    Log,
    Reported,
    Request,
    Shown,
    Where,
    Which,
    WhoIsAsked,
    render,
)
from bot.domain.request_phrases import (
    BROKE,
    DUE,
    HAPPENED,
    HELP,
    KEY,
    LISTS,
    REPORT,
    SHOWS,
    WHO,
)
from bot.domain.text import nearest, strip_controls

LONGEST = 400  # characters of a request; only what is to be logged may be longer

_MARKS = re.compile(
    r"[.,;:!?\"“”()*_~`…]+(?=\s|$)|(?:(?<=\s)|^)[\"“”(*_~`]+|(?<=\s)[—–-]+(?=\s)|[—–]"
)
_POLITE = re.compile(
    r"\b(?:please|pls|plz|kindly|hey|hi|hello|dear|thanks|thank you|thx|cheers|ok|okay|so|and|well"
    r"|good (?:morning|afternoon|evening)|quickly|just|right now|now|at the moment)\b"
)
_LEAD = re.compile(
    r"^(?:(?:can|could|would|will|may) (?:you|i|we)|do you know"
    r"|i(?:'d| would) (?:like|love)(?: to)?"
    r"|i (?:want|need)(?: to)?|let(?:'s| me)|(?:tell|give|remind) (?:me|us)"
    r"|show (?:me|us)(?= (?:what|which|who|how|when)\b))\s+"
)
_NOT = re.compile(r"(?<=is|as|re|ve)n't\b")  # isn't, hasn't, wasn't, aren't, weren't, haven't
_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|[^<>]*)?>")

_EVERYWHERE = r"all(?: (?:the |our )?(?:projects|channels))?|everywhere|every project|anywhere"
_HERE = r"here|this (?:channel|project)"
_SENTENCE = r"is|are|was|were|be|will|would|has|have|had|do|does|did|not|and|who|which"
_NAME = rf"(?!.*\b(?:{_SENTENCE})\b)#?[a-z0-9][\w&'-]*(?: [\w&'-]+){{0,3}}"
_PLACE = re.compile(rf"{_EVERYWHERE}|{_HERE}|<#[a-z0-9]+>|{_NAME}")
_LAST_WORDS = re.compile(rf"(.+) ({_HERE}|everywhere|anywhere)")
_BARE = re.compile(rf"{_EVERYWHERE}|<#[a-z0-9]+>|[a-z][a-z0-9]{{1,9}}")
_BEFORE_A_PLACE = re.compile(r"(?:^| )(?:in|for|of|on|from|about|across|within)(?= )")
_AROUND_A_NAME = re.compile(r"^(?:(?:the|project|our) )+|^#| project$")
_NO_NAME = re.compile(
    r"(?:it|that|this|them|me|us|you|an?|the|to|of|is|are|we|i|my|mine|our|what|who|how|why|bug"
    r"|issue|list|report|open|true|false|stale|old|help|asked|wrong|there|today|all)"
)
_UNIT = r"(?:day|week|month|quarter|year|cycle)s?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_PERIOD = re.compile(
    r"(?:^| )(?:(?:in|during|over|within|for|from) )?(?:the )?"
    rf"((?:this|last|past|previous|current) (?:\d{{1,4}} )?{_UNIT}|cycle \d{{1,4}}"
    rf"|\d{{1,4}} ?{_UNIT}|today|yesterday|lately|recently|since [\w ]{{1,30}}"
    rf"|{_MONTH} 20\d\d|q[1-4] 20\d\d|20\d\d)$"
)
_PERIOD_AS = {
    "today": "since today",
    "yesterday": "since yesterday",
    "lately": "month",
    "recently": "month",
}

_NO_OWNER = "what|who|that|it|there|here|let|how|which|where|when"
# A name in the middle goes to the end, where places stand.
_TURNED = (
    (
        re.compile(
            r"(?:(?:list|show|see|get|what are|which are) )?(?:me )?(?:all )?"
            rf"((?!(?:{_NO_OWNER})\b)[a-z0-9][\w&-]*(?: [\w&-]+){{0,2}})'s "
            r"((?:[a-z-]+ )?assumptions)"
        ),
        r"list \2 in \1",
    ),
    (
        re.compile(
            r"what (?:does|is) (.+) (?:assume|assuming|rely on|relying on|depend on|betting on)"
        ),
        r"what do we assume in \1",
    ),
    (re.compile(r"how is (?!it\b|this\b|that\b)(.+) doing(.*)"), r"how are we doing in \1\2"),
    (
        re.compile(r"list ([a-z][a-z0-9]{1,9}) (unvalidated|stale|overdue|refuted|mine|open|all)"),
        r"list \2 in \1",
    ),
)

_TAKES_A_BARE_NAME = re.compile(
    r"list|report|(?:list )?(?:unvalidated|stale|overdue|refuted|mine)|list (?:open|all)"
    r"|(?:show|list) (?:the )?assumptions"
)

_LOG = re.compile(
    r"\s*(?:(?:please|pls|hey|hi|ok),? |(?:can|could) you (?:please )?)?"
    r"(?:log|note|assume|write down|track)(?: (?:this|that|it|an? assumption|assumption|down))?"
    r"(?: (?:in|for|under|to) (?P<place><#[A-Z0-9]+(?:\|[^<>]*)?>|[\w &'#-]{1,80}?))?"
    r"\s*:\s*(?P<line>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_ASSUMING = r"(?:we|i)(?:'re| are|'m| am)? assum(?:e|ing)(?: that)? (?=\S+ \S)"
_WE_ASSUME = re.compile(rf"(?:{_ASSUMING})+", re.IGNORECASE)
_LOG_THAT_WE_ASSUME = re.compile(
    rf"\s*(?:(?:please|pls),? )?log(?: that)? (?:{_ASSUMING})+(?P<line>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SPACED_KEY = re.compile(
    r"\b(?!(?:cycle|last|next|past|top|version|part|step|day|week|month|year)\b)"
    r"([a-z][a-z0-9]{1,9}) ([1-9][0-9]{0,8})(?=$| )"
)


def parse(text: str) -> Request | None:
    """Return what is wanted; None where the words do not say it, from the first to the last.

    Any text gives a result and never an error.

    Args:
        text: As Slack sends it, without the bot's own mention.
    """
    text = strip_controls(text).replace("’", "'")
    logged = _LOG.fullmatch(text)
    if logged is not None:
        line = _WE_ASSUME.sub("", logged["line"].strip(), count=1)
        return Log(line, _where(" ".join(_channels_in(logged["place"] or "").casefold().split())))
    if said := _LOG_THAT_WE_ASSUME.fullmatch(text):
        return Log(said["line"].strip())
    return _read_surely(_plain_words(text)) if len(text) <= LONGEST else None


def _read_surely(words: str) -> Request | None:
    """Read them; what could not be told again in words that mean the same was not understood."""
    request = _read(words)
    if request is None or _read(_plain_words(render(request))) != request:
        return None
    return request


def _plain_words(text: str) -> str:
    words = _MARKS.sub(" ", _channels_in(text).casefold())
    words = _NOT.sub(" not", words)
    words = " ".join(_POLITE.sub(" ", words).split())
    while (shorter := _LEAD.sub("", words, count=1)) != words:
        words = shorter
    for pattern, turned in _TURNED:
        words = pattern.sub(turned, words) if pattern.fullmatch(words) else words
    return words


def _channels_in(text: str) -> str:
    """Keep a channel's id of its token: the name beside it may change."""
    return _CHANNEL.sub(r"<#\1>", text)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to take a place and a time off the end."""

    head: str
    where: Where = HERE
    period: str = ""
    is_bare: bool = False  # the place is a lone word that no preposition stands before


def _read(words: str) -> Request | None:
    if HELP.fullmatch(words):
        return Help()
    if DUE.fullmatch(words):
        return Due()
    if (keyed := _of_key(words) or _of_key(_SPACED_KEY.sub(r"\1-\2", words))) is not None:
        return keyed
    for reading in _readings(words):
        if reading.is_bare and not _TAKES_A_BARE_NAME.fullmatch(reading.head):
            continue
        request = _of_a_time(reading) or (None if reading.period else _of_a_list(reading))
        if request is not None:
            return request
    return None


def _of_key(words: str) -> Request | None:
    if (found := WHO.fullmatch(words)) and (key := AssumptionKey.parse(found[1])):
        return WhoIsAsked(key)
    for pattern in SHOWS:
        if (found := pattern.fullmatch(words)) and (key := AssumptionKey.parse(found[1])):
            return Shown(key)
    return None


def _of_a_time(reading: _Reading) -> Request | None:
    if REPORT.fullmatch(reading.head):
        return Reported(reading.where, reading.period)
    if BROKE.fullmatch(reading.head):
        return Broke(None, reading.where, reading.period)
    for kind, pattern in HAPPENED:
        if pattern.fullmatch(reading.head):
            return Broke(kind, reading.where, reading.period)
    return None


def _of_a_list(reading: _Reading) -> Request | None:
    found = (which for which, pattern in LISTS if pattern.fullmatch(reading.head))
    which = next(found, None)
    return Listed(which, reading.where) if which is not None else None


def _readings(words: str) -> Iterator[_Reading]:
    """Every way to take a place, a time, or both in either order, off the end."""
    for head, period in _without_period(words):
        for rest, where, is_bare in _without_place(head):
            yield _Reading(rest, where, period, is_bare)
            for first, earlier in _without_period(rest):
                if earlier and not period:
                    yield _Reading(first, where, earlier, is_bare)


def _without_period(words: str) -> Iterator[tuple[str, str]]:
    found = _PERIOD.search(words)
    if found is not None:
        yield words[: found.start()], _as_period(found[1])
    yield words, ""


def _as_period(words: str) -> str:
    words = re.sub(r"^(?:past|previous)\b", "last", words)
    return _PERIOD_AS.get(words, re.sub(r"^current\b", "this", words))


def _without_place(words: str) -> Iterator[tuple[str, Where, bool]]:
    yield words, HERE, False
    for found in _BEFORE_A_PLACE.finditer(words):
        place = words[found.end() + 1 :]
        if _PLACE.fullmatch(place) and (place == "all" or not _NO_NAME.fullmatch(place)):
            yield words[: found.start()], _where(place), False
    if last_words := _LAST_WORDS.fullmatch(words):
        yield last_words[1], _where(last_words[2]), False
    head, _, last = words.rpartition(" ")
    if head and _BARE.fullmatch(last) and (last == "all" or not _NO_NAME.fullmatch(last)):
        yield head, _where(last), True


def _where(place: str) -> Where:
    place = _AROUND_A_NAME.sub("", place)
    if re.fullmatch(_EVERYWHERE, place):
        return EVERYWHERE
    if not place or re.fullmatch(_HERE, place):
        return HERE
    if place.startswith("<#"):
        return Where(channel=ChannelId(place[2:-1].upper()))
    return Where(words=place)


_TELLING = (
    ("log|assum", "log: we assume the API is live by March 3"),
    ("report", "report"),
    ("broke|setback|incident|delay|wrong", "what broke last week"),
    ("asked|ask me", "what will I be asked?"),
)
_BARE_OWNER = re.compile(rf"(?!(?:{_NO_OWNER})\b)([a-z][a-z0-9]{{1,9}}) assumptions")
_NEAR = ("list stale", "list overdue", "list mine", "list unvalidated", "list", "report", "due")


def nearest_request(text: str) -> str:
    """Return the example that the text was most likely meant to be; *help* where none is near."""
    text = " ".join(strip_controls(text)[:LONGEST].replace("’", "'").split())
    if said := _WE_ASSUME.match(text):
        return f"log: {text[said.end() :]}"
    words = _plain_words(text)
    if owned := _BARE_OWNER.fullmatch(words):
        return f"list {owned[1]}"
    if key := re.search(rf"\b{KEY}\b", words):
        asks_who = words.startswith("who")
        return f"{'who is asked about' if asks_who else 'show'} {key[1].upper()}"
    for which in (Which.UNVALIDATED, Which.STALE, Which.OVERDUE, Which.REFUTED, Which.MINE):
        if re.search(rf"\b{which}\b", words):
            return f"list {which}"
    for telling, example in _TELLING:
        if re.search(rf"\b(?:{telling})", words):
            return example
    return nearest(words, _NEAR) or "help"
