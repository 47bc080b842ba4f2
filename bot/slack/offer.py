"""*Log it*: the button that opens the form with what somebody said, where no form could open."""

from bot.domain import quick_form
from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.quick_form import QuickForm
from bot.slack import assumption, form, ids, project, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Interaction
from bot.slack.reader import reader_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as form_views
from bot.slack.views.project import no_projects
from bot.usecases.project import get_project, projects_of

_VALUE_MAX = 2000  # characters, Slack's limit


def value_of(text: str, *, ts: str = "", project: ProjectKey | None = None) -> str | None:
    """What the button carries, so that nothing is stored before the click; None: too long for it.

    Args:
        text: As Slack sent it: not yet decoded.
        ts: The message where it was said, for the link; empty where it is said nowhere else.
        project: Where it goes; None: where the button is pressed, or the person chooses.
    """
    value = form.pack(s=text, t=ts, p=project)
    return value if len(value) <= _VALUE_MAX else None


async def press_log(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open(tools, click))
    return None


async def _open(tools: Tools, click: Click) -> None:
    said = form.unpack(click.value)
    text, channel = said.get("s", ""), click.channel
    if not text:
        raise UserFixableError(f"This button is too old. Type it after {tools.names.assume}.")
    fields = form_views.Fields(statement=decode(text), owner=click.user)
    if said.get("p"):
        await _open_in(tools, click, ProjectKey(said["p"]), text)
        return
    if channel is None or channel.startswith("D"):
        await choose_project(tools, click, fields)
        return
    link = await _permalink(tools, click, channel, said.get("t", ""))
    here = await tools.projects.of_channel(click.workspace, channel)
    if here is None:
        await project.offer(tools, click, channel=channel, text=text, permalink=link)
    else:
        await assumption.open_new(tools, click, here, fields=fields, permalink=link)


async def _open_in(tools: Tools, click: Click, key: ProjectKey, text: str) -> None:
    reader = await reader_of(tools, click)
    meant = await tools.db.read(get_project, click.workspace, key, reader=reader)
    line = quick_form.parse(text) or QuickForm(statement=text.strip())
    await assumption.confirm_line(tools, click, line, project=meant)


async def _permalink(tools: Tools, click: Click, channel: ChannelId, ts: str) -> str | None:
    return await tools.api.permalink(click.workspace, channel, ts) if ts else None


async def choose_project(
    tools: Tools,
    interaction: Interaction,
    fields: form_views.Fields,
    *,
    permalink: str | None = None,
    problem: str = "",
) -> None:
    """Open the form with a choice of project, where no channel says which."""
    reader = await reader_of(tools, interaction)
    known = await tools.db.read(projects_of, interaction.workspace, reader=reader)
    if not known:
        await show.view(tools, interaction, no_projects(tools.names.assume))
        return
    metadata = form.pack(l=permalink)
    page = form_views.new_form(fields, metadata=metadata, projects=known, problem=problem)
    await show.view(tools, interaction, page)


ROUTES = Routes(clicks={ids.OFFER_LOG: press_log})
