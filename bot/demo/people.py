"""The sample workspace: made-up people, their channels, and the bot installed among them."""

from dataclasses import replace
from datetime import datetime

from bot.sandbox import App, Channel, Command, Function, Parameter, Person, Seed, Shortcut, Team
from bot.slack import ids, steps
from bot.slack.names import CommandNames
from bot.slack.scopes import BOT_EVENTS, LISTEN_EVENTS, MENTION_EVENTS, REPLY_EVENTS

# A person's own delay within their first working hour follows from these ids. With this one every
# person below is asked before 9:30, which is the moment that *next working morning* moves to.
TEAM = "T0SAMPLEZT"
APP = "A0STILLTRUE"
BOT = "U0STILLTRUE"
ANA, BO, CARO, DEV, EVE, FAY = "U0ANA", "U0BO", "U0CARO", "U0DEV", "U0EVE", "U0FAY"
CALENDAR = "U0CALENDAR"
ACME, GIL, HERON = "T0ACME", "U0GIL", "C0HERON"  # a second workspace, where there are two
APOLLO, PAYMENTS, GENERAL, LEADS = "C0APOLLO", "C0PAYMENTS", "C0GENERAL", "G0LEADS"
SEARCH = "C0SEARCH"  # only where a year has passed

# Samples that open nothing: this Slack listens on the loopback address alone.
BOT_TOKEN = "xoxb-sandbox-still-true"  # noqa: S105
APP_TOKEN = "xapp-sandbox-still-true"  # noqa: S105
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105
CLIENT_ID, CLIENT_SECRET = "1000000000.2000000000", "sandbox-client-secret"
ENCRYPTION_KEY = "c3RpbGwtdHJ1ZS1zYW5kYm94LWtleS1vZi1ub2JvZHk="

_PEOPLE = (
    Person(
        id=ANA,
        name="ana",
        real_name="Ana Silva",
        tz="Europe/Lisbon",
        is_admin=True,
        avatar="#b3541e",
    ),
    Person(
        id=BO,
        name="bo",
        real_name="Bo Chen",
        tz="Europe/Berlin",
        avatar="#2e7d4f",
    ),
    Person(
        id=CARO,
        name="caro",
        real_name="Caro Diaz",
        tz="America/New_York",
        avatar="#7b4fa3",
    ),
    Person(
        id=DEV,
        name="dev",
        real_name="Dev Patel",
        tz="Asia/Kolkata",
        avatar="#1f6fb2",
    ),
    Person(
        id=EVE,
        name="eve",
        real_name="Eve Novak",
        tz="Europe/Prague",
        deleted=True,
        avatar="#777777",
    ),
    Person(
        id=FAY,
        name="fay",
        real_name="Fay Ito",
        tz="Europe/Lisbon",
        is_restricted=True,
        avatar="#a3475f",
    ),
    Person(id=CALENDAR, name="calendar", real_name="Team Calendar", is_bot=True),
    Person(id=BOT, name="stilltrue", real_name="Still True?", is_bot=True, avatar="#0f766e"),
)

_CHANNELS = (
    Channel(
        id=APOLLO,
        name="apollo",
        members=(ANA, BO, CARO, DEV, FAY, CALENDAR, BOT),
        topic="Launching Apollo: Ana leads, Bo does payments, Caro product, Dev is on call",
    ),
    Channel(
        id=PAYMENTS,
        name="payments",
        members=(ANA, BO, CARO, DEV, BOT),
        topic="The payments API and what depends on it",
    ),
    Channel(
        id=GENERAL,
        name="general",
        members=(ANA, BO, CARO, DEV, FAY, CALENDAR),
        topic="Everything that fits nowhere else",
    ),
    Channel(
        id=LEADS,
        name="apollo-leads",
        members=(ANA, CARO),
        is_private=True,
        topic="The leads among themselves",
    ),
)

