"""A setback: its form, and its message with what may have been underneath it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.assumption import Assumption
from bot.domain.ids import ProjectKey
from bot.domain.project import Project
from bot.domain.setback import Cost, Setback, SetbackKind, Severity
from bot.domain.trace import Role, Trace, TraceState
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.parts import (
    QUOTE_MAX,
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    link,
    message,
    modal,
    moment,
    person,
    quoted,
    read_all_button,
    said,
    section,
    select,
    sentence,
    text_input,
    user_select,
)
from bot.slack.views.service import service_line
from bot.usecases.contents import SetbackContent

KIND_WORDS = {
    SetbackKind.INCIDENT: "Incident",
    SetbackKind.DELAY: "Delay",
    SetbackKind.BUG: "Bug that surprised",
    SetbackKind.SCOPE_CHANGE: "Scope change",
}
_KIND_MARKS = {
    SetbackKind.INCIDENT: "🔥",
    SetbackKind.DELAY: "🐢",
    SetbackKind.BUG: "🐞",
    SetbackKind.SCOPE_CHANGE: "✂️",
}
_SEVERITIES = [(severity.value, severity.value.upper()) for severity in Severity]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SetbackFields:
    """What the form is filled in with, as text."""

    kind: SetbackKind = SetbackKind.DELAY
    text: str = ""
    started: str = "now"
    ended: str = ""
    days: str = ""
    minutes: str = ""
    money: str = ""
    severity: Severity | None = None
    services: tuple[str, ...] = ()
    project: ProjectKey | None = None


def new_form(
    fields: SetbackFields, *, projects: Sequence[Project], metadata: str, problem: str = ""
) -> View:
    """The form behind `/setback`.

    Args:
        fields: What is filled in already.
        projects: What can be chosen; without any the field is left out.
        metadata: Where the form was opened.
        problem: One sentence on top: why the form opens although a line was typed.
    """
    kinds = [(kind.value, words) for kind, words in KIND_WORDS.items()]
    severity = fields.severity.value if fields.severity else None
    options = [(p.key, f"{p.key}: {p.name}") for p in projects]
    blocks = [
        *([sentence(f"⚠️ {problem}")] if problem else []),
        select(ids.KIND, "What kind?", kinds, initial=fields.kind.value),
        text_input(
            ids.TEXT,
            "What happened?",
            initial=fields.text,
            multiline=True,
            placeholder="Waiting for the payments API",
        ),
        text_input(
            ids.STARTED,
            "When did it begin?",
            initial=fields.started,
            hint="Like “today 14:05”, “yesterday” or “March 3”, in your own time zone.",
        ),
        text_input(ids.ENDED, "When did it end?", initial=fields.ended, optional=True),
        text_input(
            ids.DAYS,
            "Working days slipped",
            initial=fields.days,
            optional=True,
            placeholder="3",
            max_length=20,
        ),
        text_input(
            ids.MINUTES,
            "Minutes down",
            initial=fields.minutes,
            optional=True,
            placeholder="45",
            max_length=20,
        ),
        text_input(
            ids.MONEY,
            "Money it cost",
            initial=fields.money,
            optional=True,
            placeholder="1200 EUR",
            max_length=40,
        ),
        select(ids.SEVERITY, "Severity", _SEVERITIES, initial=severity, optional=True),
        text_input(
            ids.SERVICES,
            "Services",
            initial=", ".join(fields.services),
            optional=True,
            placeholder="checkout, payments-api",
        ),
        *_project_select(options, fields.project),
    ]
    return modal(
        "What went wrong?",
        blocks,
        callback_id=ids.NEW_SETBACK,
        submit="Record it",
        metadata=metadata,
    )


def _project_select(options: Sequence[tuple[str, str]], initial: ProjectKey | None) -> list[Block]:
    if not options:
        return []
    return [select(ids.PROJECT, "Project", options, initial=initial, optional=True)]


def setback_message(content: SetbackContent) -> Message:
    """The setback in its channel, with the candidates that people decide about."""
    setback = content.setback
    title = f"{_KIND_MARKS[setback.kind]} *{KIND_WORDS[setback.kind]} #{setback.number}*"
    blocks = [
        section("  ·  ".join([title, *_cost(setback.cost)])),
        said(setback.text),
        context(*_facts(setback)),
        *map(service_line, content.services[:_SERVICES_SHOWN]),
        *_corrected(setback),
    ]
    confirmed = [pair for pair in content.traces if pair[0].is_confirmed]
    open_ones = [pair for pair in content.traces if pair[0].state is TraceState.CANDIDATE]
    rejected = [pair for pair in content.traces if pair[0].state is TraceState.REJECTED]
    blocks += [_confirmed(*pair) for pair in confirmed[:_DECIDED_SHOWN]]
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
    ]


def _cost(cost: Cost) -> list[str]:
    words = []
    if cost.working_days_slipped is not None:
        days = f"{float(cost.working_days_slipped):g}"
        words.append(f"{days} working day{'' if days == '1' else 's'}")
    if cost.minutes_down is not None:
        words.append(f"{cost.minutes_down} minute{'' if cost.minutes_down == 1 else 's'} down")
    if cost.money is not None:
        words.append(f"{cost.money.amount:,f} {clip_escaped(cost.money.currency, 3)}")
    return words


def _facts(setback: Setback) -> list[str]:
    return [
        f"Began {moment(setback.started_at)}",
        f"ended {moment(setback.ended_at)}" if setback.ended_at else "",
        setback.severity.value.upper() if setback.severity else "",
        str(setback.project or ""),
        f"services: {clip_escaped(', '.join(setback.services), 150)}" if setback.services else "",
        *_origin(setback),
    ]


def _origin(setback: Setback) -> list[str]:
    tool = _TOOLS.get(setback.source)
    label = f"open it in {tool}" if tool and tool != _TOOLS["generic"] else "where it was said"
    return [
        link(setback.permalink, label) if setback.permalink else "",
        f"told by {tool}" if tool else f"recorded by {person(setback.recorded_by)}",
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
        blocks.append(_confirmed(*decided) if decided[0].is_confirmed else _rejected(decided[1]))
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


def _confirmed(trace: Trace, assumption: Assumption) -> Block:
    verb = "Caused by" if trace.role is Role.CAUSED else "Contributed:"
    late = ", first written down afterwards" if trace.is_unlogged else ""
    by = f", says {person(trace.decided_by)}" if trace.decided_by else ""
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


def missing_form(setback: Setback, *, metadata: str, projects: Sequence[Project]) -> View:
    """What nobody wrote down before: it is logged now, marked as found late."""
    options = [(p.key, f"{p.key}: {p.name}") for p in projects]
    where = [] if setback.project else [select(ids.PROJECT, "Project", options)]
    return modal(
        "Never written down",
        [
            said(setback.text, limit=300),
            text_input(
                ids.STATEMENT,
                "What did everybody take as true?",
                multiline=True,
                hint="I log it as found late, and trace this setback to it.",
                placeholder="The vendor answers within a day",
            ),
            user_select(ids.OWNER, "Owner", optional=True),
            *where,
        ],
        callback_id=ids.LOG_MISSING,
        submit="Log it",
        metadata=metadata,
    )


def recorded(setback: Setback) -> Message:
    """Tell the one who recorded it; the message in the channel tells the others."""
    text = (
        f"Recorded as {KIND_WORDS[setback.kind].lower()} *#{setback.number}*. "
        "I post it with what may have been underneath it."
    )
    return message(f"Recorded as #{setback.number}", [section(text), said(setback.text, limit=300)])
