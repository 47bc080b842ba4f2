"""What the bot may do in a workspace: the least that its features need, each with its reason."""

from collections import defaultdict
from collections.abc import Mapping

BOT_SCOPES: Mapping[str, str] = {
    "commands": "the slash commands and the shortcuts",
    "chat:write": "post and update cards, questions (to each person directly) and notices",
    "users:read": "time zones, and who is deactivated or a bot, before anybody is asked",
    "channels:read": "which channels are open to all, so that what is said there may be shown",
    "groups:read": "who is in a private channel: nobody else is shown what is said there",
}

# Asked for only with `stilltrue manifest --pictures`: without it both are text.
PICTURE_SCOPES: Mapping[str, str] = {"files:write": "the report's pictures, and lists as files"}

# Not asked for. A token that has them lets the bot look a message up where Slack did not say
# whether it came through, instead of repeating it; by what the conversation's id begins with.
LOOKUP_SCOPES: defaultdict[str, frozenset[str]] = defaultdict(
    lambda: frozenset({"channels:history", "groups:history"}),
    U=frozenset({"im:history", "im:write"}),
    W=frozenset({"im:history", "im:write"}),
    D=frozenset({"im:history"}),
)

# Asked for only with `stilltrue manifest --replies`: without it people answer with buttons.
REPLY_SCOPES: Mapping[str, str] = {
    "im:history": "reads the answers that people type in the thread of a question",
}
REPLY_EVENTS: Mapping[str, str] = {
    "message.im": "somebody typed in the thread of a question",
}

# Asked for only with `stilltrue manifest --mentions`: people ask the bot by its name, or directly.
MENTION_SCOPES: Mapping[str, str] = {
    "app_mentions:read": "reads the messages that name the bot, and no others",
    "im:history": "reads what people write to the bot directly",
}
MENTION_EVENTS: Mapping[str, str] = {
    "app_mention": "somebody named the bot in a channel",
    "message.im": "somebody wrote to the bot directly",
}

# Asked for only with `stilltrue manifest --listen`; each channel is turned on by itself.
LISTEN_SCOPES: Mapping[str, str] = {
    "channels:history": "reads what is written in public channels where listening is on",
    "groups:history": "the same, in private ones",
}
LISTEN_EVENTS: Mapping[str, str] = {
    "message.channels": "somebody wrote in a public channel where the bot is",
    "message.groups": "the same, in a private one",
}

# The home page needs no scope, and neither does hearing that the app was removed.
BOT_EVENTS: Mapping[str, str] = {
    "app_home_opened": "draws the home page",
    "app_uninstalled": "stops everything for that workspace",
    "tokens_revoked": "the same, when only the token is taken back",
    "user_change": "somebody was deactivated or moved to another time zone",
    "member_joined_channel": "somebody reads a private channel from now on",
    "member_left_channel": "somebody reads it no more",
    "channel_left": "the bot was removed from a channel",
    "group_left": "the same, in a private one",
    "channel_rename": "a channel has another name",
    "group_rename": "the same, of a private one",
    "channel_shared": "another company reads a channel from now on",
    "channel_unshared": "it no longer does",
    "channel_id_changed": "a channel has another id, as when an organisation shares it",
    "team_access_granted": "a workspace of an organisation has the bot from now on",
    "team_access_revoked": "it no longer has",
}

# Steps for Workflow Builder need no scope; Slack takes them from one workspace's own app alone.
STEP_EVENTS: Mapping[str, str] = {
    "function_executed": "a workflow came to one of the steps",
}

# What is asked for only where somebody wants it: the scopes and the events of each.
FEATURES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "pictures": (PICTURE_SCOPES, {}),
    "replies": (REPLY_SCOPES, REPLY_EVENTS),
    "mentions": (MENTION_SCOPES, MENTION_EVENTS),
    "listen": (LISTEN_SCOPES, LISTEN_EVENTS),
    "steps": ({}, STEP_EVENTS),
}
