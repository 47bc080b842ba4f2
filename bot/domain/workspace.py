"""A workspace: a Slack team that installed the bot; the tenant, to which every row belongs."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    id: WorkspaceId
    name: str
    bot_user: UserId  # whom people mention to reach the bot
    bot_id: str  # what Slack calls the author of the bot's own messages
    installed_at: datetime  # aware UTC
