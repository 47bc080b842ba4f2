"""Looking setbacks up: one with all that its message shows, the last ones, those it may repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.ids import ProjectKey, UserId, WorkspaceId
from bot.domain.linking import likeness
from bot.domain.permission import Reader, may_see, may_see_service, may_see_setback
from bot.domain.service import key_of
from bot.domain.setback import Setback
from bot.store import assumption as assumptions
from bot.store import member as members
from bot.store import service as services
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.usecases.channel import sight_of
from bot.usecases.contents import SetbackContent
from bot.usecases.setback import get_unmerged, see_setback

PAGE = 8  # a message has 50 blocks
_CHOICES = 100  # of a menu
_LOOKED_AT = 400  # the last ones; what repeats another was recorded soon after it


def read_setback(
    tx: Connection, workspace: WorkspaceId, number: int, *, reader: Reader, now: datetime
) -> SetbackContent:
    """Return all of its message that the reader may see.

    Raises:
        NotFoundError: There is none of that number in this workspace, or it is not theirs to see.
    """
    sight = sight_of(tx, workspace, reader)
    setback = see_setback(tx, workspace, number, sight=sight)
    found = traces.of_setback(tx, workspace, number)
    known = assumptions.get_many(tx, workspace, [trace.assumption for trace in found])
    deciders = {trace.decided_by for trace in found if trace.decided_by}
    mergers = {setback.merged.by} if setback.merged is not None else set()
    people = members.get_many(tx, workspace, [setback.recorded_by, *deciders, *mergers])
    named = frozenset(map(key_of, setback.services))
    return SetbackContent(
        setback=setback,
        traces=tuple(
            (trace, known[trace.assumption])
            for trace in found
            if trace.assumption in known and may_see(sight, known[trace.assumption])
        ),
        now=now,
        services=tuple(
            one
            for one in services.named(tx, workspace, setback.services)
            if may_see_service(sight, one, named=named)
        ),
        parts=tuple(
            one
            for one in setbacks.merged_into(tx, workspace, number)
            if may_see_setback(sight, one)
        ),
        names={user: member.name for user, member in people.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    setbacks: tuple[Setback, ...]  # the newest first
    next_before: int | None  # where the next page begins; None on the last one


def list_setbacks(
    tx: Connection,
    workspace: WorkspaceId,
    *,
    reader: Reader,
    project: ProjectKey | None,
    is_open: bool = False,
    before: int | None = None,
) -> Listed:
    """Return a page of what was recorded in sight, the newest first; `project` None takes all."""
    found = setbacks.latest(
        tx,
        workspace,
        limit=PAGE + 1,
        sight=sight_of(tx, workspace, reader),
        project=project,
        is_open=is_open,
        before=before,
    )
    shown = found[:PAGE]
    return Listed(
        setbacks=tuple(shown), next_before=shown[-1].number if len(found) > PAGE else None
    )


def merge_choices(
    tx: Connection, workspace: WorkspaceId, number: int, *, by: UserId, reader: Reader
) -> Sequence[Setback]:
    """Return what the setback may repeat, the likeliest first: by its words, then by its start.

    Raises:
        NotFoundError: There is none of that number in this workspace, or it is not theirs to see.
        UserFixableError: It was merged into another one.
    """
    setback = get_unmerged(tx, workspace, number, by=by, reader=reader)
    sight = sight_of(tx, workspace, reader)
    others = [
        one
        for one in setbacks.latest(tx, workspace, limit=_LOOKED_AT, sight=sight)
        if one.number != setback.number
    ]
    others.sort(
        key=lambda one: (
            -round(likeness(one.text, setback.text), 1),
            abs(one.started_at - setback.started_at),
            -one.number,
        )
    )
    return others[:_CHOICES]
