"""users.*, usergroups.list, team.info and bots.info."""

from bot.sandbox import wire
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Json
from bot.sandbox.seed import Person
from bot.sandbox.webapi.call import Call, Method
from bot.sandbox.webapi.conversations import of_types

ICON_SIZES = (34, 44, 68, 88, 102, 132)


def _wire(call: Call, person: Person) -> Json:
    user = wire.person(call.world, person, call.app, with_email=call.has("users:read.email"))
    if not call.flag("include_locale"):
        user.pop("locale", None)
    return user


def _own(call: Call) -> list[Person]:
    """Who is listed; those from another workspace are found by their id alone."""
    people = call.world.people.values()
    return [person for person in people if person.team_id in ("", call.team.id)]


async def info(call: Call) -> Json:
    person = call.person(call.need("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": _wire(call, person)}


async def list_all(call: Call) -> Json:
    people = _own(call)
    page, metadata = call.page(people, default=len(people))
    return {
        "members": [_wire(call, person) for person in page],
        "cache_ts": int(call.core.clock.now().timestamp()),
        "response_metadata": metadata,
    }


async def lookup_by_email(call: Call) -> Json:
    address = call.need("email").lower()
    for person in _own(call):
        known = wire.person(call.world, person, call.app)["profile"].get("email", "")
        if known.lower() == address and not person.deleted:
            return {"user": _wire(call, person)}
    raise SlackError("users_not_found")


async def conversations(call: Call) -> Json:
    """Those that `user`, else the bot, is in and that the bot may know of."""
    user = call.text("user") or call.app.bot_user_id
    rooms = [room for room in of_types(call) if user in room.members]
    page, metadata = call.page(rooms, default=100)
    return {
        "channels": [wire.room(call.world, room, call.app.bot_user_id) for room in page],
        "response_metadata": metadata,
    }


async def usergroups(call: Call) -> Json:
    return {"usergroups": []}


async def team(call: Call) -> Json:
    base = call.world.base_url
    icon = f"{base}/page/icon.svg"
    return {
        "team": {
            "id": call.team.id,
            "name": call.team.name,
            "domain": call.team.domain,
            "url": f"{base}/",
            "email_domain": "",
            "icon": {f"image_{size}": icon for size in ICON_SIZES} | {"image_default": True},
        }
    }


async def bot(call: Call) -> Json:
    wanted = call.need("bot")
    for app in call.world.installs.values():
        if app.bot_id == wanted:
            profile = wire.bot_profile(call.world, app)
            del profile["team_id"]
            return {"bot": profile | {"user_id": app.bot_user_id}}
    raise SlackError("bot_not_found")


METHODS = {
    "users.info": Method(run=info, scopes=("users:read",)),
    "users.list": Method(run=list_all, scopes=("users:read",)),
    "users.lookupByEmail": Method(run=lookup_by_email, scopes=("users:read.email",)),
    "users.conversations": Method(run=conversations),
    "usergroups.list": Method(run=usergroups, scopes=("usergroups:read",)),
    "team.info": Method(run=team, scopes=("team:read",)),
    "bots.info": Method(run=bot, scopes=("users:read",)),
}
