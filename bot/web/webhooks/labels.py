"""What labels and names of kinds mean, in the words that teams use for them.

| kind | a label or an issue type with one of these words |
| --- | --- |
| incident | incident, outage, downtime |
| scope change | scope change, scope creep, scope cut, descoped |
| delay | delay, delayed, slip, slipped, overdue |
| bug | bug, bugfix, defect, regression, crash |

Words are looked for in any case and with anything around them: `type: bug`, `kind/bug`,
`:bug: Bugfix`. The first line of the table that fits wins. `service:checkout` and
`service/checkout` name a service; `sev2`, `severity/2`, `P1` and `priority: 3` a severity.
"""

import re
from collections.abc import Iterable

from bot.domain.setback import SetbackKind, Severity

_KINDS: tuple[tuple[SetbackKind, tuple[str, ...]], ...] = (
    (SetbackKind.INCIDENT, ("incident", "outage", "downtime")),
    (SetbackKind.SCOPE_CHANGE, ("scope change", "scope creep", "scope cut", "descoped")),
    (SetbackKind.DELAY, ("delay", "delayed", "slip", "slipped", "overdue")),
    (SetbackKind.BUG, ("bug", "bugfix", "defect", "regression", "crash")),
)
_NO_SETBACK = frozenset(
    {
        *("enhancement", "feature", "question", "documentation", "docs", "duplicate", "invalid"),
        *("chore", "dependencies", "proposal", "discussion", "idea"),
    }
)
_WORD = re.compile(r"[a-z]+")
_SERVICE = re.compile(r"service[:/=]\s*(\S.*)", re.IGNORECASE)
_SEVERITY = re.compile(r"(?:sev|severity|p|prio|priority)[\s:/=_-]*([0-9])", re.IGNORECASE)
_BY_NUMBER = {
    "0": Severity.SEV1,
    "1": Severity.SEV1,
    "2": Severity.SEV2,
    "3": Severity.SEV3,
}
_BY_WORD = {
    "critical": Severity.SEV1,
    "blocker": Severity.SEV1,
    "highest": Severity.SEV1,
    "page": Severity.SEV1,
    "high": Severity.SEV2,
    "major": Severity.SEV2,
    "error": Severity.SEV2,
    "medium": Severity.SEV3,
    "minor": Severity.SEV3,
    "warning": Severity.SEV3,
    "low": Severity.SEV4,
    "lowest": Severity.SEV4,
    "trivial": Severity.SEV4,
    "info": Severity.SEV4,
}


def kind_of(labels: Iterable[str]) -> SetbackKind | None:
    """Return the kind that the labels name; None where they name none."""
    found = [_words(label) for label in labels]
    return next(
        (
            kind
            for kind, phrases in _KINDS
            if any(words >= set(phrase.split()) for words in found for phrase in phrases)
        ),
        None,
    )


def is_no_setback(labels: Iterable[str]) -> bool:
    """Whether a label says that nothing went wrong: a question, a feature, a duplicate."""
    return any(_words(label) & _NO_SETBACK for label in labels)


def services_of(labels: Iterable[str]) -> tuple[str, ...]:
    found = (_SERVICE.fullmatch(label) for label in labels)
    return tuple(dict.fromkeys(match[1] for match in found if match))


def severity_of(names: Iterable[str]) -> Severity | None:
    """Return the severity that the first telling name means; None where none tells."""
    return next((found for name in names if (found := _severity(name))), None)


def _severity(name: str) -> Severity | None:
    if match := _SEVERITY.fullmatch(name.strip()):
        return _BY_NUMBER.get(match[1], Severity.SEV4)
    return _BY_WORD.get(name.strip().casefold())


def _words(label: str) -> set[str]:
    return set(_WORD.findall(label.casefold()))
