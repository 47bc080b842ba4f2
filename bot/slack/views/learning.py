"""What a channel hears by itself: the week, a cycle's start, its retrospective, what gave way."""

from collections.abc import Mapping
from datetime import date

from bot.domain.assumption import Assumption
from bot.domain.ids import UserId
from bot.domain.report import Report
from bot.domain.report_words import costs_in_words
from bot.slack import ids
from bot.slack.names import CommandNames
from bot.slack.text import clip_escaped
from bot.slack.views.card import needed_words
from bot.slack.views.parts import (
    Block,
    Message,
    actions,
    button,
    called,
    context,
    day,
    header,
    message,
    quoted,
    said,
    section,
)
from bot.slack.views.report import report_message
from bot.usecases.contents import (
    CycleStartContent,
    DigestContent,
    RetrospectiveContent,
    ShakenContent,
)

_SHOWN = 8
_KEYS_SHOWN = 12


def digest(content: DigestContent, names: CommandNames) -> Message:
    """What happened to a project's assumptions in a week in which something did."""
    report = content.account.report
    title = f"{content.account.project}: {content.account.period.words}"
    blocks: list[Block] = [
        header(title),
        section("\n".join(f"•  {line}" for line in _week(report))),
    ]
    if report.validate_next:
        harm = report.validate_next[0]
        blocks.append(
            section(
                f"*Confirm this next:* {harm.key} {quoted(harm.statement, 200)}",
                accessory=button("Details", ids.SHOW, str(harm.key)),
            )
        )
    more = f"`{names.stilltrue} report week` says more. Quiet weeks have no digest."
    blocks.append(context(more))
    return message(title, blocks)


def _week(report: Report) -> list[str]:
    lines = [f"{report.logged} logged, {report.tracked} open now"]
    if report.setbacks:
        costs = costs_in_words(report.costs)
        lines.append(
            f"{report.setbacks} {'setback' if report.setbacks == 1 else 'setbacks'}"
            + (f": {clip_escaped(costs, 200)}" if costs else "")
        )
    if report.saves:
        keys = ", ".join(map(str, report.saves[:_KEYS_SHOWN]))
        lines.append(f"{len(report.saves)} found to be wrong before they hurt: {keys}")
    if report.unanswered:
        keys = ", ".join(map(str, report.unanswered[:_KEYS_SHOWN]))
        lines.append(f"{len(report.unanswered)} still unanswered: {keys}")
    if report.status_over_time:
        before, after = report.status_over_time[0], report.status_over_time[-1]
        lines.append(
            f"confirmed {before.validated} → {after.validated}, "
            f"expired {before.stale} → {after.stale}, "
            f"not confirmed {before.unvalidated} → {after.unvalidated}"
        )
    return lines


def cycle_start(content: CycleStartContent, names: CommandNames) -> Message:
    """The load-bearing assumptions that nobody has confirmed, before the bet is made."""
    key, cycle, today = content.project.key, content.cycle, content.now.date()
    title = f"{key}: cycle {cycle.number} starts"
    dates = context(f"Work until {day(cycle.cooldown)}, cooldown until {day(cycle.ends)}")
    if not content.unconfirmed:
        all_of = f"All {content.bearing}" if content.bearing > 1 else "The one"
        told = (
            f"{all_of} that the plan stands on: confirmed." if content.bearing
            else "Nothing load-bearing is written down. Is there really nothing?"
        )  # fmt: skip
        return message(title, [header(title), dates, section(told)])
    count = f"{len(content.unconfirmed)} of {content.bearing}"
    blocks = [
        header(title),
        dates,
        section(f"*{count} that the plan stands on: nobody has confirmed.* Settle them first."),
        *(_row(one, content.names, today=today) for one in content.unconfirmed[:_SHOWN]),
    ]
    rest = len(content.unconfirmed) - _SHOWN
    if rest > 0:
        blocks.append(context(f"{rest} more: `{names.assume} list {key}` shows them."))
    return message(f"{title}: {count} load-bearing are not confirmed", blocks)


def _row(one: Assumption, people: Mapping[UserId, str], *, today: date | None = None) -> Block:
    facts = [f"Owner {called(one.owner, people)}", needed_words(one, today=today)]
    told = "  ·  ".join(filter(None, facts))
    return section(
        f"*{one.key}*  {quoted(one.statement, 200)}\n{told}",
        accessory=button("Details", ids.SHOW, str(one.key)),
    )


def retrospective(content: RetrospectiveContent) -> Message:
    """The account of a cycle, on the first day of its cooldown."""
    account = content.account
    return report_message(
        account.report,
        project=account.project,
        period=f"cycle {content.cycle.number}",
        asked=f"{account.project}|cycle {content.cycle.number}",
        may_share=True,
    )


def shaken(content: ShakenContent) -> Message:
    """Something that the reader's assumptions depend on no longer stands."""
    key = str(content.on.key)
    if content.stands_again:
        text = f"*{key}* stands again, so what depends on it does too."
        return message(f"{key} stands again", [section(text), said(content.on.statement)])
    if content.validation is not None:
        what = f"is not true, says {called(content.validation.by, content.names)}"
    else:
        what = "is no longer confirmed: its answer has expired"
    blocks: list[Block] = [
        section(f"⚠️ *{key} {what}.* This depends on it:"),
        said(content.on.statement),
    ]
    blocks += [_row(one, content.names) for one in content.dependants[:_SHOWN]]
    rest = len(content.dependants) - _SHOWN
    if rest > 0:
        blocks.append(context(f"and {rest} more"))
    blocks.append(context("Does it still hold? Edit it, retire it, or ask again."))
    blocks.append(actions(button(f"Details of {key}", ids.SHOW, key)))
    return message(f"{key} gave way, and yours depends on it", blocks)
