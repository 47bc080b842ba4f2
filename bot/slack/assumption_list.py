"""Lists of assumptions, and the page of one."""

from dataclasses import replace

from bot.domain.assumption import Filter, Status
from bot.domain.ids import AssumptionKey, ProjectKey, UserId
from bot.slack import assumption_edit, ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command, Interaction
from bot.slack.show import key_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as form_views
from bot.slack.views import details, listing
from bot.slack.views.parts import Message
from bot.usecases.assumption import get_assumption, list_assumptions, show_assumption
from bot.usecases.due import next_prompt


def filter_of(here: ids.ListRef, user: UserId) -> Filter:
    """What the words of a list mean; an unknown word means what is open."""
    wanted = {
        "mine": Filter(owner_or_stakeholder=user, is_open=True),
        "unvalidated": Filter(status=Status.UNVALIDATED),
        "overdue": Filter(overdue=True),
        "stale": Filter(stale=True),
        "refuted": Filter(status=Status.REFUTED),
        "all": Filter(),
    }.get(here.filter, Filter(is_open=True))
    return replace(wanted, project=here.project)


async def page(tools: Tools, interaction: Interaction, here: ids.ListRef) -> Message:
    now = tools.clock.now()
    found = await tools.db.read(
        list_assumptions,
        interaction.workspace,
        filter_of(here, interaction.user),
        now=now,
        after=here.after,
    )
    return listing.listing(
        found.assumptions,
        here=here,
        has_more=found.next_after is not None,
        now=now,
        command=tools.names.assume,
    )


async def list_here(
    tools: Tools, command: Command, *, word: str, project: ProjectKey | None
) -> Reply:
    if project is None and command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
        project = here.key if here is not None else None
    shown = await page(tools, command, ids.ListRef(project, word))
    return {"response_type": "ephemeral", **shown}


async def press_list(tools: Tools, click: Click) -> Reply:
    """Another page, or another filter, in place of the list that is shown."""
    tools.after_ack(click, _replace(tools, click))
    return None


async def _replace(tools: Tools, click: Click) -> None:
    shown = await page(tools, click, ids.ListRef.parse(click.value))
    if click.response_url is not None:
        await tools.api.respond(click.response_url, shown, replace_original=click.is_ephemeral)


async def show_here(tools: Tools, command: Command, key: AssumptionKey) -> Reply:
    now = tools.clock.now()
    shown = await tools.db.read(show_assumption, command.workspace, key)
    coming = await tools.db.read(next_prompt, command.workspace, key, now=now)
    told = details.details_message(shown, now=now, coming=coming)
    return {"response_type": "ephemeral", **told}


async def press_show(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_details(tools, click, key_of(click.value)))
    return None


async def _open_details(tools: Tools, click: Click, key: AssumptionKey) -> None:
    now = tools.clock.now()
    shown = await tools.db.read(show_assumption, click.workspace, key)
    coming = await tools.db.read(next_prompt, click.workspace, key, now=now)
    await show.view(tools, click, details.details(shown, now=now, coming=coming))


async def press_read_all(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_whole(tools, click, key_of(click.value)))
    return None


async def _open_whole(tools: Tools, click: Click, key: AssumptionKey) -> None:
    found = await tools.db.read(get_assumption, click.workspace, key)
    await show.view(tools, click, form_views.read_all(str(key), found.statement))


async def press_row(tools: Tools, click: Click) -> Reply:
    """An entry of a row's menu: what to do, then with which."""
    word, _, key_text = click.value.partition("|")
    key = key_of(key_text)
    match word:
        case ids.ROW_EDIT:
            tools.after_ack(click, assumption_edit.open_edit(tools, click, key))
        case ids.ROW_RETIRE:
            tools.after_ack(click, assumption_edit.open_retire(tools, click, key))
        case _:
            tools.after_ack(click, _open_details(tools, click, key))
    return None


ROUTES = Routes(
    clicks={
        ids.SHOW: press_show,
        ids.READ_ALL: press_read_all,
        ids.ROW_MORE: press_row,
        ids.LIST_MORE: press_list,
        **dict.fromkeys(ids.LIST_FILTERS.values(), press_list),
    },
)
