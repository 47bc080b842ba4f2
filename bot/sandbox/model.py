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
    """A channel, or a direct conversation of two (`kind` is im)."""

    id: str
    kind: str
    name: str
    members: list[str]
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


@dataclass(slots=True, kw_only=True)
class View:
    id: str
    app_id: str
    user: str
    wire: Json
    """As the app sees it, without its state."""
    state: dict[str, dict[str, Json]]
    origin: str | None = None
    """The channel where the person was, for `default_to_current_conversation`."""


@dataclass(slots=True, kw_only=True)
class Trigger:
    id: str
    app_id: str
    user: str
    expires: float
    """On the event loop's clock: real seconds, whatever the sandbox's clock says."""
    view_id: str | None = None
    channel: str | None = None
    used: bool = False


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    id: str
    app_id: str
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
    app_id: str
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
    app_id: str
    channel: str
    post_at: datetime
    created: int
    arguments: Json
