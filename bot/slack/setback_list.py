"""Looking up what went wrong: the list, and one of them as its channel sees it."""

from bot.domain.ids import ProjectKey
from bot.slack import ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command, Interaction
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views.parts import Message, View, modal
from bot.slack.views.setback import setback_message
from bot.slack.views.setback_list import setback_list
from bot.usecases.setback_list import list_setbacks, read_setback


async def list_here(
    tools: Tools, command: Command, *, is_open: bool, project: ProjectKey | None
) -> Reply:
    """List those of the project that is named, else of this channel's, else all."""
    if project is None and command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
        project = here.key if here is not None else None
    shown = await _page(tools, command, ids.SetbackListRef(project, is_open))
    return {"response_type": "ephemeral", **shown}


async def _page(tools: Tools, interaction: Interaction, here: ids.SetbackListRef) -> Message:
    found = await tools.db.read(
        list_setbacks,
        interaction.workspace,
        reader=await reader_of(tools, interaction),
        project=here.project,
        is_open=here.is_open,
        before=here.before,
    )
    return setback_list(found, here=here, command=tools.names.setback)


async def press_list(tools: Tools, click: Click) -> Reply:
    """Another page, or another filter, in place of the list that is shown."""
    tools.after_ack(click, _replace(tools, click))
    return None


async def _replace(tools: Tools, click: Click) -> None:
    shown = await _page(tools, click, ids.SetbackListRef.parse(click.value))
    if click.response_url is not None:
        await tools.api.respond(click.response_url, shown, replace_original=click.is_ephemeral)


async def show_here(tools: Tools, command: Command, number: int) -> Reply:
    shown = await _one(tools, command, number)
    return {"response_type": "ephemeral", **shown}


async def press_show(tools: Tools, click: Click) -> Reply:
    number = int(click.value) if click.value.isdecimal() else 0
    tools.after_ack(click, show_below(tools, click, number))
    return None


async def show_below(tools: Tools, click: Click, number: int) -> None:
    """Show one to the person alone: below what they clicked in, or over their Home."""
    if click.response_url is not None:
        await tools.api.respond(click.response_url, await _one(tools, click, number))
    else:
        await show.view(tools, click, await _modal(tools, click, number))


async def redraw(tools: Tools, click: Click, view_id: str, number: int) -> None:
    """Show in the modal what was just decided in it."""
    page = await _modal(tools, click, number)
    await tools.api.update_view(click.workspace, view_id, page)


async def _modal(tools: Tools, click: Click, number: int) -> View:
    shown = await _one(tools, click, number)
    return modal(f"Setback #{number}", shown["blocks"], callback_id=ids.SETBACK_SHOWN)


async def _one(tools: Tools, interaction: Interaction, number: int) -> Message:
    now, reader = tools.clock.now(), await reader_of(tools, interaction)
    found = await tools.db.read(read_setback, interaction.workspace, number, reader=reader, now=now)
    return setback_message(found)


ROUTES = Routes(
    clicks={
        ids.SHOW_SETBACK: press_show,
        ids.SETBACK_LIST_MORE: press_list,
        **dict.fromkeys(ids.SETBACK_LIST.values(), press_list),
    },
)