_ELSEWHERE = (
    Person(
        id=GIL,
        name="gil",
        real_name="Gil Moss",
        tz="Europe/London",
        is_admin=True,
        avatar="#5f6b1f",
        team_id=ACME,
    ),
    Person(
        id="U0HAN",
        name="han",
        real_name="Han Ito",
        tz="Asia/Tokyo",
        avatar="#a33b5c",
        team_id=ACME,
    ),
)
_HERON = Channel(
    id=HERON,
    name="heron",
    members=(GIL, "U0HAN"),
    topic="Another company's project",
    team_id=ACME,
)

_OF_A_YEAR = Channel(
    id=SEARCH,
    name="search",
    members=(ANA, BO, CARO, DEV, BOT),
    topic="Finding things",
)

_SHORTCUTS = (
    Shortcut(type="message", name="Log assumption", callback_id=ids.LOG_SHORTCUT),
    Shortcut(type="message", name="Record setback", callback_id=ids.SETBACK_SHORTCUT),
    Shortcut(type="global", name="Log assumption", callback_id=ids.LOG_GLOBAL),
    Shortcut(type="global", name="Record setback", callback_id=ids.SETBACK_GLOBAL),
)

_EVENTS = tuple({**BOT_EVENTS, **REPLY_EVENTS, **MENTION_EVENTS, **LISTEN_EVENTS})


def sample_workspace(
    commands: CommandNames,
    *,
    now: datetime | None = None,
    socket: bool = False,
    has_past: bool = False,
    is_installed: bool = True,
) -> Seed:
    """Return the workspace with the bot installed.

    Args:
        commands: What the bot's commands are called.
        now: Where its clock starts, aware; None is the real present.
        socket: Whether the bot is reached by Socket Mode.
        has_past: Whether there is the channel of a project that a year's past is about.
        is_installed: False: it is not, and there is a second workspace, so that people install it.
    """
    app = replace(_bot(commands, socket=socket), installed=is_installed)
    if not is_installed:
        app = replace(app, functions=())  # Slack distributes no app that has steps
    return Seed(
        team_id=TEAM,
        team_name="Sample Works",
        team_domain="sample-works",
        people=_PEOPLE if is_installed else (*_PEOPLE, *_ELSEWHERE),
        channels=(
            *_CHANNELS,
            *([_OF_A_YEAR] if has_past else []),
            *([] if is_installed else [_HERON]),
        ),
        apps=(app,),
        now=now,
        teams=() if is_installed else (Team(id=ACME, name="Acme", domain="acme"),),
    )


def _bot(names: CommandNames, *, socket: bool) -> App:
    return App(
        app_id=APP,
        name="Still True?",
        bot_user_id=BOT,
        bot_id="B0STILLTRUE",
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SIGNING_SECRET,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        verification_token="sandbox-verification",  # noqa: S106 - a sample, as above
        commands=(
            Command(
                command=names.assume,
                description="Log what you rely on",
                usage_hint="what you rely on | ask @who by friday impact:high",
            ),
            Command(
                command=names.setback,
                description="Record what went wrong",
                usage_hint="delay 3d waiting for the payments API",
            ),
            Command(
                command=names.stilltrue,
                description="Everything else",
                usage_hint="report | list | help",
            ),
        ),
        shortcuts=_SHORTCUTS,
        events=_EVENTS,
        functions=tuple(_function(step) for step in steps.STEPS),
        socket_mode=socket,
    )


def _function(step: steps.Step) -> Function:
    return Function(
        callback_id=step.callback_id,
        title=step.title,
        description=step.description,
        inputs=tuple(_parameter(one) for one in step.inputs),
        outputs=tuple(_parameter(one) for one in step.outputs),
    )


def _parameter(one: steps.Parameter) -> Parameter:
    return Parameter(
        name=one.name,
        title=one.title,
        type=one.type,
        description=one.description,
        is_required=one.is_required,
    )
