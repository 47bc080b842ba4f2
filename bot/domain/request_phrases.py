"""The phrases by which things are requested, without a place and a time at their end.

Each is in lower case, without punctuation and politeness, and must match as a whole.
"""

import re

from bot.domain.request import Which
from bot.domain.setback import SetbackKind

_NOUN = r"(?:assumptions?|statements?)"
_NOUN_BESIDE = r"(?:assumptions?|statements?|ones|things)"
_VERB = (
    r"(?:(?:list|show|find|display|see|get|which|what|any|anything|what's|whats|what has|how many)"
    r"|(?:which|what|is there|are there|do we have|is|are)(?: (?:are|is|any|anything|has))?)"
)
_FILLER = (
    r"(?:(?:the|all|any|every|everything|anything|me|us|of|our|that|that's|are|is|still|currently)"
    r" )*"
)
_BEING = r"(?:that )?(?:is |are |has |have |turned out )?(?:still )?"
_LISTED: tuple[tuple[Which, str, str], ...] = (
    # Words that say so by themselves; then words that need a noun beside them.
    (
        Which.UNVALIDATED,
        r"unvalidated|unconfirmed|unchecked|unverified|unproven"
        r"|not (?:yet )?(?:been )?(?:validated|confirmed|checked|verified|proven)(?: yet)?",
        r"untested|unanswered|not (?:yet )?(?:been )?answered(?: yet)?",
    ),
    (Which.CRITICAL, r"load-?bearing|critical", r"(?!)"),
    (Which.NEXT, r"(?!)", r"(?:most )?(?:risky|riskiest|harmful|dangerous)"),
    (Which.STALE, r"(?:gone )?stale|expired|outdated|out of date", r"old"),
    (Which.OVERDUE, r"overdue|past due", r"late"),
    (
        Which.REFUTED,
        r"refuted|disproved|disproven|not true|no longer true",
        r"wrong|false|failed|untrue",
    ),
    (Which.MINE, r"mine|my (?:list|ones)", r"my(?: own)?"),
    (Which.ALL, r"(?!)", r"all|every|retired"),
    (Which.OPEN, r"(?!)", r"(?:still )?open|tracked|current|our|the"),
)
LISTS: tuple[tuple[Which, re.Pattern[str]], ...] = (
    *(
        (
            which,
            re.compile(
                rf"(?:{_VERB} )?{_FILLER}(?:{clear})(?: {_NOUN_BESIDE})?(?: (?:do )?we have)?"
                rf"|(?:{_VERB} )?{_FILLER}(?:{vague}) {_NOUN_BESIDE}(?: (?:do )?we have)?"
                rf"|{_VERB} {_FILLER}{_NOUN_BESIDE} {_BEING}(?:{clear}|{vague})"
            ),
        )
        for which, clear, vague in _LISTED
    ),
    (
        Which.MINE,
        re.compile(r"what (?:do i own|am i relying on|do i rely on|am i assuming|do i assume)"),
    ),
    (Which.OVERDUE, re.compile(rf"{_VERB} (?:is |are )?late")),
    (
        Which.UNVALIDATED,
        re.compile(
            r"what (?:has )?nobody (?:has )?(?:validated|confirmed|checked|answered)(?: yet)?"
        ),
    ),
    (
        Which.NEXT,
        re.compile(
            r"(?:what (?:to|(?:should|must|can|do) (?:we|i)) )?(?:validate|confirm|check)"
            r" (?:next|first)|(?:(?:list|show|what are) )?(?:me )?(?:the |our )?"
            r"(?:top|biggest|main|worst) risks"
        ),
    ),
    (
        Which.REFUTED,
        re.compile(r"what (?:has )?turned out (?:to be )?(?:wrong|false|untrue|not true)"),
    ),
    (Which.ALL, re.compile(r"(?:list|show) (?:me )?(?:all|everything)")),
    (
        Which.OPEN,
        re.compile(
            rf"list(?: open)?|{_VERB} (?:is |are )?(?:still )?open"
            rf"|(?:{_VERB} )?{_FILLER}{_NOUN}(?: (?:do )?we have| are there)?"
            r"|what (?:do we (?:assume|rely on|take as true)"
            r"|are we (?:assuming|relying on|betting on|counting on))"
        ),
    ),
)
KEY = r"([a-z][a-z0-9]{1,9}-[1-9][0-9]{0,8})"
_OF_IT = r"(?:details|status|history|state|timeline)"
SHOWS = (
    re.compile(
        r"(?:(?:show|open|see|find|what about|what's|whats|what is|about|explain|look at|how is"
        rf"|what happened (?:to|with)|where (?:is|are we with)"
        rf"|(?:(?:what's|what is|show) )?(?:me )?(?:the )?{_OF_IT}(?: (?:of|on|about|for))?)"
        rf" )?(?:me )?{KEY}(?: {_OF_IT})?"
    ),
    re.compile(
        rf"is {KEY} (?:still |already |really )?"
        r"(?:true|valid|validated|confirmed|open|stale|ok|okay|refuted)"
    ),
)
WHO = re.compile(
    r"(?:whom? (?:is|'s|was|will be|gets|are|do you|did you|should|must|can|has)"
    r"(?: (?:being|been|to be))? (?:asked|ask|answer|confirm|validate|validated|confirmed|answered)"
    r"(?: (?:about|for|on|to confirm|to validate))?"
    r"|who (?:are you|have you|did you) ask(?:ing|ed)?(?: about| for)?"
    r"|who (?:can|could|will|would) (?:tell|know|confirm|validate|answer)(?: about| for)?"
    r"|who's asked (?:about|for)|who (?:owns|validates|answers|confirms|knows about)"
    r"|(?:who (?:is|are|'s) )?(?:the )?(?:owner|stakeholders?) (?:of|for)) " + KEY
)
BROKE = re.compile(
    r"(?:what|anything|what has|what's|has anything|did anything|what did)"
    r" (?:broke|break|broken|gone wrong|went wrong|go wrong|slipped|slip|hurt us)"
)
_KINDS: tuple[tuple[str, SetbackKind | None], ...] = (
    ("setbacks?", None),
    ("incidents?|outages?", SetbackKind.INCIDENT),
    ("delays?|slips?", SetbackKind.DELAY),
    ("bugs", SetbackKind.BUG),
    ("scope changes?", SetbackKind.SCOPE_CHANGE),
)
HAPPENED = tuple(
    (
        kind,
        re.compile(
            r"(?:(?:list|show|which|what|any|the|our|recent|latest|all|how many|me|were there"
            r"|have there been|had|did we have|we had) )*"
            rf"(?:{words})(?: (?:did we have|we had|have we had|were there|have there been))?"
        ),
    )
    for words, kind in _KINDS
)
REPORT = re.compile(
    r"(?:(?:show|see|get|make|what's|send|post|run) )?(?:me )?(?:the |a |our )?report"
    r"|how are we doing|what (?:did|have) we learn(?:ed|t)?"
)
DUE = re.compile(
    r"due|what(?:'s| is) due(?: for me)?"
    r"|what (?:will|am|would) i (?:be )?asked(?: (?:next|about|soon))?"
    r"|what (?:will|do|are) you (?:going to |gonna |about to |want to )?ask(?:ing)? me(?: next)?"
    r"|when (?:will|do) you ask me(?: next| again)?"
    r"|when (?:will|am) i (?:be )?asked(?: next| again)?"
    r"|(?:show )?(?:me )?my questions|any questions for me|do you have (?:any )?questions for me"
    r"|what do i (?:have|need) to answer|what(?:'s| is) (?:coming|next) for me"
    r"|what do you (?:need|want) (?:to know )?from me"
    r"|what(?:'s| is) waiting for (?:me|my answer)|what waits for (?:me|my answer)"
    r"|do i have (?:any |open )?questions"
)
HELP = re.compile(
    r"|help(?: me)?|commands?|usage|what can (?:you|i) (?:do|ask|say)(?: here| for me| you)?"
    r"|how (?:does (?:this|it) work|do you work|do i use (?:this|you))|what do you do"
    r"|who are you|what are you(?: for)?|what do you (?:understand|know)"
)
