"""A list as a file for a spreadsheet."""

from bot.slack import assumption_list, ids, show
from bot.slack.api import File
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import export as views
from bot.slack.views.listing import FILTERS
from bot.slack.views.parts import modal
from bot.usecases.assumption_list import list_as_csv


async def press_export(tools: Tools, click: Click) -> Reply:
    await tools.note(click)  # a copy of the click posts nothing
    tools.after_ack(click, _export(tools, click))
    return None


async def _export(tools: Tools, click: Click) -> None:
    """Send the file to the one who asked; where files are not allowed, the lines as text."""
    here = assumption_list.known(ids.ListRef.parse(click.value))
    csv = await tools.db.read(
        list_as_csv,
        click.workspace,
        assumption_list.filter_of(here, click.user),
        order=assumption_list.order_of(here),
        reader=await reader_of(tools, click),
        now=tools.clock.now(),
    )
    title = f"{FILTERS[here.filter]}{f' in {here.project}' if here.project else ''}"
    if not tools.api.may_upload(click.workspace):
        told = views.as_text(csv.lines, title=title)
        if click.response_url is not None:
            await tools.api.respond(click.response_url, told)
        else:
            await show.view(tools, click, modal("Export", told["blocks"]))
        return
    if click.response_url is None:  # while the click may still open something
        await show.view(tools, click, modal("Export", views.sent_directly()["blocks"]))
    file = File(
        name=f"{'-'.join(filter(None, ['assumptions', here.project, here.filter])).lower()}.csv",
        title=title,
        content="".join(csv.lines).encode(),
    )
    message = views.file_sent(len(csv.lines) - 1, title, has_more=csv.has_more)
    await tools.api.share_file(click.workspace, click.user, message, file)
    if click.response_url is not None:  # it came where the person does not look just now
        await tools.api.respond(click.response_url, views.sent_directly())


ROUTES = Routes(clicks={ids.LIST_EXPORT: press_export})
