"""The report as rows of a table on a terminal."""

from datetime import timedelta

from bot.domain.finding import Costs, Finding
from bot.domain.report import Report

Row = tuple[str, str]

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def report_rows(report: Report) -> list[Row]:
    """Return what the report says; causes that explain nothing are left out."""
    last_day = report.until - timedelta(microseconds=1)
    return [
        ("Period", f"{report.since:%Y-%m-%d} to {last_day:%Y-%m-%d}"),
        ("Setbacks", f"{report.setbacks}{_cost(report.costs)}"),
        ("Traced by somebody", str(report.trace_rate)),
        *(
            (f"… {line.finding.value}", f"{line.share}{_cost(line.costs)}")
            for line in report.findings
            if line.share.k or line.finding is Finding.NOT_TRACED
        ),
        ("Logged", str(report.logged)),
        ("Answered", str(report.answered)),
        ("Answered in time", str(report.answered_in_time)),
        ("Median time to an answer", _wait(report.median_first_answer)),
        ("Refuted before it hurt", ", ".join(map(str, report.saves)) or "none"),
        ("Not validated, hurt nothing", str(report.base_rate)),
        ("Calibration", _calibration(report)),
    ]


def _cost(costs: Costs) -> str:
    parts = []
    if costs.days_known:
        parts.append(f"{costs.working_days.normalize():f} working days")
    if costs.minutes_known:
        parts.append(f"{costs.minutes_down} minutes down")
    parts += [f"{money.amount:,f} {money.currency}" for money in costs.money]
    return f": {', '.join(parts)}" if parts else ""


def _wait(wait: timedelta | None) -> str:
    if wait is None:
        return "no answer yet"
    if wait >= _DAY:
        return f"{wait / _DAY:.1f} days"
    return f"{wait / _HOUR:.1f} hours" if wait >= _HOUR else f"{wait / _MINUTE:.0f} minutes"


def _calibration(report: Report) -> str:
    if report.calibration is None:
        return f"not yet: {report.resolved} resolved, it takes 10"
    return f"Brier score {report.calibration.brier:.2f} of {report.calibration.resolved}"
