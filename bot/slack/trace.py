"""Deciding what was underneath a setback."""

from bot.domain.assumption import AssumptionDraft
from bot.domain.errors import UserFixableError
from bot.domain.ids import ProjectKey
from bot.domain.trace import Role, Trace
from bot.slack import form, ids, setback_list, show
from bot.slack.channel import with_warning
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Submission
from bot.slack.people import CannotBeAskedError, askable
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import setback as views
from bot.slack.views import setback_forms as forms
from bot.slack.views.project import no_projects
from bot.usecases.assumption import get_assumption
from bot.usecases.project import get_project, projects_of
from bot.usecases.setback import further_candidates, get_setback
from bot.usecases.trace import decide_trace, log_missing


async def press_caused(tools: Tools, click: Click) -> Reply:
    return await _decide(tools, click, Role.CAUSED)


async def press_contributed(tools: Tools, click: Click) -> Reply:
    return await _decide(tools, click, Role.CONTRIBUTED)


async def press_not_related(tools: Tools, click: Click) -> Reply:
    return await _decide(tools, click, None)


async def _decide(tools: Tools, click: Click, role: Role | None) -> Reply:
    ref = ids.TraceRef.parse(click.value)
    if ref is None:
        raise UserFixableError("This button is too old. Record the setback once more.")
    decided = await tools.write_once(
        click,
        decide_trace,
        click.workspace,
        ref.setback,
        ref.key,
        by=click.user,
        role=role,
        now=tools.clock.now(),
        reader=await reader_of(tools, click),
    )
    if click.view is not None:
        view_id = str(click.view["id"])
        is_whole = click.view.get("callback_id") == ids.SETBACK_SHOWN
        tools.after_ack(
            click,
            setback_list.redraw(tools, click, view_id, decided.setback)
            if is_whole
            else _show_what_is_left(tools, click, view_id, decided),
        )
    return None


async def press_further(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_further(tools, click))
    return None


async def _open_further(tools: Tools, click: Click) -> None:
    number = _number(click)
    setback = await tools.db.read(
        get_setback, click.workspace, number, reader=await reader_of(tools, click)
    )
    found = await tools.db.read(
        further_candidates, click.workspace, number, reader=await reader_of(tools, click)
    )
    await show.view(tools, click, views.further(setback, found))


async def _show_what_is_left(tools: Tools, click: Click, view_id: str, decided: Trace) -> None:
    """The decision was made in the list of further candidates: it leaves the list."""
    setback = await tools.db.read(
        get_setback, click.workspace, decided.setback, reader=await reader_of(tools, click)
    )
    assumption = await tools.db.read(
        get_assumption, click.workspace, decided.assumption, reader=await reader_of(tools, click)
    )
    found = await tools.db.read(
        further_candidates, click.workspace, decided.setback, reader=await reader_of(tools, click)
    )
    page = views.further(setback, found, decided=(decided, assumption))
    await tools.api.update_view(click.workspace, view_id, page)


def _number(click: Click) -> int:
    return int(click.value) if click.value.isdecimal() else 0


async def press_missing(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_missing(tools, click))
    return None


async def _open_missing(tools: Tools, click: Click) -> None:
    number = _number(click)
    setback = await tools.db.read(
        get_setback, click.workspace, number, reader=await reader_of(tools, click)
    )
    known = await tools.db.read(projects_of, click.workspace, reader=await reader_of(tools, click))
    if not known:
        await show.view(tools, click, no_projects(tools.names.assume))
        return
    page = forms.missing_form(setback, metadata=form.pack(s=str(number)), projects=known)
    page = await with_warning(tools, click.workspace, setback.channel, page)
    await show.view(tools, click, page)


async def submit_missing(tools: Tools, submission: Submission) -> Reply:
    """Log what nobody had written down, as found late, and trace the setback to it."""
    workspace, values = submission.workspace, submission.values
    number = int(form.unpack(submission.metadata).get("s", "0"))
    statement = form.text_of(values, ids.STATEMENT)
    if not statement:
        return _wrong(ids.STATEMENT, "Write what everybody took as true.")
    owner = form.user_of(values, ids.OWNER) or submission.user
    try:
        await askable(tools, workspace, [owner])
    except CannotBeAskedError as error:
        return _wrong(ids.OWNER, str(error))
    setback = await tools.db.read(
        get_setback, workspace, number, reader=await reader_of(tools, submission)
    )
    chosen = setback.project or form.choice_of(values, ids.PROJECT)
    if chosen is None:
        return _wrong(ids.PROJECT, "Choose a project.")
    project = await tools.db.read(
        get_project, workspace, ProjectKey(chosen), reader=await reader_of(tools, submission)
    )
    await tools.write_once(
        submission,
        log_missing,
        number,
        AssumptionDraft(statement=statement, owner=owner, channel=setback.channel),
        project=project,
        by=submission.user,
        now=tools.clock.now(),
        cadence=tools.cadence,
        reader=await reader_of(tools, submission),
    )
    return None


def _wrong(block: str, text: str) -> Reply:
    return {"response_action": "errors", "errors": {block: text}}


ROUTES = Routes(
    clicks={
        ids.CAUSED: press_caused,
        ids.CONTRIBUTED: press_contributed,
        ids.NOT_RELATED: press_not_related,
        ids.FURTHER: press_further,
        ids.MISSING: press_missing,
    },
    submissions={ids.LOG_MISSING: submit_missing},
)
