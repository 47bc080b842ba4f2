"""Which messages show what was said in one channel, wherever they are, and others' matter in it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, or_, select

from bot.domain.assumption import Status
from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.outbox import MessageKind
from bot.store import outbox as messages
from bot.store.tables import assumption, outbox, setback, trace

_COUNTED = (MessageKind.CARD, MessageKind.SETBACK)
_REPORTS = (MessageKind.DIGEST, MessageKind.RETROSPECTIVE)


def retell(tx: Connection, workspace: WorkspaceId, channel: ChannelId, *, now: datetime) -> int:
    """Draw anew, in place, what shows the channel's matter or is shown there; return how many.

    Who reads the channel has changed: what its messages name of other channels, and what the
    messages of other channels name of it, is chosen by who reads each of them now.
    """
    is_here = outbox.c.recipient == channel
    traced_here = _traces(workspace, trace.c.assumption, setback.c.channel == channel)
    shown = or_(
        and_(
            outbox.c.kind == MessageKind.SETBACK,
            or_(is_here, outbox.c.about.in_(_setbacks_of(workspace, channel))),
        ),
        and_(outbox.c.kind == MessageKind.CARD, outbox.c.about.in_(traced_here)),
        and_(
            outbox.c.kind == MessageKind.CARD,
            is_here,
            outbox.c.about.in_(_traces(workspace, trace.c.assumption)),
        ),
        and_(
            outbox.c.kind == MessageKind.SHAKEN,
            or_(is_here, outbox.c.about.in_(_assumptions_of(workspace, channel))),
        ),
        and_(outbox.c.kind.in_(_REPORTS), is_here),
    )
    return messages.refresh_where(tx, workspace, and_(outbox.c.ts.is_not(None), shown), now=now)


def posted_in(tx: Connection, workspace: WorkspaceId, channel: ChannelId) -> tuple[int, int]:
    """Count the cards and the setbacks that Slack shows in the channel."""
    found = (
        select(outbox.c.kind, func.count())
        .where(
            outbox.c.workspace == workspace,
            outbox.c.recipient == channel,
            outbox.c.kind.in_(_COUNTED),
            outbox.c.ts.is_not(None),
        )
        .group_by(outbox.c.kind)
    )
    counts = {row[0]: int(row[1]) for row in tx.execute(found)}
    return counts.get(MessageKind.CARD, 0), counts.get(MessageKind.SETBACK, 0)


def owners_in(tx: Connection, workspace: WorkspaceId, project: ProjectKey) -> list[UserId]:
    """Return who owns something open of the project."""
    here = (assumption.c.workspace == workspace, assumption.c.project == project)
    found = select(assumption.c.owner).where(*here, assumption.c.status != Status.RETIRED)
    return [UserId(user) for user in tx.execute(found.distinct().order_by("owner")).scalars()]


def _setbacks_of(workspace: WorkspaceId, channel: ChannelId) -> ColumnElement[str]:
    """The numbers, as text, of setbacks with a trace to an assumption that was said there."""
    return _traces(
        workspace,
        cast(trace.c.setback, Text),
        trace.c.assumption.in_(_assumptions_of(workspace, channel)),
    )


def _assumptions_of(workspace: WorkspaceId, channel: ChannelId) -> ColumnElement[str]:
    here = select(assumption.c.assumption)
    return here.where(
        assumption.c.workspace == workspace, assumption.c.channel == channel
    ).scalar_subquery()


def _traces(
    workspace: WorkspaceId, column: ColumnElement[str], *conditions: ColumnElement[bool]
) -> ColumnElement[str]:
    joined = trace.join(
        setback,
        and_(setback.c.workspace == trace.c.workspace, setback.c.number == trace.c.setback),
    )
    found = select(column).select_from(joined)
    return found.where(trace.c.workspace == workspace, *conditions).scalar_subquery()
