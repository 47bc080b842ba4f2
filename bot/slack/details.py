"""The page of one assumption, with what happened to it."""

from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey
from bot.slack import ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command, Interaction
from bot.slack.reader import reader_of
from bot.slack.show import key_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as form_views
from bot.slack.views import details
from bot.slack.views.parts import Message, View
from bot.usecases.assumption import get_assumption
from bot.usecases.assumption_show import Shown, show_assumption
from bot.usecases.due import Upcoming, next_prompt


async def show_here(tools: Tools, command: Command, key: AssumptionKey) -> Reply:
    return {"response_type": "ephemeral", **await told(tools, command, key)}


async def told(tools: Tools, interaction: Interaction, key: AssumptionKey) -> Message:
    """Everything about one, with the newest of its history."""
    return await _message(tools, interaction, ids.HistoryRef(key))


async def press_show(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, open_details(tools, click, key_of(click.value)))
    return None


async def open_details(tools: Tools, click: Click, key: AssumptionKey) -> None:
    await show.view(tools, click, await _modal(tools, click, ids.HistoryRef(key)))


async def press_history(tools: Tools, click: Click) -> Reply:
    """Another page of what happened, in place of the one that is shown."""
    ref = ids.HistoryRef.parse(click.value)
    if ref is None:
        raise UserFixableError("This button is too old. Open the list to find it again.")
    tools.after_ack(click, _turn(tools, click, ref))
    return None


async def _turn(tools: Tools, click: Click, ref: ids.HistoryRef) -> None:
    if click.view is not None:
        shown = await _modal(tools, click, ref)
        await tools.api.update_view(click.workspace, click.view["id"], shown)
    elif click.response_url is not None:
        message = await _message(tools, click, ref)
        await tools.api.respond(click.response_url, message, replace_original=click.is_ephemeral)


async def _modal(tools: Tools, interaction: Interaction, ref: ids.HistoryRef) -> View:
    shown, coming = await _read(tools, interaction, ref.key)
    return details.details(shown, now=tools.clock.now(), coming=coming, page=ref.page)


async def _message(tools: Tools, interaction: Interaction, ref: ids.HistoryRef) -> Message:
    shown, coming = await _read(tools, interaction, ref.key)
    return details.details_message(shown, now=tools.clock.now(), coming=coming, page=ref.page)


async def _read(
    tools: Tools, interaction: Interaction, key: AssumptionKey
) -> tuple[Shown, Upcoming | None]:
    workspace, reader = interaction.workspace, await reader_of(tools, interaction)
    shown = await tools.db.read(show_assumption, workspace, key, reader=reader)
    now = tools.clock.now()
    coming = await tools.db.read(next_prompt, workspace, key, reader=reader, now=now)
    return shown, coming


async def press_read_all(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_whole(tools, click, key_of(click.value)))
    return None


async def _open_whole(tools: Tools, click: Click, key: AssumptionKey) -> None:
    reader = await reader_of(tools, click)
    found = await tools.db.read(get_assumption, click.workspace, key, reader=reader)
    await show.view(tools, click, form_views.read_all(str(key), found.statement))


ROUTES = Routes(
    clicks={
        ids.SHOW: press_show,
        ids.READ_ALL: press_read_all,
        ids.HISTORY_OLDER: press_history,
        ids.HISTORY_NEWER: press_history,
    },
)
