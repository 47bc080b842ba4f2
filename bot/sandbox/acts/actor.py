"""Who acts, on what; and what Slack itself would not let them do."""

from typing import Any

from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError
from bot.sandbox.model import SLACKBOT, Message, Room, View
from bot.sandbox.seed import App, Person
from bot.sandbox.view_state import Choices
from bot.sandbox.world import World

NOT_FOUND = 404


def actor(core: Core, user: object) -> Person:
    person = core.world.people.get(str(user))
    if person is None:
        raise ControlError("user_not_found", f"There is nobody called {user}.", status=NOT_FOUND)
    if person.deleted:
        raise ControlError("user_deactivated", f"{person.real_name} is deactivated.")
    if person.is_bot or person.id == SLACKBOT:
        raise ControlError("user_is_bot", "A bot acts through the Web API.")
    return person


def first_person(core: Core, team_id: object = None) -> str:
    """Whom the page acts as until somebody is chosen; `team_id`: somebody of that workspace."""
    for person in core.world.people.values():
        if person.is_bot or person.deleted or person.id == SLACKBOT:
            continue
        if team_id in (None, person.team_id):
            return person.id
    raise ControlError("user_not_found", "There is nobody here who could act.", status=NOT_FOUND)


def room_for(core: Core, user: str, channel: object, *, member: bool = False) -> Room:
    """The conversation, if this person sees it; `member`: if they are in it."""
    room = core.world.rooms.get(str(channel))
    if room is None or not core.world.sees(user, room):
        raise ControlError(
            "channel_not_found", f"There is no channel {channel} here.", status=NOT_FOUND
        )
    if member and user not in room.members:
        raise ControlError("not_in_channel", "Join the channel first.")
    return room


def message_for(core: Core, user: str, channel: object, ts: object) -> Message:
    room = room_for(core, user, channel)
    for message in core.world.visible(room, user):
        if message.ts == ts:
            return message
    raise ControlError("message_not_found", f"There is no message {ts} here.", status=NOT_FOUND)


def app_named(core: Core, app_id: object) -> App:
    """The app as it is registered, installed somewhere or not."""
    app = core.world.apps.get(str(app_id))
    if app is None:
        raise ControlError("app_not_found", f"There is no app {app_id}.", status=NOT_FOUND)
    return app


def app_in(core: Core, app_id: object, team_id: str) -> App:
    """The app as it is installed in one workspace."""
    registered = app_named(core, app_id)
    app = core.world.installs.get((registered.app_id, team_id))
    if app is None or not app.installed:
        message = f"{registered.name} is not installed in {core.world.teams[team_id].name}."
        raise ControlError("app_not_installed", message, status=NOT_FOUND)
    return app


def app_for(core: Core, user: str, app_id: object) -> App:
    """The app as it is installed in this person's workspace."""
    return app_in(core, app_id, core.world.team_of(user).id)


def app_behind(core: Core, view: View) -> App:
    """The app whose view this is, which may be of another workspace than who looks at it."""
    return app_in(core, *view.app)


def nested(value: object) -> dict[str, dict[str, Any]]:
    """`{block_id: {action_id: value}}` as it came, or refused when it has another shape."""
    rows = value or {}
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise ControlError("bad_value", "Values are {block_id: {action_id: value}}.")
    return {str(key): dict(row) for key, row in rows.items()}


def choices(world: World, user: str, element_key: tuple[str, str, str]) -> Choices:
    """`element_key` is (place, block_id, action_id), where loaded options are remembered."""
    team_id = world.team_of(user).id
    return Choices(
        people=world.names(team_id),
        channels=world.channel_names(team_id),
        exists=lambda key: key in world.people or key in world.rooms,
        loaded=world.views.loaded.get(element_key, ()),
    )
