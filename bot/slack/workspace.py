"""What Slack tells about the workspace itself: people who changed, and the bot being removed."""

from bot.domain.ids import UserId
from bot.slack.dispatch import Routes
from bot.slack.installation import moment_of
from bot.slack.interaction import Happened
from bot.slack.tools import Reply, Tools


async def person_changed(tools: Tools, happened: Happened) -> Reply:
    """Forget what is cached of a person: they may have left, or moved to another zone."""
    await tools.directory.forget(happened.workspace, UserId(happened.user))
    return None


async def uninstalled(tools: Tools, happened: Happened) -> Reply:
    """Forget the token and stop calling Slack for that workspace, in every process.

    News from before the last install is old news, unless Slack's clock and ours differ; so Slack
    is asked whether the token works.
    """
    if happened.type == "tokens_revoked" and not (happened.event.get("tokens") or {}).get("bot"):
        return None  # a person's own token; the bot's is still there
    at = moment_of(happened.at)
    is_newer = await tools.installations.note_removal(
        happened.workspace, at=at, reason=happened.type
    )
    installation = tools.installations.get(happened.workspace)
    if is_newer and installation is not None:
        tools.after_ack(happened, tools.api.check(installation))
    return None


ROUTES = Routes(
    events={
        "user_change": person_changed,
        "app_uninstalled": uninstalled,
        "tokens_revoked": uninstalled,
    }
)
