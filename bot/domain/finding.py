"""What was underneath each setback, and what that cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.domain.assumption import Status
from bot.domain.setback import Money, Setback
from bot.domain.share import Share
from bot.domain.trace import Role, Trace, TraceState


class Finding(StrEnum):
    """What was underneath a setback; each setback has exactly one."""

    NEVER_ASKED = "never asked"  # unvalidated when it began, and nobody had been asked
    UNANSWERED = "unanswered"  # unvalidated when it began: asked, and nobody had said yes or no
    STALE = "stale"  # the answer had expired when it began
    REFUTED = "refuted but unacted"  # known to be wrong when it began, and still not retired
    VALIDATED = "validated but wrong"  # an answer was alive when it began
    RETIRED = "retired"  # nobody tracked it any more when it began
    UNLOGGED = "unlogged"  # first written down after it began
    NONE = "none"  # somebody rejected every candidate
    NOT_TRACED = "not yet traced"  # nobody has decided


NOT_VALIDATED = frozenset({Finding.NEVER_ASKED, Finding.UNANSWERED, Finding.STALE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Sums, each over the setbacks for which somebody gave that figure."""

    minutes_down: int = 0
    minutes_known: int = 0  # setbacks
    working_days: Decimal = Decimal(0)
    days_known: int = 0  # setbacks
    money: tuple[Money, ...] = ()  # one for each currency, by its code; never converted
    money_known: int = 0  # setbacks


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    finding: Finding
    share: Share  # of all setbacks of the period
    costs: Costs
    setbacks: tuple[int, ...]  # their numbers


def findings_of(setbacks: Sequence[Setback], traces: Iterable[Trace]) -> dict[int, Finding]:
    by_setback: defaultdict[int, list[Trace]] = defaultdict(list)
    for trace in traces:
        by_setback[trace.setback].append(trace)
    return {one.number: _finding(by_setback[one.number]) for one in setbacks}


def _finding(traces: Sequence[Trace]) -> Finding:
    """Say what was underneath one setback.

    Where several assumptions were, what caused it goes before what contributed, and among those
    the finding named first in `Finding`: a team can act on it the soonest.
    """
    confirmed = [trace for trace in traces if trace.is_confirmed]
    if confirmed:
        causes = [trace for trace in confirmed if trace.role is Role.CAUSED] or confirmed
        order = list(Finding)
        return min((finding_of(trace) for trace in causes), key=order.index)
    if traces and all(trace.state is TraceState.REJECTED for trace in traces):
        return Finding.NONE
    return Finding.NOT_TRACED


def finding_of(trace: Trace) -> Finding:
    """Say how the assumption of a confirmed trace stood when the setback began."""
    if trace.is_unlogged:
        return Finding.UNLOGGED
    match trace.as_of.status:
        case Status.VALIDATED:
            return Finding.STALE if trace.as_of.is_stale else Finding.VALIDATED
        case Status.REFUTED:
            return Finding.REFUTED
        case Status.RETIRED:
            return Finding.RETIRED
        case Status.UNVALIDATED:
            return Finding.UNANSWERED if trace.as_of.was_asked else Finding.NEVER_ASKED


def line_of(
    finding: Finding, setbacks: Sequence[Setback], findings: Mapping[int, Finding]
) -> FindingLine:
    mine = [one for one in setbacks if findings[one.number] is finding]
    return FindingLine(
        finding=finding,
        share=Share(len(mine), len(setbacks)),
        costs=costs_of(mine),
        setbacks=tuple(sorted(one.number for one in mine)),
    )


def costs_of(setbacks: Iterable[Setback]) -> Costs:
    costs = [one.cost for one in setbacks]
    minutes = [one.minutes_down for one in costs if one.minutes_down is not None]
    days = [one.working_days_slipped for one in costs if one.working_days_slipped is not None]
    money = [one.money for one in costs if one.money is not None]
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in money:
        sums[one.currency] += one.amount
    return Costs(
        minutes_down=sum(minutes),
        minutes_known=len(minutes),
        working_days=sum(days, Decimal(0)),
        days_known=len(days),
        money=tuple(Money(amount=sums[code], currency=code) for code in sorted(sums)),
        money_known=len(money),
    )
