"""A project: what assumptions belong to."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    workspace: WorkspaceId
    key: ProjectKey
    name: str  # 1–80 characters
    channel: ChannelId  # its home: cards are posted there
    lead: UserId
    created_at: datetime
    cycle_start: date  # the first day of its first cycle, a Monday by default
