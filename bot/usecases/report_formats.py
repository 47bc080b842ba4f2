"""The report for a file or a terminal: Markdown, CSV, JSON, and rows of a table."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.calibration import RESOLVED_LEAST
from bot.domain.finding import Costs
from bot.domain.ids import AssumptionKey
from bot.domain.report import Account, Measured, Report
from bot.domain.report_words import (
    DEFINITIONS,
    FINDING_WORDS,
    Format,
    costs_in_words,
    few_in_words,
    figure,
    wait_in_words,
)
from bot.domain.share import Share
from bot.domain.text import strip_controls

Row = tuple[str, str]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>#|!~&"})


def title(account: Account) -> str:
    return f"{account.project or 'All projects'}: what was underneath, {account.period.words}"


def rows(report: Report) -> list[Row]:
    """Return what the report says, line by line; causes that explain nothing are left out."""
    return [
        *_setback_rows(report),
        *(
            (f"… {FINDING_WORDS[line.finding]}", _with_costs(line.share, line.costs))
            for line in report.findings
            if line.share.k
        ),
        ("Not confirmed, hurt nothing", f"{report.base_rate} assumptions"),
        ("Logged", str(report.logged)),
        ("Open at its end", str(report.tracked)),
        ("Answered", str(report.answered)),
        ("Median time to an answer", _wait(report.median_first_answer)),
        ("Answered in time", str(report.answered_in_time)),
        ("Saved: wrong before it hurt", _keys(report.saves)),
        ("Still unanswered", _keys(report.unanswered)),
        ("Calibration", calibration_in_words(report)),
        *((f"Expected, {one.key}", measured_in_words(one)) for one in report.measured),
    ]


def _setback_rows(report: Report) -> Iterator[Row]:
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.by_kind if count)
    yield "Setbacks", f"{report.setbacks} ({kinds})" if kinds else "0"
    if costs := costs_in_words(report.costs):
        yield "Together", costs
    if few := few_in_words(report.setbacks):
        yield "Mind", few
    yield "Traced by somebody", str(report.trace_rate)
    yield "Nobody had confirmed", str(report.not_validated)


def _with_costs(share: Share, costs: Costs) -> str:
    said = costs_in_words(costs)
    return f"{share}: {said}" if said else str(share)


def _wait(wait: timedelta | None) -> str:
    return "no answer yet" if wait is None else wait_in_words(wait)


def _keys(keys: Iterable[AssumptionKey]) -> str:
    return ", ".join(map(str, keys)) or "none"


def calibration_in_words(report: Report) -> str:
    found = report.calibration
    if found is None:
        return f"not yet: {report.resolved} decided with a confidence, it takes {RESOLVED_LEAST}"
    return str(found)


def measured_in_words(one: Measured) -> str:
    actual = "not known yet" if one.actual is None else f"{figure(one.actual)} {one.unit}"
    return f"expected {figure(one.expected)} {one.unit} by {one.check_on}, actual: {actual}"


def markdown(account: Account) -> str:
    """Return a document; what people typed is escaped, so that it stays text."""
    report = account.report
    lines = [f"# {_inert(title(account))}", "", "| | |", "| --- | --- |"]
    lines += [f"| {_inert(name)} | {_inert(value)} |" for name, value in rows(report)]
    if report.calibration is not None:
        lines += ["", "## How sure, how right", "", "| sure | turned out true |", "| --- | --- |"]
        lines += [
            f"| {band.low_percent}–{band.high_percent} % | {band.true} |"
            for band in report.calibration.bands
            if band.true.n
        ]
    if report.validate_next:
        lines += ["", "## Confirm these next", ""]
        lines += [
            f"{number}. **{harm.key}** {_inert(harm.statement)} ({_inert('; '.join(harm.reasons))})"
            for number, harm in enumerate(report.validate_next, start=1)
        ]
    lines += ["", "## What the words mean", ""]
    lines += [f"- **{word}**: {meaning}" for word, meaning in DEFINITIONS]
    return "\n".join(lines) + "\n"


def _inert(text: str) -> str:
    return " ".join(strip_controls(text).split()).translate(_MARKS)


def as_csv(account: Account) -> str:
    """Return one figure a line: name, k, n, share, the interval's two ends, value, unit.

    Of a sum, n is the number of setbacks for which somebody gave the figure.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("figure", "k", "n", "share", "ci_low", "ci_high", "value", "unit"))
    for line in _figures(account):
        writer.writerow([safe_cell(cell) for cell in line])
    return out.getvalue()


