"""The parts of one sandbox, joined; what the Web API and the people on the page both do."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from bot.sandbox import wire
from bot.sandbox.clock import Clock, OnClock
from bot.sandbox.delivery import Delivery
from bot.sandbox.events import Events
from bot.sandbox.faults import Faults
from bot.sandbox.feed import Feed
from bot.sandbox.limits import Buckets, Limits
from bot.sandbox.model import SLACKBOT, Json, Message, Room
from bot.sandbox.seed import App, Seed
from bot.sandbox.socket_mode import Sockets
from bot.sandbox.text import escape
from bot.sandbox.traffic import Traffic
from bot.sandbox.world import World


class Core:
    def __init__(
        self, seed: Seed, *, on_clock: OnClock | None, ack_seconds: float, limits: Limits
    ) -> None:
        self.clock = Clock(seed.now, on_clock)
        self.world = World(seed, self.clock)
        self.feed = Feed()
        self.traffic = Traffic(self.clock.now)
        self.faults = Faults()
        self.buckets = Buckets(limits)
        self.sockets = Sockets()
        self.delivery = Delivery(self.sockets, self.traffic, ack_seconds=ack_seconds)
        self.events = Events(self.world, self.delivery, self.faults, self.spawn)
        self.closing = asyncio.Event()
        self._work: set[asyncio.Task[None]] = set()
        self._background: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside everything else; `settle` waits for it and `close` ends it."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def settle(self) -> None:
        """Wait until nothing is on its way to an app; a retry that is planned for later is not."""
        while self._work:
            await asyncio.gather(*self._work)

    async def close(self) -> None:
        self.closing.set()
        self.feed.close()
        await self.clock.close()
        running = [*self._work, *self._background]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.sockets.close()
        await self.delivery.close()

    def changed(self, *channels: str, views: str | None = None, home: str | None = None) -> None:
        """Tell the page; `views` and `home` are the person whose modals or App Home changed."""
        self.feed.publish(
            self.clock.now(),
            channels=channels,
            views=[views] if views else (),
            home=[home] if home else (),
        )

    def post(self, message: Message) -> Message:
        self.world.add(message)
        if message.ephemeral_to is None:
            self.events.posted(message)
        self.changed(message.channel)
        return message

    def edit(self, message: Message, **fields: Any) -> None:
        """Change a message in place; `blocks` that are not given are gone, as in chat.update."""
        before = wire.message(self.world, message)
        for name, value in ({"blocks": [], "attachments": []} | fields).items():
            setattr(message, name, value)
        if message.ephemeral_to is None:
            self.events.edited(message, before)
        self.changed(message.channel)

    def delete(self, message: Message) -> None:
        before = wire.message(self.world, message)
        self.world.remove(message)
        if message.ephemeral_to is None:
            self.events.deleted(message, before)
        self.changed(message.channel)

    def slackbot_says(self, room: Room, user: str, text: str) -> None:
        """A line only `user` sees."""
        self.post(
            Message(
                ts=self.world.new_ts(),
                channel=room.id,
                user=SLACKBOT,
                text=escape(text),
                ephemeral_to=user,
            )
        )

    def from_app(self, app: App, channel: str, text: str, **fields: Any) -> Message:
        return Message(
            ts=self.world.new_ts(),
            channel=channel,
            user=app.bot_user_id,
            app_id=app.app_id,
            bot_id=app.bot_id,
            text=text,
            **fields,
        )

    def join(self, room: Room, user: str, *, inviter: str | None = None) -> None:
        if user not in room.members:
            room.members.append(user)
            self.events.member("member_joined_channel", room, user, inviter=inviter)
            self.changed(room.id)

    def leave(self, room: Room, user: str) -> None:
        if user in room.members:
            room.members.remove(user)
            self.events.member("member_left_channel", room, user)
            self.changed(room.id)

    def person_event(self, kind: str, user: str) -> None:
        """`kind` is team_join or user_change."""
        event: Json = {"type": kind, "user": wire.person(self.world, self.world.people[user])}
        ts = self.world.new_ts()
        self.events.emit(event | {"event_ts": ts, "cache_ts": int(float(ts))})
        self.changed()

    def refresh_sockets(self, app: App, reason: str) -> None:
        """Ends the app's connections some seconds later; `settle` does not wait for that."""
        task = asyncio.create_task(self.sockets.refresh(app.app_id, reason))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def uninstall(self, app: App) -> None:
        """Slack tells the app, in either order, that it is gone and that its token is."""
        tokens = {"oauth": [], "bot": [app.bot_user_id]}
        self.events.emit(
            {"type": "tokens_revoked", "tokens": tokens, "event_ts": self.world.new_ts()}, only=app
        )
        self.events.emit({"type": "app_uninstalled", "event_ts": self.world.new_ts()}, only=app)
        self.world.uninstalled.add(app.app_id)
        self.changed()

    def change_app(self, app_id: str, **changes: Any) -> App:
        self.world.apps[app_id] = replace(self.world.apps[app_id], **changes)
        self.changed()
        return self.world.apps[app_id]
