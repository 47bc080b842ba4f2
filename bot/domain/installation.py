"""Where the bot is installed, and as whom it may act there."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    workspace: Workspace
    bot_token: str = field(repr=False)
    scopes: frozenset[str] = frozenset()  # what Slack says the token may do; empty: not said
    app_id: str = ""
    installed_by: UserId | None = None
    is_org: bool = False  # a whole organisation, whose id is the workspace's


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationState:
    """What is known of one workspace's installation; the newest word counts, in whatever order."""

    workspace: WorkspaceId
    is_installed: bool
    installed_at: datetime | None  # aware UTC; None: only its removal was heard of
    removed_at: datetime | None  # the newest removal; before `installed_at` where that came later
    removed_for: str  # "app_uninstalled", or Slack's error code
    scopes: frozenset[str] = frozenset()
    is_org: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableToken:
    """A stored token that cannot be opened: nothing is done in its workspace until it is mended."""

    workspace: WorkspaceId
    cause: str
    needs_key: bool  # the key that sealed it is not there; else it was changed in the database

    @property
    def fix(self) -> str:
        if self.needs_key:
            return "Put that key back, or install the app there again."
        return "Install the app there again."