def safe_cell(text: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula; figures stay figures."""
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _figures(account: Account) -> Iterator[tuple[str, ...]]:
    report = account.report
    yield _value("project", str(account.project or "all"))
    yield _value("since", report.since.isoformat())
    yield _value("until", report.until.isoformat())
    yield from _setback_figures(report)
    yield from _assumption_figures(report)
    yield from _confidence_figures(report)


def _setback_figures(report: Report) -> Iterator[tuple[str, ...]]:
    yield _value("setbacks", str(report.setbacks))
    for kind, count in report.by_kind:
        yield _value(f"setbacks: {kind}", str(count))
    yield from _sums("", report.costs)
    yield _share("traced", report.trace_rate)
    yield _share("not validated", report.not_validated)
    for line in report.findings:
        yield _share(f"cause: {line.finding}", line.share)
        yield from _sums(f": {line.finding}", line.costs)
    yield _share("not validated, hurt nothing", report.base_rate)


def _sums(of: str, costs: Costs) -> Iterator[tuple[str, ...]]:
    days, minutes = figure(costs.working_days), str(costs.minutes_down)
    yield _value(f"days slipped{of}", days, "working days", n=costs.days_known)
    yield _value(f"minutes down{of}", minutes, "minutes", n=costs.minutes_known)
    # Of several currencies nobody counted who gave which.
    n = costs.money_known if len(costs.money) == 1 else None
    for money in costs.money:
        yield _value(f"money{of}", figure(money.amount), money.currency, n=n)


def _assumption_figures(report: Report) -> Iterator[tuple[str, ...]]:
    yield _value("logged", str(report.logged))
    yield _value("open at the end", str(report.tracked))
    yield _share("answered", report.answered)
    yield _share("answered in time", report.answered_in_time)
    if report.median_first_answer is not None:
        hours = report.median_first_answer / timedelta(hours=1)
        yield _value("median first answer", f"{hours:.2f}", "hours")
    yield _value("saves", str(len(report.saves)))
    yield _value("unanswered", str(len(report.unanswered)))
    for one in report.measured:
        yield _value(f"expected: {one.key}", figure(one.expected), one.unit)
        if one.actual is not None:
            yield _value(f"actual: {one.key}", figure(one.actual), one.unit)
    for harm in report.validate_next:
        yield _value(f"validate next: {harm.key}", f"{harm.points:g}", "; ".join(harm.reasons))


def _confidence_figures(report: Report) -> Iterator[tuple[str, ...]]:
    yield _value("resolved with a confidence", str(report.resolved))
    if report.calibration is not None:
        yield _value("Brier score", f"{report.calibration.brier:.4f}")
        for band in report.calibration.bands:
            yield _share(f"true at {band.low_percent}–{band.high_percent} %", band.true)


def _value(name: str, value: str, unit: str = "", *, n: int | None = None) -> tuple[str, ...]:
    return (name, "", "" if n is None else str(n), "", "", "", value, unit)


def _share(name: str, share: Share) -> tuple[str, ...]:
    if share.value is None:
        return (name, "0", "0", "", "", "", "", "")
    low, high = share.interval
    return (name, str(share.k), str(share.n), f"{share.value:.4f}", f"{low:.4f}", f"{high:.4f}",
            "", "")  # fmt: skip


def as_json(account: Account) -> str:
    """Return every figure of the report; each share with its value and interval."""
    told = {
        "project": account.project,
        "period": account.period.words,
        **{name: _plain(value) for name, value in _fields(account.report).items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _fields(report: Report) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


def _plain(value: Any) -> Any:
    match value:
        case Share():
            low, high = value.interval
            ends = None if value.value is None else [round(low, 4), round(high, 4)]
            return {"k": value.k, "n": value.n, "share": value.value, "interval": ends}
        case tuple():
            return [_plain(item) for item in value]
        case _ if hasattr(value, "__dataclass_fields__") and not isinstance(value, AssumptionKey):
            return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
        case _:
            return _scalar(value)


def _scalar(value: Any) -> Any:
    match value:
        case AssumptionKey():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return figure(value)
        case _:
            return value


def table(account: Account) -> str:
    """Return aligned lines for a terminal."""
    found = rows(account.report)
    width = max(len(name) for name, _ in found)
    lines = [title(account), "", *(f"{name:<{width}}  {value}" for name, value in found)]
    if account.report.validate_next:
        lines += ["", "Confirm these next"]
        lines += [
            f"  {harm.key}  {' '.join(strip_controls(harm.statement).split())[:80]}"
            for harm in account.report.validate_next
        ]
    return "\n".join(lines) + "\n"


RENDERERS = {
    Format.MARKDOWN: markdown,
    Format.CSV: as_csv,
    Format.JSON: as_json,
    Format.TABLE: table,
}
