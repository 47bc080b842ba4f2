"""Text that is kept while a form is open, since a form's hidden field is too small for it."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.assumption import Assumption, AssumptionDraft
from bot.domain.cadence import Cadence
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.permission import Reader
from bot.domain.project import Project
from bot.store import draft as drafts
from bot.usecases.assumption import join_assumption, log_assumption
from bot.usecases.project import create_project


class DraftGoneError(UserFixableError):
    """The text was used already, or is not this person's."""

    def __init__(self) -> None:
        super().__init__("This form is no longer open. Type the command once more.")


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


def read_draft(tx: Connection, workspace: WorkspaceId, draft_id: str, *, by: UserId) -> str:
    """Return the text, which stays.

    Raises:
        DraftGoneError: It was taken, or is another person's.
    """
    text = drafts.get(tx, workspace, draft_id, by=by)
    if text is None:
        raise DraftGoneError
    return text


def take_draft(tx: Connection, workspace: WorkspaceId, draft_id: str, *, by: UserId) -> str:
    """Return the text and forget it.

    Raises:
        DraftGoneError: It was taken, or is another person's.
    """
    text = drafts.take(tx, workspace, draft_id, by=by)
    if text is None:
        raise DraftGoneError
    return text


def log_kept(
    tx: Connection,
    draft_id: str,
    draft: AssumptionDraft,
    *,
    project: Project,
    by: UserId,
    asked: Sequence[Member],
    reader: Reader,
    now: datetime,
    cadence: Cadence,
) -> AssumptionKey | None:
    """Log what was kept under `draft_id`, read by now, and forget the text: both or neither.

    Raises:
        DraftGoneError, UserFixableError, NotFoundError: As those two.
    """
    take_draft(tx, project.workspace, draft_id, by=by)
    return log_assumption(
        tx,
        draft,
        project=project,
        by=by,
        asked=asked,
        now=now,
        cadence=cadence,
        reader=reader,
    )


def join_instead(
    tx: Connection,
    workspace: WorkspaceId,
    draft_id: str,
    key: AssumptionKey,
    *,
    by: UserId,
    asked: Sequence[Member],
    now: datetime,
    cadence: Cadence,
) -> Assumption:
    """Rely on `key` instead of logging what was kept, and forget the text: both or neither.

    Raises:
        DraftGoneError, NotFoundError, AssumptionRetiredError: As those two.
    """
    take_draft(tx, workspace, draft_id, by=by)
    return join_assumption(tx, workspace, key, by=by, asked=asked, now=now, cadence=cadence)


def start_project(
    tx: Connection,
    *,
    workspace: WorkspaceId,
    key: ProjectKey,
    name: str,
    channel: ChannelId,
    lead: UserId,
    by: UserId,
    draft_id: str,
    reader: Reader,
    now: datetime,
) -> tuple[Project, str]:
    """Start a project, and take the text that waited for it; it is empty where none is left.

    Raises:
        UserFixableError, ProjectExistsError: As `create_project`; the text stays.
    """
    project = create_project(
        tx,
        workspace=workspace,
        key=key,
        name=name,
        channel=channel,
        lead=lead,
        now=now,
        reader=reader,
    )
    return project, drafts.take(tx, workspace, draft_id, by=by) or ""
