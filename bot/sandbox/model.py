"""The things that a workspace holds and that change: messages, views, one-use tickets."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]

SLACKBOT = "USLACKBOT"


@dataclass(slots=True, kw_only=True)
class Message:
    ts: str
    channel: str
    user: str
    text: str
    """As Slack keeps it: `&`, `<` and `>` escaped, mentions as `<@U1>`."""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    app_id: str | None = None
    bot_id: str | None = None
    username: str | None = None
    client_msg_id: str | None = None
    subtype: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edited: Json | None = None
    files: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str | None = None
    """The one person who sees it; None for everybody in the channel."""

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True, kw_only=True)
class Room:
    """A channel (`kind` is channel or private), or a direct conversation of two (im)."""

    id: str
    kind: str
    name: str
    members: list[str]
    teams: list[str]
    """The workspaces that have it, the host first; more than one: Slack Connect."""
    topic: str = ""
    is_archived: bool = False
    created: int = 0
    messages: list[Message] = field(default_factory=list)
    by_ts: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[Message]] = field(default_factory=dict)
    """{ts of the first message: its replies that everybody sees, oldest first}."""
    read: dict[str, str] = field(default_factory=dict)
    """{user: ts of the last message they have seen}."""

    def other(self, user: str) -> str | None:
        """Who is on the other side of a direct conversation."""
        if self.kind != "im":
            return None
        return next((member for member in self.members if member != user), user)

    @property
    def is_shared(self) -> bool:
        return self.kind != "im" and len(self.teams) > 1


InstallKey = tuple[str, str]
"""(app_id, team_id): the installation that something belongs to."""


@dataclass(slots=True, kw_only=True)
class View:
    id: str
    app: InstallKey
    user: str
    wire: Json
    """As the app sees it, without its state."""
    state: dict[str, dict[str, Json]]
    origin: str | None = None
    """The channel where the person was, for `default_to_current_conversation`."""


@dataclass(slots=True, kw_only=True)
class Trigger:
    id: str
    app: InstallKey
    user: str
    expires: float
    """On the event loop's clock: real seconds, whatever the sandbox's clock says."""
    view_id: str | None = None
    channel: str | None = None
    used: bool = False


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    id: str
    app: InstallKey
    user: str
    channel: str
    expires: float
    """On the event loop's clock."""
    uses_left: int
    message_ts: str | None = None
    thread_ts: str | None = None
    """The thread of the message that was acted on; None outside of a thread."""
    may_replace: bool = False


@dataclass(slots=True, kw_only=True)
class StoredFile:
    id: str
    app: InstallKey
    user: str
    name: str
    length: int
    alt_text: str = ""
    title: str = ""
    content: bytes = b""
    uploaded: bool = False
    completed: bool = False
    created: int = 0
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Scheduled:
    id: str
    app: InstallKey
    channel: str
    post_at: datetime
    created: int
    arguments: Json


@dataclass(slots=True, kw_only=True)
class Execution:
    """One run of an app's step in a workflow."""

    id: str
    app: InstallKey
    callback_id: str
    token: str
    """The step's own token, good until it is finished."""
    user: str
    """Who started the workflow."""
    state: str = "running"
    """running, completed or errored."""
    outputs: Json = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What somebody agreed to on the consent page; its code exchanges it for a token, once."""

    app_id: str
    team_id: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str | None
    """As the request named it; None when it named none."""
    expires: float
    """On the event loop's clock."""
