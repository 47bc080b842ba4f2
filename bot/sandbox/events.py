"""Events: who is subscribed, the first delivery, and the three retries after a failure."""

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
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
READ_SCOPE = {"channel": "channels:read", "private": "groups:read"}
SCOPE = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
}
"""What a token must have to hear of it; the others need nothing."""
CONTEXTS_KEPT = 1000

Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Events:
    def __init__(self, world: World, delivery: Delivery, faults: Faults, spawn: Spawn) -> None:
        self._world = world
        self._delivery = delivery
        self._faults = faults
        self._spawn = spawn
        self.seen_by: dict[str, list[App]] = {}
        """{event_context: the installations of the app that may see that event}."""
        self._contexts: deque[str] = deque()

    def emit(
        self,
        event: Json,
        to: Iterable[App],
        *,
        source: str,
        subscription: str | None = None,
    ) -> None:
        """Start delivering to those of `to` that asked for it, once to each app.

        Of an app's several installations in a shared channel the one of `source`, the workspace
        where it happened, gets it; `apps.event.authorizations.list` names the others.
        """
        wanted = subscription or event["type"]
        by_app: dict[str, list[App]] = {}
        for app in to:
            if self._asked(app, wanted):
                by_app.setdefault(app.app_id, []).append(app)
        for installs in by_app.values():
            installs.sort(key=lambda app: app.team_id != source)
            self.emit_to(installs, event, source)

    def _asked(self, app: App, wanted: str) -> bool:
        may = wanted not in SCOPE or SCOPE[wanted] in app.scopes
        return may and wanted in app.events and self._delivery.reaches(app)

    def emit_to(self, installs: Sequence[App], event: Json, source: str | None = None) -> None:
        """Deliver to the first of one app's installations, whether or not it subscribed."""
        app = installs[0]
        body = payloads.event_envelope(self._world, app, event, source or app.team_id)
        body["event_context"] += f"-{body['event_id']}"
        self._remember(body["event_context"], list(installs))
        for _ in range(self._copies()):
            self._spawn(self._deliver(app.app_id, body, None))

    def _copies(self) -> int:
        return 2 if self._faults.for_delivery() else 1

    def _remember(self, context: str, installs: list[App]) -> None:
        self.seen_by[context] = installs
        self._contexts.append(context)
        if len(self._contexts) > CONTEXTS_KEPT:
            del self.seen_by[self._contexts.popleft()]

    def emit_in_order(self, app: App, events: Sequence[Json]) -> None:
        """Deliver one after the other, each as soon as the one before it has had its answer."""
        bodies = [
            payloads.event_envelope(self._world, app, event, app.team_id)
            for event in events
            if self._asked(app, event["type"])
        ]

        async def deliver() -> None:
            for body in bodies:
                for _ in range(self._copies()):
                    await self._deliver(app.app_id, body, None)

        self._spawn(deliver())

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
        self._to_members(room, event, message.user)
        if room.kind == "im" or message.bot_id is not None:
            return
        mention = {key: value for key, value in event.items() if key != "channel_type"}
        source = self._world.team_of(message.user).id
        for app in self.hearing(room):
            if f"<@{app.bot_user_id}>" in message.text:
                self.emit(mention | {"type": "app_mention"}, [app], source=source)

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
        self._to_members(room, event | _place(room, ts) | {"ts": ts}, message.user)

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
        self._to_members(room, event | _place(room, ts) | {"ts": ts}, message.user)

    def member(self, kind: str, room: Room, user: str, *, inviter: str | None = None) -> None:
        """`kind` is member_joined_channel or member_left_channel; heard by bots in the channel."""
        team_id = self._world.team_of(user).id
        event = {
            "type": kind,
            "user": user,
            "channel": room.id,
            "channel_type": "C" if room.kind == "channel" else "G",
            "team": team_id,
            "event_ts": self._world.new_ts(),
        }
        if inviter:
            event["inviter"] = inviter
        hearing = [
            app
            for app in self._world.installed_apps()
            if app.bot_user_id in (*room.members, user) and READ_SCOPE[room.kind] in app.scopes
        ]
        # what concerns one installation's own bot comes with that installation's authorization
        own = [app for app in hearing if app.bot_user_id == user]
        self.emit(event, own or hearing, source=team_id)
        if own:
            others = [app for app in hearing if app.app_id != own[0].app_id]
            self.emit(event, others, source=team_id)

    def bot_left(self, app: App, room: Room, actor: str | None) -> None:
        kind = "channel_left" if room.kind == "channel" else "group_left"
        event = {"type": kind, "channel": room.id, "event_ts": self._world.new_ts()}
        self.emit(event | ({"actor_id": actor} if actor else {}), [app], source=app.team_id)

    def _to_members(self, room: Room, event: Json, user: str) -> None:
        source = self._world.team_of(user).id
        subscription = SUBSCRIPTION[room.kind]
        self.emit(event, self.hearing(room), source=source, subscription=subscription)

    def hearing(self, room: Room) -> list[App]:
        return [app for app in self._world.installed_apps() if app.bot_user_id in room.members]


def _place(room: Room, ts: str) -> Json:
    return {"channel": room.id, "event_ts": ts, "channel_type": wire.channel_type(room)}
