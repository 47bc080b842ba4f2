"""What a sandbox starts with: plain frozen data, readable from JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A workspace."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    name: str
    """The handle, what is typed after `@`."""
    real_name: str
    tz: str = "Etc/UTC"
    """An IANA zone."""
    locale: str = "en-US"
    is_bot: bool = False
    deleted: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_stranger: bool = False
    """From a workspace that is not here, through a shared channel."""
    avatar: str = "#3b7dd8"
    """A colour; the page draws the initials on it."""
    team_id: str = ""
    """Their workspace; empty: the seed's first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    id: str
    name: str
    members: tuple[str, ...] = ()
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    team_id: str = ""
    """The workspace whose channel it is; empty: the seed's first."""
    shared_with: tuple[str, ...] = ()
    """Other workspaces that it is shared with, by Slack Connect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    command: str
    """With its slash."""
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True
    """Whether typed `@name` and `#channel` arrive as `<@U1|name>` and `<#C1|channel>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    type: Literal["message", "global"]
    name: str
    callback_id: str


BOT_SCOPES = (
    "app_mentions:read", "channels:history", "channels:join", "channels:manage", "channels:read",
    "chat:write", "commands", "files:read", "files:write", "groups:history", "groups:read",
    "im:history", "im:read", "im:write", "links:write", "mpim:read", "reactions:write",
    "reactions:read", "team:read", "usergroups:read", "users:read", "users:read.email",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a workflow's step takes or gives, as the manifest declares it."""

    name: str
    title: str = ""
    type: str = "string"
    description: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A custom step of the app's for Workflow Builder."""

    callback_id: str
    title: str = ""
    description: str = ""
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app, and its installation in one workspace.

    The first one with an `app_id` says what the app is; further ones with the same `app_id`, and
    those that OAuth makes, are its installations elsewhere, each with its own bot and token.
    """

    app_id: str
    name: str
    bot_user_id: str
    bot_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    client_id: str
    client_secret: str
    verification_token: str
    scopes: tuple[str, ...] = BOT_SCOPES
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: tuple[str, ...] = ()
    """Subscribed bot events, by their names in a manifest: `message.im`, `app_mention`, …"""
    socket_mode: bool = False
    request_url: str | None = None
    """One URL for events, commands, interactivity and options. None: nothing is delivered yet."""
    functions: tuple[Function, ...] = ()
    install_url: str | None = None
    """Where *Add to Slack* leads, which sends on to the consent page. None: not offered."""
    redirect_urls: tuple[str, ...] = ()
    """Where OAuth may return to, by their beginnings; empty: anywhere on this machine."""
    team_id: str = ""
    """The workspace of this installation; empty: the seed's first."""
    installed: bool = True
    """Whether it is installed there; an app that is not waits for OAuth."""

    @property
    def key(self) -> tuple[str, str]:
        """Which installation this is."""
        return self.app_id, self.team_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    team_id: str
    team_name: str
    team_domain: str
    people: tuple[Person, ...]
    channels: tuple[Channel, ...] = ()
    apps: tuple[App, ...] = ()
    now: datetime | None = None
    """Where the clock starts, aware. None: the real time."""
    hint: str = ""
    """What the page proposes to try first, such as `Type /hello`."""
    teams: tuple[Team, ...] = ()
    """Further workspaces."""


T = TypeVar("T")


def _from(kind: type[T], raw: Mapping[str, Any]) -> T:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    unknown = set(raw) - known
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}.")
    tupled = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return kind(**tupled)


def person_from(raw: Mapping[str, Any]) -> Person:
    return _from(Person, raw)


def channel_from(raw: Mapping[str, Any]) -> Channel:
    return _from(Channel, raw)


def function_from(raw: Mapping[str, Any]) -> Function:
    parts = dict(raw)
    for side in ("inputs", "outputs"):
        parts[side] = [_from(Parameter, item) for item in raw.get(side, ())]
    return _from(Function, parts)


def app_from(raw: Mapping[str, Any]) -> App:
    parts = dict(raw)
    parts["functions"] = [function_from(item) for item in raw.get("functions", ())]
    parts["commands"] = [_from(Command, item) for item in raw.get("commands", ())]
    parts["shortcuts"] = [_from(Shortcut, item) for item in raw.get("shortcuts", ())]
    return _from(App, parts)


def seed_from(raw: Mapping[str, Any]) -> Seed:
    """Read a seed from JSON: the same names as the dataclasses, `now` as ISO 8601.

    Raises:
        ValueError: A name is unknown, or `now` has no zone.
        TypeError: A needed field is missing.
    """
    parts = dict(raw)
    parts["people"] = [person_from(item) for item in raw.get("people", ())]
    parts["channels"] = [channel_from(item) for item in raw.get("channels", ())]
    parts["apps"] = [app_from(item) for item in raw.get("apps", ())]
    parts["teams"] = [_from(Team, item) for item in raw.get("teams", ())]
    if raw.get("now") is not None:
        parts["now"] = parse_moment(raw["now"])
    return _from(Seed, parts)


def parse_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone; write it with an offset or Z.")
    return moment.astimezone(UTC)


def sample_seed() -> Seed:
    """A small workspace to try any bot in: five people, three channels, one app over HTTP."""
    return Seed(
        team_id="T0SANDBOX",
        team_name="Sample Works",
        team_domain="sample-works",
        people=(
            Person(
                id="U0ANA", name="ana", real_name="Ana Silva", tz="Europe/Lisbon", is_admin=True
            ),
            Person(id="U0BO", name="bo", real_name="Bo Chen", tz="Europe/Lisbon", avatar="#2e8b57"),
            Person(
                id="U0CARO",
                name="caro",
                real_name="Caro Diaz",
                tz="America/New_York",
                avatar="#b3541e",
            ),
            Person(
                id="U0DEV", name="dev", real_name="Dev Patel", tz="Asia/Kolkata", avatar="#7b4fa3"
            ),
            Person(
                id="U0EVE",
                name="eve",
                real_name="Eve Novak",
                tz="Europe/Prague",
                deleted=True,
                avatar="#777777",
            ),
            Person(id="U0BOT", name="sample_bot", real_name="Sample Bot", is_bot=True),
        ),
        channels=(
            Channel(
                id="C0GENERAL",
                name="general",
                members=("U0ANA", "U0BO", "U0CARO", "U0DEV", "U0BOT"),
                topic="Everything that fits nowhere else",
            ),
            Channel(id="C0APOLLO", name="apollo", members=("U0ANA", "U0BO", "U0CARO", "U0BOT")),
            Channel(id="C0BOARD", name="board", members=("U0ANA", "U0DEV"), is_private=True),
        ),
        apps=(
            App(
                app_id="A0SAMPLE",
                name="Sample Bot",
                bot_user_id="U0BOT",
                bot_id="B0BOT",
                bot_token="xoxb-sandbox-sample-bot",  # noqa: S106 a sample, good here alone
                app_token="xapp-sandbox-sample-app",  # noqa: S106
                signing_secret="sandbox-signing-secret",  # noqa: S106
                client_id="111.222",
                client_secret="sandbox-client-secret",  # noqa: S106
                verification_token="sandbox-verification",  # noqa: S106
                commands=(Command(command="/hello", description="Say hello"),),
                shortcuts=(
                    Shortcut(type="message", name="Keep this", callback_id="keep_this"),
                    Shortcut(type="global", name="Start", callback_id="start"),
                ),
                events=("app_home_opened", "app_mention", "message.im", "member_joined_channel"),
            ),
        ),
    )
