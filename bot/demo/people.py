"""The sample workspace: made-up people, their channels, and the bot installed among them."""

from datetime import datetime

from bot.sandbox import App, Channel, Command, Person, Seed, Shortcut
from bot.slack import ids
from bot.slack.names import CommandNames
from bot.slack.scopes import BOT_EVENTS, REPLY_EVENTS

# A person's own delay within their first working hour follows from these ids. With this one every
# person below is asked before 9:30, which is the moment that *next working morning* moves to.
TEAM = "T0SAMPLEZT"
APP = "A0STILLTRUE"
BOT = "U0STILLTRUE"
ANA, BO, CARO, DEV, EVE, FAY = "U0ANA", "U0BO", "U0CARO", "U0DEV", "U0EVE", "U0FAY"
CALENDAR = "U0CALENDAR"
APOLLO, PAYMENTS, GENERAL, LEADS = "C0APOLLO", "C0PAYMENTS", "C0GENERAL", "G0LEADS"
SEARCH = "C0SEARCH"  # only where a year has passed

# Samples that open nothing: this Slack listens on the loopback address alone.
BOT_TOKEN = "xoxb-sandbox-still-true"  # noqa: S105
APP_TOKEN = "xapp-sandbox-still-true"  # noqa: S105
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105

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

_EVENTS = (*BOT_EVENTS, *REPLY_EVENTS)


def sample_workspace(
    commands: CommandNames,
    *,
    now: datetime | None = None,
    socket: bool = False,
    has_past: bool = False,
) -> Seed:
    """Return the workspace with the bot installed.

    Args:
        commands: What the bot's commands are called.
        now: Where its clock starts, aware; None is the real present.
        socket: Whether the bot is reached by Socket Mode.
        has_past: Whether there is the channel of a project that a year's past is about.
    """
    return Seed(
        team_id=TEAM,
        team_name="Sample Works",
        team_domain="sample-works",
        people=_PEOPLE,
        channels=(*_CHANNELS, *([_OF_A_YEAR] if has_past else [])),
        apps=(_bot(commands, socket=socket),),
        now=now,
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
        client_id="1000000000.2000000000",
        client_secret="sandbox-client-secret",  # noqa: S106 - a sample, as above
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
        socket_mode=socket,
    )
