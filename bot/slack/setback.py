"""Recording setbacks: by form, by one line, from a message, after something was refuted."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bot.domain import setback_line
from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.project import Project
from bot.domain.setback import (
    DAYS_MAX,
    MINUTES_MAX,
    Cost,
    Money,
    Setback,
    SetbackDraft,
    SetbackKind,
    Severity,
    timed,
)
from bot.domain.setback_line import SetbackLine
from bot.slack import form, ids, show
from bot.slack.channel import shared_warning
from bot.slack.dispatch import Routes
from bot.slack.form import Mistakes
from bot.slack.interaction import Click, Command, Interaction, Submission, Values
from bot.slack.people import zone_of
from bot.slack.reader import reader_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as assumption_views
from bot.slack.views import setback as views
from bot.slack.views import setback_forms as forms
from bot.slack.views.parts import TEXT_INPUT_MAX, View
from bot.slack.views.project import no_projects
from bot.usecases.assumption import get_assumption
from bot.usecases.dates import Prefer, read_moment
from bot.usecases.project import get_project, projects_of
from bot.usecases.setback import get_setback, record_setback

_YEAR_MIN = 1970  # Slack shows moments as seconds from then on


async def record_line(tools: Tools, command: Command, line: SetbackLine) -> Reply:
    """Record what one line says, in the channel where it was typed.

    Where another company reads along the form opens instead, filled in, and says so.

    Raises:
        UserFixableError: A cost in it is negative, or it was typed in no channel.
    """
    if line.problem:
        raise UserFixableError(decode(line.problem))
    text, started, ended = decode(line.text), tools.clock.now(), None
    if line.since_words:
        found = await moment_in(tools, command, decode(line.since_words))
        if found is None:
            text = decode(line.as_typed)
        else:
            started = found
    if line.until_words and started is not None:
        ended = await moment_in(tools, command, decode(line.until_words))
        text = text if ended is not None else decode(line.as_typed)
    channel = _channel(command)
    project = await tools.projects.of_channel(command.workspace, channel)
    draft = SetbackDraft(
        kind=line.kind,
        text=text,
        started_at=started,
        ended_at=ended,
        cost=Cost(minutes_down=line.minutes, working_days_slipped=line.days, money=line.money),
        severity=line.severity,
        services=tuple(decode(service) for service in line.services),
        project=project.key if project else None,
        channel=channel,
    )
    warning = await shared_warning(tools, command.workspace, channel)
    if warning:
        tools.after_ack(command, _open_confirm(tools, command, draft, warning=warning))
        return None
    recorded = await _record(tools, command, timed(draft))
    if recorded is None:
        return None
    return {"response_type": "ephemeral", **views.recorded(recorded)}


async def _open_confirm(
    tools: Tools, command: Command, draft: SetbackDraft, *, warning: str
) -> None:
    if len(draft.text) > TEXT_INPUT_MAX:
        raise UserFixableError(
            "People of another company read what is posted here, so I ask in a form first, and "
            f"that holds {TEXT_INPUT_MAX:,} characters. Say it in fewer."
        )
    await show.view(tools, command, await _to_confirm(tools, command, draft, warning=warning))


async def _to_confirm(
    tools: Tools, interaction: Interaction, draft: SetbackDraft, *, warning: str
) -> View:
    """The form with what was given, which says who else will read it."""
    workspace = interaction.workspace
    zone = await zone_of(tools, workspace, interaction.user)
    known = await tools.db.read(projects_of, workspace, reader=await reader_of(tools, interaction))
    return forms.new_form(
        forms.SetbackFields.of(draft, zone),
        projects=known,
        metadata=form.pack(c=draft.channel, l=draft.permalink, w=form.WARNED),
        problem=warning,
    )


def _channel(command: Command) -> ChannelId:
    if command.channel is None:
        raise UserFixableError("Type this in a channel, where I can show what I find.")
    return command.channel


async def moment_in(tools: Tools, interaction: Interaction, words: str) -> datetime | None:
    zone = await zone_of(tools, interaction.workspace, interaction.user)
    found = read_moment(words, now=tools.clock.now(), zone=zone, prefer=Prefer.PAST)
    return found if found is not None and found.year >= _YEAR_MIN else None


async def _record(tools: Tools, interaction: Interaction, draft: SetbackDraft) -> Setback | None:
    return await tools.write(
        record_setback,
        interaction.workspace,
        draft,
        by=interaction.user,
        now=tools.clock.now(),
        delivery=interaction.delivery,
        reader=await reader_of(tools, interaction),
    )


async def open_form(
    tools: Tools,
    interaction: Interaction,
    fields: forms.SetbackFields,
    *,
    channel: ChannelId | None,
    permalink: str | None = None,
    problem: str = "",
) -> None:
    """Open the form; the project of the channel is chosen already."""
    workspace = interaction.workspace
    known = await tools.db.read(projects_of, workspace, reader=await reader_of(tools, interaction))
    here = next((p.key for p in known if p.channel == channel), None)
    if channel is None and not known:
        await show.view(tools, interaction, no_projects(tools.names.assume))
        return
    warning = "" if channel is None else await shared_warning(tools, workspace, channel)
    problem = " ".join(filter(None, (problem, warning)))
    metadata = form.pack(c=channel, l=permalink, w=form.WARNED if warning else None)
    filled = replace(fields, project=here) if here is not None else fields
    await show.view(
        tools,
        interaction,
        forms.new_form(filled, projects=known, metadata=metadata, problem=problem),
    )


async def submit_new(tools: Tools, submission: Submission) -> Reply:
    facts = form.unpack(submission.metadata)
    draft = await read_form(tools, submission, facts)
    if isinstance(draft, dict):
        return {"response_action": "errors", "errors": draft}
    if facts.get("w") != form.WARNED:
        warning = await shared_warning(tools, submission.workspace, draft.channel)
        if warning:
            page = await _to_confirm(tools, submission, draft, warning=warning)
            return {"response_action": "update", "view": page}
    await _record(tools, submission, draft)
    return None


async def read_form(
    tools: Tools, submission: Submission, facts: dict[str, str], *, before: Setback | None = None
) -> SetbackDraft | Mistakes:
    """Read the form behind `/setback`; moments are in words, as they are where the person is.

    Args:
        tools: What every listener has.
        submission: The form.
        facts: What it carries: the channel `c`, the link `l`.
        before: What is edited. Of that, what was not typed over stays to the second and letter.
    """
    values, mistakes = submission.values, Mistakes()
    chosen = form.choice_of(values, ids.PROJECT)
    project = await _project(tools, submission, chosen)
    channel = facts.get("c") or (project.channel if project else None)
    if channel is None:
        mistakes[ids.PROJECT] = "Choose a project: I show the setback in its channel."
    is_kept = before is not None and ids.TEXT not in values
    text = before.text if before is not None and is_kept else form.text_of(values, ids.TEXT)
    if not text:
        mistakes[ids.TEXT] = "Say what happened, like: waiting for the payments API."
    started, ended = await _moments(tools, submission, before, mistakes)
    services = _services(values, before, mistakes)
    cost = read_cost(values)
    if isinstance(cost, dict):
        mistakes |= cost
    if mistakes or channel is None or started is None or isinstance(cost, dict):
        return mistakes
    severity = form.choice_of(values, ids.SEVERITY)
    draft = SetbackDraft(
        kind=SetbackKind(form.choice_of(values, ids.KIND) or SetbackKind.DELAY),
        text=text,
        started_at=started,
        ended_at=ended,
        cost=cost,
        severity=Severity(severity) if severity else None,
        services=services,
        project=project.key if project else None,
        channel=ChannelId(channel),
        permalink=facts.get("l"),
    )
    return timed(draft)


async def _moments(
    tools: Tools, submission: Submission, before: Setback | None, mistakes: Mistakes
) -> tuple[datetime | None, datetime | None]:
    """Return when it began and ended; what cannot be is told in `mistakes`."""
    known = (before.started_at, before.ended_at) if before is not None else (None, None)
    started = await read_moment_field(tools, submission, ids.STARTED, known[0], default="now")
    if started is None:
        mistakes[ids.STARTED] = "I cannot read this. Try “today 14:05”, “yesterday” or “March 3”."
    ended = await read_moment_field(tools, submission, ids.ENDED, known[1])
    if ended is None and form.text_of(submission.values, ids.ENDED):
        mistakes[ids.ENDED] = "I cannot read this. Try “today 14:05”, or leave it empty."
    mistakes |= _order(started, ended, now=tools.clock.now())
    return started, ended


async def read_moment_field(
    tools: Tools,
    submission: Submission,
    block: str,
    known: datetime | None = None,
    *,
    default: str = "",
) -> datetime | None:
    """Return the moment in a field; `known` to the second where its words still stand there."""
    words = form.text_of(submission.values, block) or default
    if not words:
        return None
    zone = await zone_of(tools, submission.workspace, submission.user)
    if known is not None and words == forms.in_words(known, zone):
        return known
    return await moment_in(tools, submission, words)


def _services(values: Values, before: Setback | None, mistakes: Mistakes) -> tuple[str, ...]:
    """Return the services; a tool may have named one with a comma, which stays one."""
    if before is not None and form.text_of(values, ids.SERVICES) == ", ".join(before.services):
        return before.services
    return form.words_of(values, ids.SERVICES, "services", mistakes=mistakes)


async def _project(tools: Tools, submission: Submission, chosen: str | None) -> Project | None:
    if chosen is None:
        return None
    return await tools.db.read(
        get_project,
        submission.workspace,
        ProjectKey(chosen),
        reader=await reader_of(tools, submission),
    )


def _order(started: datetime | None, ended: datetime | None, *, now: datetime) -> Mistakes:
    if started is not None and started > now:
        return {ids.STARTED: "It cannot begin in the future. Say when it began."}
    if ended is not None and ended > now:
        return {ids.ENDED: "It cannot have ended in the future. Leave it empty while it goes on."}
    if started is not None and ended is not None and ended < started:
        return {ids.ENDED: "It cannot end before it began."}
    return {}


def read_cost(values: Values) -> Cost | Mistakes:
    """Read the three figures; each may be empty."""
    mistakes: Mistakes = {}
    days = _figure(values, ids.DAYS, most=DAYS_MAX, mistakes=mistakes, example="3 or 1.5")
    minutes = _figure(values, ids.MINUTES, most=MINUTES_MAX, mistakes=mistakes, example="45")
    money_words = form.text_of(values, ids.MONEY)
    money = _money(money_words)
    if money_words and money is None:
        mistakes[ids.MONEY] = "Write an amount and a currency, like 1200 EUR."
    if mistakes:
        return mistakes
    return Cost(
        minutes_down=None if minutes is None else int(minutes),
        working_days_slipped=days,
        money=money,
    )


def _figure(
    values: Values, block: str, *, most: int, mistakes: Mistakes, example: str
) -> Decimal | None:
    words = form.text_of(values, block)
    if not words:
        return None
    number = form.read_number(words)
    if number is None or number > most:
        mistakes[block] = f"Write a number, like {example}."
        return None
    return number


def _money(words: str) -> Money | None:
    """Read an amount as the one-line form does, so that both take the same currencies."""
    line = setback_line.parse(f"delay {words}") if words else None
    return line.money if line is not None and not line.text else None


async def press_read(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_whole(tools, click))
    return None


async def _open_whole(tools: Tools, click: Click) -> None:
    number = int(click.value) if click.value.isdecimal() else 0
    found = await tools.db.read(
        get_setback, click.workspace, number, reader=await reader_of(tools, click)
    )
    await show.view(tools, click, assumption_views.read_all(f"#{found.number}", found.text))


async def press_delay(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_after(tools, click, SetbackKind.DELAY))
    return None


async def press_scope(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_after(tools, click, SetbackKind.SCOPE_CHANGE))
    return None


async def _open_after(tools: Tools, click: Click, kind: SetbackKind) -> None:
    """What changes after something was refuted: the form begins with what was relied on."""
    key = show.key_of(click.value)
    assumption = await tools.db.read(
        get_assumption, click.workspace, key, reader=await reader_of(tools, click)
    )
    project = await tools.db.read(
        get_project, click.workspace, key.project, reader=await reader_of(tools, click)
    )
    fields = forms.SetbackFields(
        kind=kind, text=f"Not true: {assumption.statement}", services=assumption.services
    )
    await open_form(tools, click, fields, channel=project.channel)


ROUTES = Routes(
    clicks={
        ids.READ_SETBACK: press_read,
        ids.CHANGE_DELAY: press_delay,
        ids.CHANGE_SCOPE: press_scope,
    },
    submissions={ids.NEW_SETBACK: submit_new},
)
