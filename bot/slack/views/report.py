"""The report as a message: every share with its denominator, the words explained a click away."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.report import (
    RESOLVED_LEAST,
    Calibration,
    Costs,
    Finding,
    FindingLine,
    Report,
)
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.parts import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    header,
    message,
    modal,
    moment_day,
    quoted,
    section,
)

_FINDING_WORDS = {
    Finding.NEVER_ASKED: "nobody had been asked",
    Finding.UNANSWERED: "asked, and nobody had answered",
    Finding.STALE: "the answer had expired",
    Finding.REFUTED: "known to be wrong, not acted on",
    Finding.VALIDATED: "confirmed, and still wrong",
    Finding.RETIRED: "no longer tracked",
    Finding.UNLOGGED: "never written down before",
    Finding.NONE: "none of the suggestions",
    Finding.NOT_TRACED: "not traced yet",
}
_NEXT_SHOWN = 5
_KEYS_SHOWN = 12
_HOUR = 3600
_DAY = 24 * _HOUR


def report_message(report: Report, *, project: ProjectKey | None, period: str) -> Message:
    """What went wrong in a period, and what was known of the assumptions underneath."""
    where = str(project) if project else "All projects"
    title = f"{where}: what was underneath, {period}"
    blocks: list[Block] = [
        header(title),
        context(f"{moment_day(report.since)} to {moment_day(report.until)}"),
        section(_setbacks(report)),
    ]
    if report.setbacks:
        blocks += [section(_thesis(report)), section(_findings(report.findings))]
    blocks += [divider(), section(_answers(report))]
    if report.saves:
        saves = _keys(report.saves)
        blocks.append(section(f"🛟 *{len(report.saves)} saved*, wrong before they hurt: {saves}"))
    if report.unanswered:
        blocks.append(section(f"⏳ *Still unanswered:* {_keys(report.unanswered)}"))
    blocks.append(section(_calibration(report)))
    blocks += _validate_next(report)
    blocks.append(actions(button("What the words mean", ids.DEFINITIONS, "report")))
    return message(clip_escaped(title, 200), blocks)


def _setbacks(report: Report) -> str:
    if not report.setbacks:
        return "*No setbacks* in this time."
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.by_kind if count)
    count = f"{report.setbacks} setback{'' if report.setbacks == 1 else 's'}"
    return f"*{count}* ({kinds}){_costs(report.costs)}"


def _costs(costs: Costs) -> str:
    """The sums, each with the number of setbacks that gave the figure."""
    parts = []
    if costs.days_known:
        parts.append(f"{float(costs.working_days):g} working days (from {costs.days_known})")
    if costs.minutes_known:
        parts.append(f"{costs.minutes_down:,} minutes down (from {costs.minutes_known})")
    parts += [f"{money.amount:,f} {clip_escaped(money.currency, 3)}" for money in costs.money]
    return f"\nTogether: {', '.join(parts)}" if parts else ""


def _thesis(report: Report) -> str:
    return (
        f"*{report.not_validated} trace to something nobody had confirmed* when it began.\n"
        f"Traced at all: {report.trace_rate}.\n"
        f"Not confirmed, and hurt nothing: {report.base_rate} assumptions."
    )


def _findings(lines: Sequence[FindingLine]) -> str:
    shown = [line for line in lines if line.share.k]
    return "\n".join(f"•  {line.share.k}  {_FINDING_WORDS[line.finding]}" for line in shown)


def _answers(report: Report) -> str:
    wait = report.median_first_answer
    first = f", the first after {_duration(wait)} (median)" if wait is not None else ""
    in_time = f"\nAnswered before the day it was needed: {report.answered_in_time}"
    return (
        f"*{report.logged} logged* in this time, {report.tracked} open at its end.\n"
        f"Answered: {report.answered}{first}"
        f"{in_time if report.answered_in_time.n else ''}"
    )


def _duration(wait: timedelta) -> str:
    seconds = wait.total_seconds()
    if seconds >= _DAY:
        return f"{seconds / _DAY:.1f} days"
    if seconds >= _HOUR:
        return f"{seconds / _HOUR:.1f} hours"
    return f"{seconds / 60:.0f} minutes"


def _keys(keys: Sequence[AssumptionKey]) -> str:
    more = f" and {len(keys) - _KEYS_SHOWN} more" if len(keys) > _KEYS_SHOWN else ""
    return ", ".join(str(key) for key in keys[:_KEYS_SHOWN]) + more


def _calibration(report: Report) -> str:
    found: Calibration | None = report.calibration
    if found is None:
        return (
            f"*How sure, how right:* {report.resolved} decided with a confidence; "
            f"I show this from {RESOLVED_LEAST} on."
        )
    bands = "\n".join(
        f"•  {band.low_percent}–{band.high_percent} % sure: {band.true} were true"
        for band in found.bands
        if band.true.n
    )
    return f"*How sure, how right:* Brier score {found.brier:.2f} over {found.resolved}\n{bands}"


def _validate_next(report: Report) -> list[Block]:
    if not report.validate_next:
        return []
    rows = [
        section(
            f"*{harm.key}*  {quoted(harm.statement, 200)}\n"
            f"{clip_escaped('; '.join(harm.reasons), 300)}",
            accessory=button("Details", ids.SHOW, str(harm.key)),
        )
        for harm in report.validate_next[:_NEXT_SHOWN]
    ]
    return [divider(), section("*Confirm these next*"), *rows]


_DEFINITIONS = (
    ("Setback", "An incident, a delay, a bug that surprised, or a scope change that was recorded."),
    (
        "Traced",
        "Somebody decided what was underneath it. My suggestions alone count for nothing.",
    ),
    (
        "Nobody had confirmed",
        "When the setback began, nobody had been asked, nobody had answered, or the answer had "
        "expired. Nothing that happened later changes this.",
    ),
    (
        "95 % CI",
        "With few setbacks a share says little: the true one lies between these two figures "
        "19 times in 20 (Wilson).",
    ),
    (
        "Hurt nothing",
        "Assumptions that nobody had confirmed and that no setback was traced to. Compare it with "
        "the shares above before you blame an assumption.",
    ),
    ("Saved", "Found to be wrong before any setback was traced to it."),
    (
        "Brier score",
        "How far the owners' confidence was from what turned out: 0 is perfect, 0.25 is a coin.",
    ),
    (
        "Confirm these next",
        "Open ones by expected harm: impact, how likely it is wrong, and how soon it is needed.",
    ),
)


def definitions() -> View:
    rows = [section(f"*{word}*\n{meaning}") for word, meaning in _DEFINITIONS]
    return modal("What the words mean", rows)
