"""What is where: workspaces, people, rooms, messages, apps. It knows no HTTP and tells nobody."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.sandbox.clock import Clock
from bot.sandbox.model import SLACKBOT, Execution, Message, Room, Scheduled, StoredFile
from bot.sandbox.seed import App, Channel, Person, Seed, Team
from bot.sandbox.tickets import Tickets
from bot.sandbox.view_stack import Views

ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


class World:
    def __init__(self, seed: Seed, clock: Clock) -> None:
        self.clock = clock
        self.base_url = "http://127.0.0.1"
        """Where this sandbox is served; set once that is known."""
        first = Team(id=seed.team_id, name=seed.team_name, domain=seed.team_domain)
        self.teams: dict[str, Team] = {team.id: team for team in (first, *seed.teams)}
        self.first_team = first
        self.hint = seed.hint
        self.people: dict[str, Person] = {
            SLACKBOT: Person(id=SLACKBOT, name="slackbot", real_name="Slackbot")
        }
        """Slackbot alone has no workspace: it is in each of them."""
        self.rooms: dict[str, Room] = {}
        self.apps: dict[str, App] = {}
        """{app_id: the app as its maker registered it}."""
        self.installs: dict[tuple[str, str], App] = {}
        """{(app_id, team_id): the app there}, the one installed last at the end."""
        self.tokens: dict[str, tuple[str, str]] = {}
        """{bot token, good or not any more: whose installation's}."""
        self.revoked: set[str] = set()
        self.files: dict[str, StoredFile] = {}
        self.scheduled: dict[str, Scheduled] = {}
        self.executions: dict[str, Execution] = {}
        self.tickets = Tickets()
        self.views = Views()
        self._last_ts = 0
        for person in seed.people:
            self.add_person(person)
        for app in seed.apps:
            self.add_app(app)
        for channel in seed.channels:
            self.add_channel(channel)

    def add_team(self, team: Team) -> Team:
        """Raises ValueError where there is one by that id."""
        if team.id in self.teams:
            raise ValueError(f"There is a workspace {team.id} already.")
        self.teams[team.id] = team
        return team

    def add_person(self, person: Person) -> Person:
        """Raises ValueError where there is no such workspace."""
        self.people[person.id] = replace(person, team_id=self._team(person.team_id))
        return self.people[person.id]

    def _team(self, team_id: str) -> str:
        """Raises ValueError where there is no such workspace."""
        team_id = team_id or self.first_team.id
        if team_id not in self.teams:
            raise ValueError(f"There is no workspace {team_id}.")
        return team_id

    def add_app(self, app: App) -> None:
        """Register an app, or one more installation of it."""
        app = replace(app, team_id=self._team(app.team_id))
        self.apps.setdefault(app.app_id, app)
        if app.installed:
            self._put(app)

    def install(self, app_id: str, team_id: str, scopes: tuple[str, ...] = ()) -> App:
        """Install, or install again: the bot stays, the scopes add up, the token is a new one.

        Without `scopes` it gets those that its maker registered.
        """
        app = self.apps[app_id]
        before = self.installs.pop((app_id, team_id), None)
        had = before.scopes if before and before.installed else ()
        if before is None and app.team_id == team_id:
            before = app
        if before is None:
            before = replace(
                app, team_id=team_id, bot_user_id=self.new_id("U"), bot_id=self.new_id("B")
            )
        token = f"xoxb-{team_id}-{before.bot_user_id}-{secrets.token_hex(12)}"
        granted = tuple(sorted({*had, *(scopes or app.scopes)}))
        self._put(replace(before, bot_token=token, scopes=granted, installed=True))
        return self.installs[app_id, team_id]

    def _put(self, app: App) -> None:
        self.installs[app.key] = app
        self.tokens[app.bot_token] = app.key
        bot = self.people.get(app.bot_user_id) or self._bot_like_its_first(app)
        self.people[bot.id] = replace(bot, team_id=app.team_id, deleted=False)

    def _bot_like_its_first(self, app: App) -> Person:
        """The manifest says what the bot is called, so it is called that in every workspace."""
        first = self.people.get(self.apps[app.app_id].bot_user_id)
        if first is not None:
            return replace(first, id=app.bot_user_id)
        name = app.name.lower().replace(" ", "_")
        return Person(id=app.bot_user_id, name=name, real_name=app.name, is_bot=True)

    def uninstall(self, app: App) -> None:
        """Its tokens end, its forms close, its bot is deactivated; what it posted stays."""
        self.installs[app.key] = replace(app, installed=False)
        self.revoked |= {token for token, key in self.tokens.items() if key == app.key}
        self.views.forget(app.key)
        self.change_person(app.bot_user_id, deleted=True)

    def change_app(self, app_id: str, **changes: object) -> App:
        """Change what its maker says of it, in each workspace."""
        self.apps[app_id] = replace(self.apps[app_id], **changes)  # type: ignore[arg-type]
        for key, app in self.installs.items():
            if app.app_id == app_id:
                self.installs[key] = replace(app, **changes)  # type: ignore[arg-type]
        return self.apps[app_id]

    def add_channel(self, channel: Channel) -> Room:
        """Raises ValueError where there is no such workspace."""
        teams = [self._team(team_id) for team_id in (channel.team_id, *channel.shared_with)]
        room = Room(
            id=channel.id,
            kind="private" if channel.is_private else "channel",
            name=channel.name,
            members=list(dict.fromkeys(channel.members)),
            teams=list(dict.fromkeys(teams)),
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

    def team_of(self, user: str) -> Team:
        return self.teams.get(self.people[user].team_id, self.first_team)

    def is_of(self, person: Person, team_id: str) -> bool:
        """Whether this workspace is theirs; Slackbot is at home in each."""
        return person.team_id in ("", team_id) and not person.is_stranger

    def are_connected(self, one: str, other: str) -> bool:
        """Whether two workspaces share a channel."""
        return any(
            {one, other} <= set(room.teams) for room in self.rooms.values() if room.kind != "im"
        )

    def share_channel(self, one: str, other: str) -> bool:
        """Whether two people are in one channel."""
        rooms = (room for room in self.rooms.values() if room.kind != "im")
        return any({one, other} <= set(room.members) for room in rooms)

    def names(self, team_id: str, room: Room | None = None) -> dict[str, str]:
        """{handle: id} of whom one can mention there: one's own workspace, and who is in `room`."""
        guests = [self.people[user] for user in room.members] if room else []
        own = [person for person in self.people.values() if person.team_id in ("", team_id)]
        return {person.name.lower(): person.id for person in (*guests, *own)}

    def channel_names(self, team_id: str) -> dict[str, str]:
        return {
            room.name.lower(): room.id
            for room in self.rooms.values()
            if room.kind != "im" and team_id in room.teams
        }

    def app_of_bot(self, user: str) -> App | None:
        """The installation, present or past, whose bot this is."""
        return next((app for app in self.installs.values() if app.bot_user_id == user), None)

    def installed_apps(self, team_id: str | None = None) -> Iterator[App]:
        return (
            app
            for app in list(self.installs.values())
            if app.installed and team_id in (None, app.team_id)
        )

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
            teams=list(dict.fromkeys(self.team_of(user).id for user in (one, other))),
            created=int(self.clock.now().timestamp()),
        )
        self.rooms[room.id] = room
        return room

    def sees(self, user: str, room: Room) -> bool:
        if room.kind == "channel" and self.team_of(user).id in room.teams:
            return True
        return user in room.members

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
