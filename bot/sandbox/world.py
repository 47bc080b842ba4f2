"""What is where: people, rooms, messages, apps. It knows no HTTP and tells nobody."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.sandbox.clock import Clock
from bot.sandbox.model import SLACKBOT, Message, Room, Scheduled, StoredFile
from bot.sandbox.seed import App, Channel, Person, Seed
from bot.sandbox.tickets import Tickets
from bot.sandbox.view_stack import Views

ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


class World:
    def __init__(self, seed: Seed, clock: Clock) -> None:
        self.clock = clock
        self.base_url = "http://127.0.0.1"
        """Where this sandbox is served; set once that is known."""
        self.team_id = seed.team_id
        self.team_name = seed.team_name
        self.team_domain = seed.team_domain
        self.hint = seed.hint
        self.people: dict[str, Person] = {
            SLACKBOT: Person(id=SLACKBOT, name="slackbot", real_name="Slackbot")
        }
        self.rooms: dict[str, Room] = {}
        self.apps: dict[str, App] = {}
        self.uninstalled: set[str] = set()
        self.files: dict[str, StoredFile] = {}
        self.scheduled: dict[str, Scheduled] = {}
        self.executions: dict[str, str] = {}
        """{function_execution_id: state}, state is running, completed or errored."""
        self.tickets = Tickets()
        self.views = Views()
        self._last_ts = 0
        for person in seed.people:
            self.people[person.id] = person
        for app in seed.apps:
            self.add_app(app)
        for channel in seed.channels:
            self.add_channel(channel)

    def add_app(self, app: App) -> None:
        """Install an app; its bot user is made when the seed did not name it among the people."""
        self.apps[app.app_id] = app
        if app.bot_user_id not in self.people:
            self.people[app.bot_user_id] = Person(
                id=app.bot_user_id, name=app.name.lower().replace(" ", "_"), real_name=app.name,
                is_bot=True,
            )  # fmt: skip

    def add_channel(self, channel: Channel) -> Room:
        room = Room(
            id=channel.id,
            kind="private" if channel.is_private else "channel",
            name=channel.name,
            members=list(dict.fromkeys(channel.members)),
            topic=channel.topic,
            is_archived=channel.is_archived,
            created=int(self.clock.now().timestamp()),
        )
        self.rooms[room.id] = room
        return room

    def change_person(self, user: str, **changes: object) -> Person:
        self.people[user] = replace(self.people[user], **changes)  # type: ignore[arg-type]
        return self.people[user]

    def new_id(self, prefix: str) -> str:
        return prefix + "".join(secrets.choice(ID_LETTERS) for _ in range(10))

    def new_ts(self) -> str:
        """A moment of the sandbox's clock in Slack's form, later than each one before it."""
        self._last_ts = max(self._last_ts + 1, microseconds(self.clock.now()))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def names(self) -> dict[str, str]:
        return {person.name.lower(): person.id for person in self.people.values()}

    def channel_names(self) -> dict[str, str]:
        return {room.name.lower(): room.id for room in self.rooms.values() if room.kind != "im"}

    def app_of_bot(self, user: str) -> App | None:
        return next((app for app in self.apps.values() if app.bot_user_id == user), None)

    def installed_apps(self) -> Iterator[App]:
        return (app for app in self.apps.values() if app.app_id not in self.uninstalled)

    def direct(self, one: str, other: str) -> Room:
        """The conversation of two people, opened if it was not; one with oneself is allowed."""
        pair = sorted({one, other})
        for room in self.rooms.values():
            if room.kind == "im" and sorted(room.members) == pair:
                return room
        room = Room(
            id=self.new_id("D"),
            kind="im",
            name="",
            members=list(dict.fromkeys((one, other))),
            created=int(self.clock.now().timestamp()),
        )
        self.rooms[room.id] = room
        return room

    def sees(self, user: str, room: Room) -> bool:
        return room.kind == "channel" or user in room.members

    def add(self, message: Message) -> Message:
        room = self.rooms[message.channel]
        room.messages.append(message)
        room.by_ts[message.ts] = message
        if message.is_reply and message.thread_ts and not message.ephemeral_to:
            room.threads.setdefault(message.thread_ts, []).append(message)
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        room = self.rooms.get(channel)
        return room.by_ts.get(ts) if room else None

    def remove(self, message: Message) -> None:
        room = self.rooms[message.channel]
        room.messages.remove(message)
        del room.by_ts[message.ts]
        thread = room.threads.get(message.thread_ts or "", [])
        if message in thread:
            thread.remove(message)

    def visible(self, room: Room, user: str | None) -> list[Message]:
        """Oldest first; ephemeral ones only to whom they were shown (None: to nobody)."""
        return [
            message
            for message in room.messages
            if message.ephemeral_to is None or message.ephemeral_to == user
        ]

    @staticmethod
    def replies(room: Room, thread_ts: str) -> list[Message]:
        return list(room.threads.get(thread_ts, ()))

    def unread(self, room: Room, user: str) -> int:
        seen = room.read.get(user, "")
        return sum(
            1
            for message in self.visible(room, user)
            if message.ts > seen and message.user != user and not message.is_reply
        )


def microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
