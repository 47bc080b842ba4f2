"""`/stilltrue me` and App Home's settings: when one person may be asked."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.errors import UserFixableError
from bot.domain.member import OwnHours, WorkingTime
from bot.slack import form, ids, show
from bot.slack.dispatch import Routes
from bot.slack.form import Mistakes
from bot.slack.interaction import Click, Command, Interaction, Submission, Values
from bot.slack.people import today_in, zone_of
from bot.slack.tools import Reply, Tools
from bot.slack.views.me import NO_HOLIDAYS, hours_form
from bot.usecases.working_time import calendar_of, hours_of, set_hours

_USUAL = WorkingTime(zone=ZoneInfo("UTC"))
_AWAY_MAX = 366  # days


async def open_hours(tools: Tools, command: Command) -> Reply:
    tools.after_ack(command, _open(tools, command))
    return None


async def press_hours(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open(tools, click))
    return None


async def _open(tools: Tools, interaction: Interaction) -> None:
    workspace, user, now = interaction.workspace, interaction.user, tools.clock.now()
    await zone_of(tools, workspace, user)  # so that the zone of somebody new is known
    wt = await tools.db.read(calendar_of, workspace, user, now=now)
    own = await tools.db.read(hours_of, workspace, user)
    await show.view(tools, interaction, hours_form(wt, own))


async def submit_hours(tools: Tools, submission: Submission) -> Reply:
    workspace, user, now = submission.workspace, submission.user, tools.clock.now()
    today = today_in(await zone_of(tools, workspace, user), now)
    own = read_hours(submission.values, today=today)
    if isinstance(own, dict):
        return {"response_action": "errors", "errors": own}
    try:
        await tools.write_once(submission, set_hours, workspace, user, own, now=now)
    except UserFixableError as error:  # the form checked the rest itself
        return {"response_action": "errors", "errors": {ids.COUNTRY: str(error)}}
    await tools.directory.forget(workspace, user)
    return None


def read_hours(values: Values, *, today: date) -> OwnHours | Mistakes:
    """Read the form; what is as usual is left to the zone, so that it can follow a move."""
    mistakes: Mistakes = {}
    starts, ends = form.time_of(values, ids.STARTS), form.time_of(values, ids.ENDS)
    if starts is None or ends is None or ends <= starts:
        mistakes[ids.ENDS] = "Your day must end after it begins, for example 9:00 to 17:00."
    weekdays = frozenset(int(number) for number in form.choices_of(values, ids.WEEKDAYS))
    if not weekdays:
        mistakes[ids.WEEKDAYS] = "Choose at least one day on which you work."
    away_until = form.date_of(values, ids.AWAY)
    if away_until is not None and (away_until - today).days > _AWAY_MAX:
        mistakes[ids.AWAY] = "Choose a day within a year."
    if mistakes:
        return mistakes
    return OwnHours(
        starts=None if starts == _USUAL.starts else starts,
        ends=None if ends == _USUAL.ends else ends,
        weekdays=None if weekdays == _USUAL.weekdays else weekdays,
        country=_country(form.text_of(values, ids.COUNTRY)),
        away_until=away_until if away_until is not None and away_until > today else None,
    )


def _country(text: str) -> str | None:
    if text.casefold() == NO_HOLIDAYS:
        return ""
    return text.upper() or None


ROUTES = Routes(clicks={ids.HOME_HOURS: press_hours}, submissions={ids.MY_HOURS: submit_hours})
