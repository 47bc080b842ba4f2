"""`/stilltrue report`, and what I am about to ask somebody."""

from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.permission import Reader
from bot.domain.report import Account
from bot.pictures.painter import paint
from bot.slack import ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command, Interaction
from bot.slack.reader import reader_of, readers_in
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views.report import definitions, report_message
from bot.usecases.delivery import heard
from bot.usecases.report import account_for_reader


async def report_here(tools: Tools, command: Command, text: str) -> Reply:
    """The report of the project that is named, else of this channel's, else of all."""
    here = None
    if command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
    key = here.key if here is not None else None
    reader = await reader_of(tools, command)
    found = await _account(tools, command, decode(text), here=key, reader=reader)
    shown = report_message(
        found.report,
        project=found.project,
        period=found.period.words,
        share=f"{key or ''}|{decode(text)}",
        has_pictures=tools.api.may_upload(command.workspace),
    )
    return {"response_type": "ephemeral", **shown}


async def _account(
    tools: Tools, asking: Interaction, text: str, *, here: ProjectKey | None, reader: Reader
) -> Account:
    return await tools.db.read(
        account_for_reader,
        asking.workspace,
        text,
        asked_by=asking.user,
        reader=reader,
        here=here,
        now=tools.clock.now(),
    )


async def press_share(tools: Tools, click: Click) -> Reply:
    """Show the channel the same report, as far as everybody there may read it, with pictures."""
    tools.after_ack(click, _share(tools, click))
    return None


async def _share(tools: Tools, click: Click) -> None:
    here, _, text = click.value.partition("|")
    channel = click.channel or ChannelId(click.user)
    reader = readers_in(channel) or await reader_of(tools, click)
    found = await _account(
        tools, click, text, here=ProjectKey(here) if here else None, reader=reader
    )
    may_upload = tools.api.may_upload(click.workspace)
    shown = report_message(
        found.report,
        project=found.project,
        period=found.period.words,
        has_pictures=may_upload,
    )
    pictures = await paint(found.report) if may_upload else []
    # The click is known to have been handled before anything is posted: a copy of it posts nothing.
    await tools.write_once(click, heard)
    if pictures:
        await tools.api.share_pictures(click.workspace, channel, shown, pictures)
    else:
        await tools.api.post(click.workspace, channel, shown)


async def press_definitions(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, show.view(tools, click, definitions()))
    return None


ROUTES = Routes(clicks={ids.DEFINITIONS: press_definitions, ids.SHARE_REPORT: press_share})
