"""App Home, and the ways in that know no channel: shortcuts and Home's buttons."""

from bot.domain.assumption import Filter
from bot.domain.ids import UserId, WorkspaceId
from bot.slack import form, ids, setback, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Happened, Interaction, Shortcut
from bot.slack.people import zone_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as form_views
from bot.slack.views import validation as answer_views
from bot.slack.views.home import home
from bot.slack.views.me import hours_line
from bot.slack.views.parts import View
from bot.slack.views.project import no_projects
from bot.slack.views.setback import SetbackFields
from bot.usecases.assumption import get_assumption, list_assumptions
from bot.usecases.project import projects_of
from bot.usecases.working_time import calendar_of, hours_of

_SHOWN = 100  # of the open ones that this person owns or is asked about


async def opened(tools: Tools, happened: Happened) -> Reply:
    """Draw the Home tab anew each time it is opened."""
    if happened.event.get("tab", "home") == "home":
        tools.after_ack(happened, publish(tools, happened.workspace, happened.user))
    return None


async def publish(tools: Tools, workspace: WorkspaceId, user: UserId) -> None:
    page = await _page(tools, workspace, user)
    await tools.api.publish_home(workspace, user, page)


async def _page(tools: Tools, workspace: WorkspaceId, user: UserId) -> View:
    now = tools.clock.now()
    mine = await tools.db.read(
        list_assumptions,
        workspace,
        Filter(owner_or_stakeholder=user, is_open=True),
        now=now,
        limit=_SHOWN,
    )
    asked = [
        one
        for one in mine.assumptions
        if (one.valid_until is None or one.is_stale(now))
        and any(p.user == user and not (p.is_released or p.is_backup) for p in one.stakeholders)
    ]
    owned = [one for one in mine.assumptions if one.owner == user]
    await zone_of(tools, workspace, user)  # so that the zone of somebody new is known
    wt = await tools.db.read(calendar_of, workspace, user, now=now)
    own = await tools.db.read(hours_of, workspace, user)
    hours = hours_line(wt, own, today=now.astimezone(wt.zone).date())
    return home(asked=asked, owned=owned, hours=hours, names=tools.names, now=now)


async def press_log(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_anywhere(tools, click))
    return None


async def log_anywhere(tools: Tools, shortcut: Shortcut) -> Reply:
    tools.after_ack(shortcut, _open_anywhere(tools, shortcut))
    return None


async def _open_anywhere(tools: Tools, interaction: Interaction) -> None:
    """The form with a choice of project, since nobody knows the channel here."""
    known = await tools.db.read(projects_of, interaction.workspace)
    if not known:
        await show.view(tools, interaction, no_projects(tools.names.assume))
        return
    fields = form_views.Fields(owner=interaction.user)
    page = form_views.new_form(fields, metadata=form.pack(), projects=known)
    await show.view(tools, interaction, page)


async def press_setback(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, setback.open_form(tools, click, SetbackFields(), channel=None))
    return None


async def setback_anywhere(tools: Tools, shortcut: Shortcut) -> Reply:
    tools.after_ack(shortcut, setback.open_form(tools, shortcut, SetbackFields(), channel=None))
    return None


async def press_answer(tools: Tools, click: Click) -> Reply:
    """Answer from Home: the form in which each answer can be chosen."""
    tools.after_ack(click, _open_answer(tools, click))
    return None


async def _open_answer(tools: Tools, click: Click) -> None:
    found = await tools.db.read(get_assumption, click.workspace, show.key_of(click.value))
    person = next((p for p in found.stakeholders if p.user == click.user), None)
    ref = ids.QuestionRef(found.key, person.round if person else 1)
    page = answer_views.change_form(found, metadata=form.pack(q=str(ref)), title="Is it true?")
    await show.view(tools, click, page)


ROUTES = Routes(
    clicks={
        ids.HOME_LOG: press_log,
        ids.HOME_SETBACK: press_setback,
        ids.HOME_ANSWER: press_answer,
    },
    shortcuts={
        ids.LOG_GLOBAL: log_anywhere,
        ids.SETBACK_GLOBAL: setback_anywhere,
    },
    events={"app_home_opened": opened},
)
