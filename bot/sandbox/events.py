"""Events: who is subscribed, the first delivery, and the three retries after a failure."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from bot.sandbox import payloads, wire
from bot.sandbox.delivery import Delivery, Retry
from bot.sandbox.errors import DeliveryFailedError
from bot.sandbox.faults import Faults
from bot.sandbox.model import Json, Message, Room
from bot.sandbox.seed import App
from bot.sandbox.world import World

RETRY_AFTER = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
SUBSCRIPTION = {"channel": "message.channels", "private": "message.groups", "im": "message.im"}

Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Events:
    def __init__(self, world: World, delivery: Delivery, faults: Faults, spawn: Spawn) -> None:
        self._world = world
        self._delivery = delivery
        self._faults = faults
        self._spawn = spawn

    def emit(
        self, event: Json, *, subscription: str | None = None, only: App | None = None
    ) -> None:
        """Start delivering to each app that asked for it; `only` names a single one."""
        wanted = subscription or event["type"]
        for app in [only] if only else list(self._world.installed_apps()):
            if wanted in app.events and self._delivery.reaches(app):
                self.emit_to(app, event)

    def emit_to(self, app: App, event: Json) -> None:
        """Deliver whether or not the app subscribed, as Slack does for `app_uninstalled`."""
        body = payloads.event_envelope(self._world, app, event)
        copies = 2 if self._faults.for_delivery() else 1
        for _ in range(copies):
            self._spawn(self._deliver(app.app_id, body, None))

    async def _deliver(self, app_id: str, body: Json, retry: Retry | None) -> None:
        app = self._world.apps[app_id]  # its URL may have changed since the last attempt
        try:
            await self._delivery.send(app, "event", body["event"]["type"], body, retry=retry)
        except DeliveryFailedError as failure:
            done = retry.number if retry else 0
            if failure.retry and done < len(RETRY_AFTER):
                self._plan(app_id, body, Retry(done + 1, failure.reason))

    def _plan(self, app_id: str, body: Json, retry: Retry) -> None:
        wait = RETRY_AFTER[retry.number - 1]
        if not wait:
            self._spawn(self._deliver(app_id, body, retry))
            return

        async def again() -> None:
            await self._deliver(app_id, body, retry)

        self._world.clock.at(self._world.clock.now() + wait, again)

    def posted(self, message: Message) -> None:
        """A new message: `message.*` where the bot is a member, `app_mention` when it is named."""
        room = self._world.rooms[message.channel]
        event = wire.message(self._world, message) | _place(room, message.ts)
        self._to_members(room, event)
        for app in self._world.installed_apps():
            named = f"<@{app.bot_user_id}>" in message.text
            if named and room.kind != "im" and self._hears(app, room) and message.bot_id is None:
                mention = {key: value for key, value in event.items() if key != "channel_type"}
                self.emit(mention | {"type": "app_mention"}, only=app)

    def edited(self, message: Message, before: Json) -> None:
        room = self._world.rooms[message.channel]
        event = {
            "type": "message",
            "subtype": "message_changed",
            "message": wire.message(self._world, message),
            "previous_message": before,
            "hidden": True,
        }
        ts = self._world.new_ts()
        self._to_members(room, event | _place(room, ts) | {"ts": ts})

    def deleted(self, message: Message, before: Json) -> None:
        room = self._world.rooms[message.channel]
        ts = self._world.new_ts()
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": before,
            "deleted_ts": message.ts,
            "hidden": True,
        }
        self._to_members(room, event | _place(room, ts) | {"ts": ts})

    def member(self, kind: str, room: Room, user: str, *, inviter: str | None = None) -> None:
        """`kind` is member_joined_channel or member_left_channel; heard by bots in the channel."""
        event = {
            "type": kind,
            "user": user,
            "channel": room.id,
            "channel_type": "C" if room.kind == "channel" else "G",
            "team": self._world.team_id,
            "event_ts": self._world.new_ts(),
        }
        if inviter:
            event["inviter"] = inviter
        for app in self._world.installed_apps():
            if self._hears(app, room) or app.bot_user_id == user:
                self.emit(event, only=app)

    def _to_members(self, room: Room, event: Json) -> None:
        for app in self._world.installed_apps():
            if self._hears(app, room):
                self.emit(event, subscription=SUBSCRIPTION[room.kind], only=app)

    @staticmethod
    def _hears(app: App, room: Room) -> bool:
        return app.bot_user_id in room.members


def _place(room: Room, ts: str) -> Json:
    return {"channel": room.id, "event_ts": ts, "channel_type": wire.channel_type(room)}
