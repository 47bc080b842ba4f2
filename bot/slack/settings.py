"""`/stilltrue settings`: when people are asked in this channel's project."""

from bot.domain.assumption import Impact
from bot.domain.errors import UserFixableError
from bot.domain.ids import ProjectKey, UserId, WorkspaceId
from bot.domain.permission import may_lead
from bot.domain.project import Project
from bot.slack import form, ids, show
from bot.slack.dispatch import Routes
from bot.slack.form import Mistakes
from bot.slack.interaction import Click, Command, Interaction, Submission, Values
from bot.slack.people import zone_of
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import settings as views
from bot.slack.views.parts import View
from bot.usecases.cadence import cadence_of, change_cadence
from bot.usecases.member import recall
from bot.usecases.project import get_project

_LIMITS = {  # block: (the cadence's name of it, the least, the most)
    ids.FIRST_ASK: ("first_ask_working_days", 0, 365),
    ids.REMIND_AFTER: ("remind_after_working_days", 1, 365),
    ids.REMINDERS: ("reminders", 0, 20),
    ids.LIFETIME: ("lifetime_days", 1, 365),
}


async def open_settings(tools: Tools, command: Command) -> Reply:
    here = None
    if command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
    if here is None:
        raise UserFixableError(
            "This channel has no project. Type this in the channel of the project that you mean."
        )
    tools.after_ack(command, _open(tools, command, here.key))
    return None


async def _open(tools: Tools, command: Command, key: ProjectKey) -> None:
    page = await _page(tools, command, key)
    await show.view(tools, command, page)


async def _page(tools: Tools, interaction: Interaction, key: ProjectKey) -> View:
    workspace, reader = interaction.workspace, await reader_of(tools, interaction)
    project = await tools.db.read(get_project, workspace, key, reader=reader)
    may_change = await _may_change(tools, workspace, project, interaction.user)
    return views.settings(project, cadence_of(project, tools.cadence), may_change=may_change)


async def _may_change(tools: Tools, workspace: WorkspaceId, project: Project, user: UserId) -> bool:
    await zone_of(tools, workspace, user)  # so that the directory knows whether they are an admin
    return may_lead(user, await tools.db.read(recall, workspace, user), project)


async def press_change(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_change(tools, click))
    return None


async def _open_change(tools: Tools, click: Click) -> None:
    key, _, word = click.value.partition("|")
    project = await tools.db.read(
        get_project, click.workspace, ProjectKey(key), reader=await reader_of(tools, click)
    )
    impact = Impact(word)
    page = views.cadence_form(
        project,
        impact,
        cadence_of(project, tools.cadence).rhythms[impact],
        metadata=form.pack(p=project.key, i=impact),
    )
    await show.view(tools, click, page)


async def submit_cadence(tools: Tools, submission: Submission) -> Reply:
    rhythm, mistakes = read_rhythm(submission.values)
    if mistakes:
        return {"response_action": "errors", "errors": mistakes}
    facts = form.unpack(submission.metadata)
    key = ProjectKey(facts.get("p", ""))
    project = await tools.db.read(
        get_project, submission.workspace, key, reader=await reader_of(tools, submission)
    )
    await tools.write_once(
        submission,
        change_cadence,
        submission.workspace,
        key,
        by=submission.user,
        overrides={**project.cadence, facts.get("i", ""): rhythm},
        default=tools.cadence,
        now=tools.clock.now(),
    )
    await tools.projects.forget(submission.workspace, project.channel)
    below = submission.view.get("previous_view_id")
    if below:
        tools.after_ack(submission, _redraw(tools, submission, str(below), key))
    return None


async def _redraw(tools: Tools, submission: Submission, view_id: str, key: ProjectKey) -> None:
    """Show the new words in the form below the one that was sent."""
    page = await _page(tools, submission, key)
    await tools.api.update_view(submission.workspace, view_id, page)


def read_rhythm(values: Values) -> tuple[dict[str, int | bool], Mistakes]:
    """Read the form: the rhythm as `Cadence` reads it, and what is wrong beside which field."""
    rhythm: dict[str, int | bool] = {}
    mistakes: Mistakes = {}
    for block, (name, least, most) in _LIMITS.items():
        typed = form.text_of(values, block)
        if typed.isascii() and typed.isdecimal() and least <= int(typed) <= most:
            rhythm[name] = int(typed)
        else:
            mistakes[block] = f"Write a whole number from {least} to {most}."
    rhythm["requires_evidence"] = form.choice_of(values, ids.EVIDENCE) != views.NO
    return rhythm, mistakes


ROUTES = Routes(clicks={ids.CADENCE_OPEN: press_change}, submissions={ids.CADENCE: submit_cadence})
