"""One call of a Web API method: who calls, with which arguments and rights."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.content import parse_json
from bot.sandbox.core import Core
from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.model import Json, Room
from bot.sandbox.seed import App, Person, Team
from bot.sandbox.world import World

MOST_PER_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    core: Core
    app: App
    """The installation whose token it was; for a call without one, the app as registered."""
    arguments: Mapping[str, Any]
    token: str | None = None

    @property
    def world(self) -> World:
        return self.core.world

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    @property
    def team(self) -> Team:
        """The workspace whose token it was."""
        return self.world.teams[self.app.team_id]

    def person(self, user: str) -> Person | None:
        """Somebody of this workspace, or of one that it shares a channel with."""
        person = self.world.people.get(user)
        if person is None or person.is_stranger or self.world.is_of(person, self.team.id):
            return person
        return person if self.world.are_connected(self.team.id, person.team_id) else None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")

    def json(self, name: str) -> Any:
        return parse_json(self.arguments.get(name), "invalid_arguments")

    def names(self, name: str) -> list[str]:
        """A list, or a text with commas."""
        value = self.arguments.get(name)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [part.strip() for part in str(value or "").split(",") if part.strip()]

    def has(self, scope: str) -> bool:
        return scope in self.app.scopes

    def require(self, *any_of: str) -> None:
        """Raise missing_scope unless the token has one of these."""
        if any_of and not any(self.has(scope) for scope in any_of):
            raise SlackError(
                "missing_scope", needed=",".join(any_of), provided=",".join(self.app.scopes)
            )

    def room(self, name: str = "channel") -> Room:
        """The conversation that is named, if the bot may know of it."""
        room = self.world.rooms.get(self.need(name))
        if room is None or not self.world.sees(self.app.bot_user_id, room):
            raise SlackError("channel_not_found")
        return room

    def page(
        self, items: Sequence[Any], *, default: int, most: int = MOST_PER_PAGE
    ) -> tuple[list[Any], Json]:
        """Cut one page; return it and the `response_metadata`."""
        try:
            limit = int(self.text("limit") or default)
        except ValueError:
            raise SlackError("invalid_limit") from None
        if limit < 1:
            raise SlackError("invalid_limit")
        limit = min(limit, most)
        start = _offset(self.text("cursor"))
        more = start + limit < len(items)
        cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
        return list(items[start : start + limit]), {"next_cursor": cursor}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    run: Callable[[Call], Awaitable[Json]]
    scopes: tuple[str, ...] = ()
    """One of these is enough."""
    caller: str = "bot"
    """Whose token it takes: bot, app (xapp-), client (id and secret instead), or none."""


def missing(name: str) -> SlackError:
    message = f"[ERROR] missing required field: {name}"
    return InvalidBlocksError("invalid_arguments", [message])


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise SlackError("invalid_cursor")
