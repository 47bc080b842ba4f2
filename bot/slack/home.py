"""App Home, and the ways in that know no channel: shortcuts and Home's buttons."""

from contextlib import suppress

from bot.domain.errors import RetryableError
from bot.domain.home import HomePlace
from bot.slack import assumption_list, form, ids, offer, setback, show
from bot.slack.channel import with_warning
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Happened, Interaction, Shortcut
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as form_views
from bot.slack.views import validation as answer_views
from bot.slack.views.setback_forms import SetbackFields
from bot.usecases.assumption import get_assumption
from bot.usecases.follow import refresh_homes
from bot.usecases.home import open_home, turn_home


async def opened(tools: Tools, happened: Happened) -> Reply:
    """Have the Home tab drawn anew each time it is opened."""
    if happened.event.get("tab", "home") == "home":
        await tools.write(open_home, happened.workspace, happened.user, now=tools.clock.now())
        tools.after_ack(happened, _learn(tools, happened))
    return None


async def _learn(tools: Tools, happened: Happened) -> None:
    """Let Slack say who looks at it; where that is news their Home is drawn anew, in their zone."""
    workspace, user, asked_at = happened.workspace, happened.user, tools.clock.now()
    with suppress(RetryableError):
        member = await tools.directory.member(workspace, user)
        if member is not None and member.seen_at >= asked_at:
            await tools.write(refresh_homes, workspace, [user], now=asked_at, by=user)


async def press_turn(tools: Tools, click: Click) -> Reply:
    """Show another page of Home, or others of one's own."""
    place = HomePlace.parse(click.value)
    await tools.write(turn_home, click.workspace, click.user, place, now=tools.clock.now())
    return None


async def press_list(tools: Tools, click: Click) -> Reply:
    """The list of one project, laid over Home."""
    tools.after_ack(click, assumption_list.open_list(tools, click, ids.ListRef.parse(click.value)))
    return None


async def press_log(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_anywhere(tools, click))
    return None


async def log_anywhere(tools: Tools, shortcut: Shortcut) -> Reply:
    tools.after_ack(shortcut, _open_anywhere(tools, shortcut))
    return None


async def _open_anywhere(tools: Tools, interaction: Interaction) -> None:
    """The form with a choice of project, since nobody knows the channel here."""
    await offer.choose_project(tools, interaction, form_views.Fields(owner=interaction.user))


async def press_setback(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, setback.open_form(tools, click, SetbackFields(), channel=None))
    return None


async def setback_anywhere(tools: Tools, shortcut: Shortcut) -> Reply:
    tools.after_ack(shortcut, setback.open_form(tools, shortcut, SetbackFields(), channel=None))
    return None


async def press_answer(tools: Tools, click: Click) -> Reply:
    """Answer in a form: for a button beside what an owner replied."""
    tools.after_ack(click, _open_answer(tools, click))
    return None


async def _open_answer(tools: Tools, click: Click) -> None:
    reader = await reader_of(tools, click)
    key = show.key_of(click.value)
    found = await tools.db.read(get_assumption, click.workspace, key, reader=reader)
    person = next((p for p in found.stakeholders if p.user == click.user), None)
    ref = ids.QuestionRef(found.key, person.round if person else 1)
    page = answer_views.change_form(found, metadata=form.pack(q=str(ref)), title="Is it true?")
    page = await with_warning(tools, click.workspace, found.channel, page)
    await show.view(tools, click, page)


ROUTES = Routes(
    clicks={
        ids.HOME_LOG: press_log,
        ids.HOME_SETBACK: press_setback,
        ids.HOME_ANSWER: press_answer,
        ids.HOME_BACK: press_turn,
        ids.HOME_MORE: press_turn,
        ids.HOME_LIST: press_list,
        **dict.fromkeys(ids.HOME_FILTERS.values(), press_turn),
    },
    shortcuts={
        ids.LOG_GLOBAL: log_anywhere,
        ids.SETBACK_GLOBAL: setback_anywhere,
    },
    events={"app_home_opened": opened},
)
