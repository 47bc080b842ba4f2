"""The parts of one sandbox, joined; what the Web API and the people on the page both do."""

import asyncio
from collections.abc import Coroutine, Sequence
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

GOODBYE = ("tokens_revoked", "app_uninstalled")
CONVERTED = {
    "private": (
        "channel_convert_to_private",
        "made this channel *private*. Now, it can only be viewed or joined by invitation.",
    ),
    "channel": (
        "channel_convert_to_public",
        "made this channel *public*. Any member in this workspace can see and join it.",
    ),
}
"""{kind: the subtype and the text that Slack puts into the channel}."""


class Core:
    def __init__(self, seed: Seed, *, on_clock: OnClock | None, limits: Limits) -> None:
        self.clock = Clock(seed.now, on_clock)
        self.world = World(seed, self.clock)
        self.world.tickets.trigger_seconds = limits.trigger_seconds
        self.feed = Feed()
        self.traffic = Traffic(self.clock.now)
        self.faults = Faults()
        self.buckets = Buckets(limits)
        self.sockets = Sockets()
        self.delivery = Delivery(self.sockets, self.traffic, ack_seconds=limits.ack_seconds)
        self.events = Events(self.world, self.delivery, self.faults, self.spawn)
        self.consents: str | None = None
        """Who agrees to each installation at once; None: somebody looks at the consent page."""
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

    def app_of(self, message: Message) -> App | None:
        """The installation that posted it; None for a person's, and once it is gone."""
        app = self.world.app_of_bot(message.user) if message.app_id else None
        return app if app is not None and app.installed else None

    def join(self, room: Room, user: str, *, inviter: str | None = None) -> None:
        if user not in room.members:
            room.members.append(user)
            self.events.member("member_joined_channel", room, user, inviter=inviter)
            self.changed(room.id)

    def leave(self, room: Room, user: str, *, actor: str | None = None) -> None:
        """`actor` is who took `user` out, if somebody else did."""
        if user in room.members:
            room.members.remove(user)
            self.events.member("member_left_channel", room, user)
            app = self.world.app_of_bot(user)
            if app is not None:
                self.events.bot_left(app, room, actor)
            self.changed(room.id)

    def share(self, room: Room, team_id: str) -> None:
        """Connect one more workspace; bots in the channel hear of it."""
        if team_id in room.teams:
            return
        room.teams.append(team_id)
        event: Json = {"type": "channel_shared", "channel": room.id, "connected_team_id": team_id}
        hearing = self.events.hearing(room)
        self.events.emit(event | {"event_ts": self.world.new_ts()}, hearing, source=room.teams[0])
        self.changed(room.id)

    def convert(self, room: Room, *, private: bool, actor: str) -> None:
        """Make a channel private or public; Slack says so by a message with a subtype alone."""
        room.kind = "private" if private else "channel"
        subtype, text = CONVERTED[room.kind]
        self.post(
            Message(ts=self.world.new_ts(), channel=room.id, user=actor, text=text, subtype=subtype)
        )

    def person_event(self, kind: str, user: str) -> None:
        """`kind` is team_join or user_change."""
        ts = self.world.new_ts()
        person = self.world.people[user]
        team_id = self.world.team_of(user).id
        for app in self.world.installed_apps():
            if app.team_id == team_id or self.world.share_channel(user, app.bot_user_id):
                event: Json = {"type": kind, "user": wire.person(self.world, person, app)}
                times = {"event_ts": ts, "cache_ts": int(float(ts))}
                self.events.emit(event | times, [app], source=team_id)
        self.changed()

    def refresh_sockets(self, app: App, reason: str) -> None:
        """Ends the app's connections some seconds later; `settle` does not wait for that."""
        task = asyncio.create_task(self.sockets.refresh(app.app_id, reason))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def uninstall(self, app: App, order: Sequence[str] = GOODBYE) -> None:
        """The token ends at once; then Slack tells the app so, in any order and perhaps twice."""
        self.world.uninstall(app)
        tokens = {"oauth": [], "bot": [app.bot_user_id]}
        events: list[Json] = [
            {"type": kind, "event_ts": self.world.new_ts()}
            | ({"tokens": tokens} if kind == "tokens_revoked" else {})
            for kind in order
        ]
        self.events.emit_in_order(app, events)
        self.changed()

    def change_app(self, app_id: str, **changes: Any) -> App:
        changed = self.world.change_app(app_id, **changes)
        self.changed()
        return changed
