"""A setback: its form, and its message with what may have been underneath it."""

from collections.abc import Mapping, Sequence

from bot.domain.assumption import Assumption
from bot.domain.ids import UserId
from bot.domain.setback import Cost, Merge, Setback, SetbackKind
from bot.domain.trace import Role, Trace, TraceState
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.parts import (
    QUOTE_MAX,
    Block,
    Element,
    Message,
    Option,
    View,
    actions,
    button,
    called,
    context,
    divider,
    link,
    message,
    modal,
    moment,
    overflow,
    quoted,
    read_all_button,
    said,
    section,
)
from bot.slack.views.service import service_line
from bot.usecases.contents import SetbackContent

KIND_WORDS = {
    SetbackKind.INCIDENT: "Incident",
    SetbackKind.DELAY: "Delay",
    SetbackKind.BUG: "Bug that surprised",
    SetbackKind.SCOPE_CHANGE: "Scope change",
}
KIND_MARKS = {
    SetbackKind.INCIDENT: "🔥",
    SetbackKind.DELAY: "🐢",
    SetbackKind.BUG: "🐞",
    SetbackKind.SCOPE_CHANGE: "✂️",
}
_CANDIDATES_SHOWN = 3  # the rest is behind a button
_DECIDED_SHOWN = 6
_SERVICES_SHOWN = 3
_TOOLS = {
    "pagerduty": "PagerDuty",
    "alertmanager": "Alertmanager",
    "github": "GitHub",
    "jira": "Jira",
    "incidentio": "incident.io",
    "opsgenie": "Opsgenie",
    "generic": "a webhook",
}


def setback_message(content: SetbackContent) -> Message:
    """The setback in its channel, with the candidates that people decide about."""
    setback = content.setback
    if setback.merged is not None:
        return _merged_message(setback, setback.merged, content.names)
    title = f"{KIND_MARKS[setback.kind]} *{KIND_WORDS[setback.kind]} #{setback.number}*"
    blocks = [
        section("  ·  ".join([title, *cost_words(setback.cost)])),
        said(setback.text),
        context(*_facts(setback, names=content.names)),
        *map(service_line, content.services[:_SERVICES_SHOWN]),
        *_corrected(setback),
        *_includes(content.parts),
    ]
    confirmed = [pair for pair in content.traces if pair[0].is_confirmed]
    open_ones = [pair for pair in content.traces if pair[0].state is TraceState.CANDIDATE]
    rejected = [pair for pair in content.traces if pair[0].state is TraceState.REJECTED]
    blocks += [_confirmed(*pair, content.names) for pair in confirmed[:_DECIDED_SHOWN]]
    if open_ones:
        blocks += [divider(), section("*What was underneath it?*  I found these; you decide.")]
        for trace, assumption in open_ones[:_CANDIDATES_SHOWN]:
            blocks += _candidate(setback, trace, assumption)
    elif not confirmed:
        blocks.append(section("*What was underneath it?*"))
    if rejected:
        keys = ", ".join(str(assumption.key) for _, assumption in rejected[:_DECIDED_SHOWN])
        blocks.append(context(f"Not related: {keys}"))
    blocks.append(actions(*_buttons(setback)))
    return message(
        f"{KIND_WORDS[setback.kind]} #{setback.number}: {clip_escaped(setback.text, 200)}", blocks
    )


def _buttons(setback: Setback) -> list[Element]:
    number = str(setback.number)
    return [
        button("More candidates", ids.FURTHER, number),
        button("Something we never wrote down", ids.MISSING, number),
        *read_all_button(setback.text, ids.READ_SETBACK, number, limit=QUOTE_MAX),
        overflow(ids.SETBACK_MORE, more_options(setback)),
    ]


def more_options(setback: Setback) -> list[Option]:
    """What can be done with one, wherever it is shown; the value says with which."""
    if setback.ended_at is None:
        end = (ids.SETBACK_CLOSE, "It is over")
    else:
        end = (ids.SETBACK_REOPEN, "It goes on")
    words = [(ids.SETBACK_EDIT, "Edit"), end, (ids.SETBACK_MERGE, "Same as another one")]
    return [(f"{word}|{setback.number}", label) for word, label in words]


def _merged_message(setback: Setback, merged: Merge, names: Mapping[UserId, str]) -> Message:
    """What is left of one that turned out to be another one."""
    kept = str(merged.into)
    title = f"{KIND_MARKS[setback.kind]} {KIND_WORDS[setback.kind]} #{setback.number}"
    by = f"{called(merged.by, names)} said so {moment(merged.at)}"
    return message(
        f"{KIND_WORDS[setback.kind]} #{setback.number} is part of #{kept} now",
        [
            section(f"{title} *is part of #{kept} now*"),
            said(setback.text, limit=300),
            context(by, f"began {moment(setback.started_at)}", *_origin(setback, names)),
            actions(button(f"Show #{kept}", ids.SHOW_SETBACK, kept)),
        ],
    )


