"""A channel of Slack: whose members read what is said there."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as Slack last described it."""

    workspace: WorkspaceId
    id: ChannelId
    name: str = ""  # without "#"
    is_private: bool = True  # also a direct message
    is_shared: bool = False  # with another company
    is_archived: bool = False
    members: frozenset[UserId] = frozenset()  # of a private one; where it is hidden, who was met
    seen_at: datetime | None = None  # aware UTC; None: hidden, Slack has not said what it is

    @property
    def is_known(self) -> bool:
        return self.seen_at is not None

    @property
    def is_open(self) -> bool:
        """Whether everybody in the workspace may read it; what is not known counts as private."""
        return self.is_known and not self.is_private
