"""Text that is kept while a form is open, since a form's hidden field is too small for it."""

import secrets
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.store import draft as drafts


def keep_draft(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    by: UserId,
    text: str,
    channel: ChannelId,
    now: datetime,
) -> str:
    """Keep `text` for a day; return the id that the form carries."""
    draft_id = secrets.token_urlsafe(12)
    drafts.put(tx, workspace, draft_id, by=by, text=text, channel=channel, now=now)
    return draft_id


def take_draft(tx: Connection, workspace: WorkspaceId, draft_id: str, *, by: UserId) -> str | None:
    """Return the text and forget it; None for another person's, or one that was taken."""
    return drafts.take(tx, workspace, draft_id, by=by)
