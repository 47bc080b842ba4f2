"""People, rooms, messages and views in the words of Slack's JSON."""

import mimetypes
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.model import SLACKBOT, Json, Message, Room, StoredFile, View
from bot.sandbox.seed import App, Person
from bot.sandbox.world import World

SECONDS_PER_HOUR = 3600


def tz_offset(zone: str, now: datetime) -> int:
    offset = now.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def tz_label(zone: str, now: datetime) -> str:
    """Slack says `Central European Time`; the zone's city and offset say the same."""
    seconds = tz_offset(zone, now)
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), SECONDS_PER_HOUR)
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{city} (UTC{sign}{hours:02d}:{rest // 60:02d})"


def person(world: World, who: Person, app: App, *, with_email: bool = True) -> Json:
    """As `app`'s token shows them: of somebody from another workspace, less.

    Slack says that an external member's profile has no locale and a stranger's perhaps no zone;
    here neither has either, nor an address, so that nothing is built on them.
    """
    now = world.clock.now()
    is_own = world.is_of(who, app.team_id)
    team_id = who.team_id or app.team_id
    profile: Json = {
        "avatar_hash": "",
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": who.real_name,
        "real_name_normalized": who.real_name,
        "display_name": who.name,
        "display_name_normalized": who.name,
        "first_name": who.real_name.partition(" ")[0],
        "last_name": who.real_name.partition(" ")[2],
        "team": team_id,
    }
    for size in (24, 32, 48, 72, 192, 512):
        profile[f"image_{size}"] = f"{world.base_url}/avatar/{who.id}"
    if with_email and not who.is_bot and who.id != SLACKBOT and is_own:
        profile["email"] = email(world, who)
    own = world.app_of_bot(who.id)
    if own is not None:
        profile |= {"api_app_id": own.app_id, "bot_id": own.bot_id, "always_active": True}
    wire: Json = {
        "id": who.id,
        "team_id": team_id,
        "name": who.name,
        "deleted": who.deleted,
        "profile": profile,
        "is_bot": who.is_bot,
        "is_app_user": False,
        "updated": int(now.timestamp()),
    }
    if who.deleted:
        return wire  # Slack leaves the zone and the roles of a deactivated person out
    wire |= {
        "color": who.avatar.lstrip("#"),
        "real_name": who.real_name,
        "is_admin": who.is_admin and is_own,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": who.is_restricted,
        "is_ultra_restricted": False,
        "is_email_confirmed": not who.is_bot,
        "has_2fa": False,
        "who_can_share_contact_card": "EVERYONE",
    }
    if not is_own:
        known = not who.is_stranger and world.share_channel(who.id, app.bot_user_id)
        return wire | {"is_stranger": not known}
    return wire | {
        "tz": who.tz,
        "tz_label": tz_label(who.tz, now),
        "tz_offset": tz_offset(who.tz, now),
        "locale": who.locale,
    }


def email(world: World, who: Person) -> str:
    return f"{who.name}@{world.team_of(who.id).domain}.example.com"


def room(world: World, it: Room, viewer: str) -> Json:
    """As `viewer`, an app's bot, is shown it."""
    team_id = world.team_of(viewer).id
    if it.kind == "im":
        other = it.other(viewer) or viewer
        return {
            "id": it.id,
            "created": it.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": team_id,
            "user": other,
            "is_user_deleted": world.people[other].deleted,
            "is_open": True,
            "priority": 0,
        }
    creator = it.members[0] if it.members else SLACKBOT
    wire: Json = {
        "id": it.id,
        "name": it.name,
        "name_normalized": it.name,
        "is_channel": it.kind == "channel",
        "is_group": it.kind == "private",
        "is_im": False,
        "is_mpim": False,
        "is_private": it.kind == "private",
        "created": it.created,
        "creator": creator,
        "is_archived": it.is_archived,
        "is_general": it.name == "general",
        "unlinked": 0,
        "is_shared": it.is_shared,
        "is_ext_shared": it.is_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "parent_conversation": None,
        "previous_names": [],
        "context_team_id": team_id,
        "shared_team_ids": list(it.teams),
        "pending_connected_team_ids": [],
        "is_member": viewer in it.members,
        "num_members": len(it.members),
        "topic": {"value": it.topic, "creator": creator, "last_set": it.created},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }
    if it.is_shared:
        wire |= {
            "conversation_host_id": it.teams[0],
            "connected_team_ids": [other for other in it.teams if other != team_id],
            "internal_team_ids": [team_id],
        }
    return wire


def bot_profile(world: World, app: App) -> Json:
    picture = f"{world.base_url}/avatar/{app.bot_user_id}"
    return {
        "id": app.bot_id,
        "app_id": app.app_id,
        "name": app.name,
        "icons": {"image_36": picture, "image_48": picture, "image_72": picture},
        "deleted": not app.installed,
        "updated": int(world.clock.now().timestamp()),
        "team_id": app.team_id,
    }


def message(world: World, it: Message, *, with_metadata: bool = True) -> Json:
    wire: Json = {"type": "message", "user": it.user, "text": it.text, "ts": it.ts}
    team_id = world.team_of(it.user).id
    wire["team"] = team_id
    if world.rooms[it.channel].is_shared:
        wire |= {"user_team": team_id, "source_team": team_id}
    optional: Json = {
        "client_msg_id": it.client_msg_id,
        "subtype": it.subtype,
        "username": it.username,
        "blocks": it.blocks,
        "attachments": it.attachments,
        "files": it.files,
        "edited": it.edited,
        "metadata": it.metadata if with_metadata else None,
    }
    wire |= {key: value for key, value in optional.items() if value}
    app = world.app_of_bot(it.user) if it.app_id else None
    if app is not None:
        wire |= {
            "bot_id": app.bot_id,
            "app_id": app.app_id,
            "bot_profile": bot_profile(world, app),
        }
    if it.reactions:
        wire["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in it.reactions.items()
        ]
    return wire | _thread(world, it)


def _thread(world: World, it: Message) -> Json:
    if it.is_reply and it.thread_ts:
        parent = world.find(it.channel, it.thread_ts)
        return {"thread_ts": it.thread_ts, "parent_user_id": parent.user if parent else SLACKBOT}
    replies = world.replies(world.rooms[it.channel], it.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": it.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def view(it: View) -> Json:
    return it.wire | {"state": {"values": it.state}}


def permalink(world: World, channel: str, ts: str, thread_ts: str | None = None) -> str:
    link = f"{world.base_url}/archives/{channel}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread_ts}&cid={channel}" if thread_ts else link


def channel_type(it: Room) -> str:
    return {"channel": "channel", "private": "group", "im": "im"}[it.kind]


def file(world: World, it: StoredFile) -> Json:
    suffix = it.name.rpartition(".")[2].lower()
    kind = mimetypes.guess_type(it.name)[0] or "application/octet-stream"
    url = f"{world.base_url}/_sandbox/files/{it.id}"
    return {
        "id": it.id,
        "created": it.created,
        "timestamp": it.created,
        "name": it.name,
        "title": it.title or it.name,
        "mimetype": kind,
        "filetype": suffix,
        "pretty_type": suffix.upper(),
        "user": it.user,
        "size": len(it.content),
        "mode": "hosted",
        "is_external": False,
        "is_public": True,
        "alt_txt": it.alt_text,
        "url_private": url,
        "url_private_download": url,
        "permalink": url,
        "channels": list(it.channels),
    }
