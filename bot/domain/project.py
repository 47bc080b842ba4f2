"""A project: what assumptions belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

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
    cadence: Mapping[str, Any] = field(default_factory=dict)  # what differs, as `Cadence` reads it
