"""`/stilltrue report`, and what I am about to ask somebody."""

from datetime import timedelta

from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.permission import Reader
from bot.domain.report import Account
from bot.domain.report_words import Format
from bot.pictures.painter import paint
from bot.slack import ids, show
from bot.slack.api import File
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command, Interaction
from bot.slack.reader import reader_of, readers_in
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views.parts import Message
from bot.slack.views.report import definitions, file_sent, no_files, report_message
from bot.usecases.report import account_for_reader
from bot.usecases.report_formats import RENDERERS, title

_HALF_A_DAY = timedelta(hours=12)


async def report_here(tools: Tools, command: Command, text: str) -> Reply:
    """The report of the project that is named, else of this channel's, else of all."""
    here = None
    if command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
    key = here.key if here is not None else None
    return {"response_type": "ephemeral", **await told(tools, command, decode(text), here=key)}


async def told(
    tools: Tools, asking: Interaction, text: str, *, here: ProjectKey | None = None
) -> Message:
    """The report that `[project|all] [period]` names, with the buttons that go on from it."""
    found = await _account(tools, asking, text, here=here, reader=await reader_of(tools, asking))
    return report_message(
        found.report,
        project=found.project,
        period=found.period.words,
        asked=f"{here or ''}|{text}",
        may_share=True,
        has_pictures=tools.api.may_upload(asking.workspace),
    )


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
    await tools.note(click)  # a copy of the click posts nothing
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
        asked=click.value,
        has_pictures=may_upload,
    )
    pictures = await paint(found.report) if may_upload else []
    if pictures:
        await tools.api.share_pictures(click.workspace, channel, shown, pictures)
    else:
        await tools.api.post(click.workspace, channel, shown)


async def press_document(tools: Tools, click: Click) -> Reply:
    await tools.note(click)  # a copy of the click posts nothing
    tools.after_ack(click, _send_file(tools, click, Format.MARKDOWN))
    return None


async def press_spreadsheet(tools: Tools, click: Click) -> Reply:
    await tools.note(click)  # a copy of the click posts nothing
    tools.after_ack(click, _send_file(tools, click, Format.CSV))
    return None


async def _send_file(tools: Tools, click: Click, format_: Format) -> None:
    """Send what the person themselves may read to the person alone."""
    here, _, text = click.value.partition("|")
    reader = await reader_of(tools, click)
    found = await _account(
        tools, click, text, here=ProjectKey(here) if here else None, reader=reader
    )
    if not tools.api.may_upload(click.workspace):
        if click.response_url is not None:
            told = no_files(_at_the_shell(found, format_))
            await tools.api.respond(click.response_url, told)
        return
    file = File(
        name=f"report-{str(found.project or 'all').lower()}.{format_}",
        title=title(found),
        content=RENDERERS[format_](found).encode(),
    )
    await tools.api.share_file(click.workspace, click.user, file_sent(title(found)), file)


def _at_the_shell(account: Account, format_: Format) -> str:
    """Return the command that writes the same; the middle of a day is that day nearly anywhere."""
    first = (account.period.since + _HALF_A_DAY).date()
    last = (account.period.until - _HALF_A_DAY).date()
    project = account.project or "all"
    return f'stilltrue report --project {project} --period "{first} to {last}" --format {format_}'


async def press_definitions(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, show.view(tools, click, definitions()))
    return None


ROUTES = Routes(
    clicks={
        ids.DEFINITIONS: press_definitions,
        ids.SHARE_REPORT: press_share,
        ids.REPORT_FILES["md"]: press_document,
        ids.REPORT_FILES["csv"]: press_spreadsheet,
    }
)
