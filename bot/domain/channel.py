"""A channel of Slack: whose members read what is said there."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as Slack last described it; one that it never described counts as private."""

    workspace: WorkspaceId
    id: ChannelId
    name: str  # without "#", as Slack shows it; empty for a direct message
    is_private: bool  # also a direct message
    is_shared: bool  # with another company: its members are not all from the workspace
    is_archived: bool = False
    members: frozenset[UserId] = frozenset()  # only a private channel's are kept
    seen_at: datetime  # when Slack said so, aware UTC
