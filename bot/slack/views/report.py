"""The report as a message: every share with its denominator, the words explained a click away."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.calibration import RESOLVED_LEAST, Calibration
from bot.domain.finding import Costs, FindingLine
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.report import Measured, Report
from bot.domain.report_words import (
    DEFINITIONS,
    FINDING_WORDS,
    costs_in_words,
    few_in_words,
    figure,
    wait_in_words,
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
    sentence,
)

_NEXT_SHOWN = 5
_KEYS_SHOWN = 12
_MEASURED_SHOWN = 8
_MOMENT = timedelta(seconds=1)  # the end is excluded: midnight belongs to the day before
_NO_PICTURES = (
    "Pictures are off: the app has no scope `files:write`. Whoever runs it can add the scope "
    "under OAuth & Permissions and install it again."
)


def report_message(
    report: Report,
    *,
    project: ProjectKey | None,
    period: str,
    asked: str = "",
    may_share: bool = False,
    has_pictures: bool = True,
) -> Message:
    """What went wrong in a period, and what was known of the assumptions underneath.

    Args:
        report: The figures.
        project: None: all of the workspace.
        period: In words.
        asked: What was asked for, as the buttons that make it anew carry it; empty: there are none.
        may_share: Whether one of them shows it to the channel.
        has_pictures: Whether the bot may upload any; if not, the reader learns how to change it.
    """
    where = str(project) if project else "All projects"
    title = f"{where}: what was underneath, {period}"
    blocks: list[Block] = [
        header(title),
        context(f"{moment_day(report.since)} to {moment_day(report.until - _MOMENT)}"),
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
    if report.measured:
        blocks.append(section(_measured(report.measured)))
    blocks += _validate_next(report)
    buttons = [button("What the words mean", ids.DEFINITIONS, "report")]
    if asked and may_share:
        label = "Share here, with pictures" if has_pictures else "Share here"
        buttons.append(button(label, ids.SHARE_REPORT, asked))
    if asked:
        buttons += [
            button("As a document", ids.REPORT_FILES["md"], asked),
            button("For a spreadsheet", ids.REPORT_FILES["csv"], asked),
        ]
    blocks.append(actions(*buttons))
    if not has_pictures:
        blocks.append(context(_NO_PICTURES))
    return message(clip_escaped(title, 200), blocks)


def _setbacks(report: Report) -> str:
    if not report.setbacks:
        return "*No setbacks* in this time."
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.by_kind if count)
    count = f"{report.setbacks} setback{'' if report.setbacks == 1 else 's'}"
    told = [f"*{count}* ({kinds})"]
    if costs := costs_in_words(report.costs):
        told.append(f"Together: {clip_escaped(costs, 300)}")
    if few := few_in_words(report.setbacks):
        told.append(f"_{few}_")
    return "\n".join(told)


def _thesis(report: Report) -> str:
    return (
        f"*{report.not_validated} trace to something nobody had confirmed* when it began.\n"
        f"Traced at all: {report.trace_rate}.\n"
        f"Not confirmed, and hurt nothing: {report.base_rate} assumptions."
    )


def _findings(lines: Sequence[FindingLine]) -> str:
    shown = [line for line in lines if line.share.k]
    return "\n".join(
        f"•  {FINDING_WORDS[line.finding]}: {line.share}{_costs_beside(line.costs)}"
        for line in shown
    )


def _costs_beside(costs: Costs) -> str:
    said = costs_in_words(costs)
    return f"  ·  _{clip_escaped(said, 120)}_" if said else ""


def _answers(report: Report) -> str:
    wait = report.median_first_answer
    first = f", the first after {wait_in_words(wait)} (median)" if wait is not None else ""
    in_time = f"\nAnswered before the day it was needed: {report.answered_in_time}"
    return (
        f"*{report.logged} logged* in this time, {report.tracked} open at its end.\n"
        f"Answered: {report.answered}{first}"
        f"{in_time if report.answered_in_time.n else ''}"
    )


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
    return f"*How sure, how right:* {found}\n{bands}"


def _measured(found: Sequence[Measured]) -> str:
    lines = [f"•  {one.key}: {clip_escaped(_came_to(one), 150)}" for one in found[:_MEASURED_SHOWN]]
    rest = len(found) - _MEASURED_SHOWN
    more = [f"and {rest} more"] if rest > 0 else []
    return "\n".join(["*Expected and actual*", *lines, *more])


def _came_to(one: Measured) -> str:
    actual = "not known yet" if one.actual is None else figure(one.actual)
    return f"expected {figure(one.expected)} {one.unit}, actual {actual}"


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


def file_sent(title: str) -> Message:
    """What comes with the file, in the conversation with the one who asked."""
    return message(clip_escaped(title, 200), [sentence(title)])


def no_files(command: str) -> Message:
    """Why no file came, and the other way to it."""
    text = (
        "I may not send files here: the app has no scope files:write. Whoever runs it can add the "
        f"scope under OAuth & Permissions and install it again, or type: {command}"
    )
    return message("I may not send files here", [sentence(text)])


def definitions() -> View:
    rows = [section(f"*{word}*\n{meaning}") for word, meaning in DEFINITIONS]
    return modal("What the words mean", rows)
