"""Lists of assumptions: in a channel privately, and over Home as a modal."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.assumption import Filter, Impact, Status
from bot.domain.ids import ProjectKey, UserId
from bot.domain.order import Order
from bot.slack import form, ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command, Interaction, Submission
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import listing
from bot.slack.views.parts import Message, View
from bot.usecases.assumption_list import Page, list_in_order

_FILTERS: Mapping[str, Filter] = {
    "unvalidated": Filter(status=Status.UNVALIDATED),
    "critical": Filter(status=Status.UNVALIDATED, impact=Impact.CRITICAL),
    "overdue": Filter(overdue=True),
    "stale": Filter(stale=True),
    "refuted": Filter(status=Status.REFUTED),
    "all": Filter(),
}


def filter_of(here: ids.ListRef, user: UserId) -> Filter:
    """What the words of a list mean; an unknown word means what is open."""
    if here.filter == "mine":
        wanted = Filter(owner_or_stakeholder=user, is_open=True)
    else:
        wanted = _FILTERS.get(here.filter, Filter(is_open=True))
    return replace(wanted, project=here.project)


def order_of(here: ids.ListRef) -> Order:
    return Order(here.sort) if here.sort in set(Order) else Order.NEW


def known(here: ids.ListRef) -> ids.ListRef:
    """Return the list that a button of whatever age leads to."""
    word = here.filter if here.filter in listing.FILTERS else "open"
    return replace(here, filter=word, sort=order_of(here).value)


async def rows_of(
    tools: Tools, interaction: Interaction, here: ids.ListRef, *, limit: int = 10
) -> Page:
    return await tools.db.read(
        list_in_order,
        interaction.workspace,
        filter_of(here, interaction.user),
        order=order_of(here),
        reader=await reader_of(tools, interaction),
        now=tools.clock.now(),
        limit=limit,
        after=here.after,
    )


async def page(tools: Tools, interaction: Interaction, here: ids.ListRef) -> Message:
    here = known(here)
    found = await rows_of(tools, interaction, here)
    return listing.listing(
        found.assumptions,
        here=here,
        has_more=found.next_after is not None,
        sorted_only=found.sorted_only,
        now=tools.clock.now(),
        command=tools.names.assume,
    )


async def modal_page(tools: Tools, interaction: Interaction, here: ids.ListRef) -> View:
    here = known(here)
    found = await rows_of(tools, interaction, here)
    return listing.listing_modal(
        found.assumptions,
        here=here,
        has_more=found.next_after is not None,
        sorted_only=found.sorted_only,
        now=tools.clock.now(),
        command=tools.names.assume,
    )


async def list_here(
    tools: Tools, command: Command, *, word: str, project: ProjectKey | None, sort: Order
) -> Reply:
    if project is None and command.channel is not None:
        here = await tools.projects.of_channel(command.workspace, command.channel)
        project = here.key if here is not None else None
    shown = await page(tools, command, ids.ListRef(project, word, sort=sort))
    return {"response_type": "ephemeral", **shown}


async def open_list(tools: Tools, click: Click, here: ids.ListRef) -> None:
    await show.view(tools, click, await modal_page(tools, click, here))


async def press_list(tools: Tools, click: Click) -> Reply:
    """Another page, filter or order, in place of the list that is shown."""
    tools.after_ack(click, _replace(tools, click))
    return None


async def _replace(tools: Tools, click: Click) -> None:
    here = ids.ListRef.parse(click.value)
    if click.view is not None:
        shown = await modal_page(tools, click, here)
        await tools.api.update_view(click.workspace, click.view["id"], shown)
    elif click.response_url is not None:
        message = await page(tools, click, here)
        await tools.api.respond(click.response_url, message, replace_original=click.is_ephemeral)


def place_of(interaction: Interaction) -> dict[str, str]:
    """Return what a form over a list carries, so that the list below it can be drawn anew."""
    view = interaction.view if isinstance(interaction, Click) else None
    if view is None or view.get("callback_id") != ids.LISTED:
        return {}
    return {"l": str(view.get("private_metadata") or ""), "v": str(view["id"])}


async def redraw(tools: Tools, submission: Submission) -> None:
    """Show the list as it is now, where the form was opened from one."""
    facts = form.unpack(submission.metadata)
    here = replace(ids.ListRef.parse(facts.get("l", "")), after=None)
    if "v" in facts:
        shown = await modal_page(tools, submission, here)
        await tools.api.update_view(submission.workspace, facts["v"], shown)
    elif "l" in facts and "u" in facts:
        message = await page(tools, submission, here)
        await tools.api.respond(facts["u"], message, replace_original=True)


ROUTES = Routes(
    clicks={
        ids.LIST_MORE: press_list,
        ids.LIST_TOP: press_list,
        ids.LIST_SORT: press_list,
        **dict.fromkeys(ids.LIST_FILTERS.values(), press_list),
    },
)
