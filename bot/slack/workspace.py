"""What Slack tells about the workspace itself: people who changed, and the bot being removed."""

import structlog

from bot.domain.ids import UserId
from bot.slack.dispatch import Routes
from bot.slack.interaction import Happened
from bot.slack.tools import Reply, Tools

log = structlog.get_logger()


async def person_changed(tools: Tools, happened: Happened) -> Reply:
    """Forget what is cached of a person: they may have left, or moved to another zone."""
    await tools.directory.forget(happened.workspace, UserId(happened.user))
    return None


async def uninstalled(tools: Tools, happened: Happened) -> Reply:
    """Stop calling Slack for that workspace; news from before the last start is old news."""
    installation = tools.installations.get(happened.workspace)
    if installation is None or happened.at < installation.workspace.installed_at.timestamp():
        return None
    if happened.type == "tokens_revoked" and not (happened.event.get("tokens") or {}).get("bot"):
        return None  # a person's own token; the bot's is still there
    tools.installations.remove(happened.workspace)
    log.warning("workspace.uninstalled", reason=happened.type)
    return None


ROUTES = Routes(
    events={
        "user_change": person_changed,
        "app_uninstalled": uninstalled,
        "tokens_revoked": uninstalled,
    }
)