def _includes(parts: Sequence[Setback]) -> list[Block]:
    if not parts:
        return []
    told = [f"#{one.number} {quoted(one.text, 80)}" for one in parts[:_DECIDED_SHOWN]]
    rest = len(parts) - _DECIDED_SHOWN
    return [context("Also told as " + ", ".join([*told, *([f"{rest} more"] if rest > 0 else [])]))]


def cost_words(cost: Cost) -> list[str]:
    words = []
    if cost.working_days_slipped is not None:
        days = f"{float(cost.working_days_slipped):g}"
        words.append(f"{days} working day{'' if days == '1' else 's'}")
    if cost.minutes_down is not None:
        words.append(f"{cost.minutes_down} minute{'' if cost.minutes_down == 1 else 's'} down")
    if cost.money is not None:
        words.append(f"{cost.money.amount:,f} {clip_escaped(cost.money.currency, 3)}")
    return words


def _facts(setback: Setback, *, names: Mapping[UserId, str]) -> list[str]:
    return [
        f"Began {moment(setback.started_at)}",
        f"ended {moment(setback.ended_at)}" if setback.ended_at else "",
        setback.severity.value.upper() if setback.severity else "",
        str(setback.project or ""),
        f"services: {clip_escaped(', '.join(setback.services), 150)}" if setback.services else "",
        *_origin(setback, names),
    ]


def _origin(setback: Setback, names: Mapping[UserId, str]) -> list[str]:
    """Where it is from; who recorded it is named, since nobody is called by their own click."""
    by = called(setback.recorded_by, names)
    a_workflow_for = "a workflow for " if setback.is_by_workflow else ""
    tool = _TOOLS.get(setback.source)
    label = f"open it in {tool}" if tool and tool != _TOOLS["generic"] else "where it was said"
    return [
        link(setback.permalink, label) if setback.permalink else "",
        f"told by {tool}" if tool else f"recorded by {a_workflow_for}{by}",
    ]


def _corrected(setback: Setback) -> list[Block]:
    if setback.first_started_at is None:
        return []
    before = moment(setback.first_started_at)
    return [
        context(f"Its start was corrected, from {before}; below is what was known at the new one.")
    ]


def _candidate(setback: Setback, trace: Trace, assumption: Assumption) -> list[Block]:
    """One suggestion: what was assumed, why it is suggested, and the decision."""
    ref = str(ids.TraceRef(setback.number, assumption.key))
    reasons = "; ".join(clip_escaped(reason, 100) for reason in trace.reasons)
    return [
        section(f"*{assumption.key}*  {quoted(assumption.statement, 300)}"),
        context(reasons),
        actions(
            button("Caused it", ids.CAUSED, ref, style="primary"),
            button("Contributed", ids.CONTRIBUTED, ref),
            button("Not related", ids.NOT_RELATED, ref),
        ),
    ]


def further(
    setback: Setback,
    found: Sequence[tuple[Trace, Assumption]],
    *,
    decided: tuple[Trace, Assumption] | None = None,
) -> View:
    """What else may have been underneath it, the likeliest first.

    Args:
        setback: What went wrong.
        found: What the setback's message does not show.
        decided: What was just decided here.
    """
    blocks: list[Block] = [said(setback.text, limit=300)]
    if decided is not None:
        blocks.append(
            _confirmed(*decided, {}) if decided[0].is_confirmed else _rejected(decided[1])
        )
    if found:
        blocks.append(section("*These share less with it.*  You decide."))
    else:
        blocks.append(section("I found nothing more that shares a word or a service with it."))
    for trace, assumption in found:
        blocks += [divider(), *_candidate(setback, trace, assumption)]
    missing = button("Something we never wrote down", ids.MISSING, str(setback.number))
    return modal("More candidates", [*blocks, divider(), actions(missing)])


def _rejected(assumption: Assumption) -> Block:
    return section(f"Not related: *{assumption.key}*  {quoted(assumption.statement, 200)}")


def _confirmed(trace: Trace, assumption: Assumption, names: Mapping[UserId, str]) -> Block:
    verb = "Caused by" if trace.role is Role.CAUSED else "Contributed:"
    late = ", first written down afterwards" if trace.is_unlogged else ""
    by = f", says {called(trace.decided_by, names)}" if trace.decided_by else ""
    return section(
        f"🔗 {verb} *{assumption.key}*  {quoted(assumption.statement, 200)}\n"
        f"_{_standing_then(trace)}{late}{by}_"
    )


def _standing_then(trace: Trace) -> str:
    if trace.is_unlogged:
        return "Nobody had logged it when this began"
    if trace.as_of.is_stale:
        return "Its answer had expired when this began"
    return f"It was {trace.as_of.status.value} when this began"


def recorded(setback: Setback) -> Message:
    """Tell the one who recorded it; the message in the channel tells the others."""
    text = (
        f"Recorded as {KIND_WORDS[setback.kind].lower()} *#{setback.number}*. "
        "I post it with what may have been underneath it."
    )
    return message(f"Recorded as #{setback.number}", [section(text), said(setback.text, limit=300)])
