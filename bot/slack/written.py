"""Messages as events tell of them: who wrote what, and which of them are for nobody."""

from dataclasses import replace

from bot.domain.ids import ChannelId
from bot.slack.interaction import Happened
from bot.slack.tools import Tools

_SLACKBOT = "USLACKBOT"  # speaks for people, as in what they let it remind a channel of
_BY_PEOPLE = frozenset({None, "", "thread_broadcast", "file_share"})  # the kinds people write


def is_of_a_person(tools: Tools, happened: Happened) -> bool:
    """Whether somebody wrote it just now: no edit, no notice of Slack's, no bot, nor ourselves."""
    event = happened.event
    installation = tools.installations.get(happened.workspace)
    bots = {_SLACKBOT, installation.workspace.bot_user if installation is not None else ""}
    is_new = event.get("subtype") in _BY_PEOPLE and not event.get("hidden")
    return bool(is_new and not event.get("bot_id") and happened.user and happened.user not in bots)


def is_of_a_member(tools: Tools, happened: Happened) -> bool:
    """Whether a person of this company wrote it."""
    return is_of_a_person(tools, happened) and not is_from_elsewhere(happened)


def is_from_elsewhere(happened: Happened) -> bool:
    """Whether somebody of another company wrote it, in a shared channel.

    An org installs as an enterprise, whose teams the event does not tell from others.
    """
    teams = (happened.event.get(name) for name in ("user_team", "source_team", "team"))
    is_team = happened.workspace.startswith("T")
    return is_team and any(isinstance(t, str) and t and t != happened.workspace for t in teams)


def placed(happened: Happened) -> Happened:
    """The same, in the channel where it was written: being there proves that they read it."""
    channel = ChannelId(str(happened.event.get("channel") or ""))
    return replace(happened, channel=channel, is_outsider=is_from_elsewhere(happened))
