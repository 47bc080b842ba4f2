"""Who answers for an assumption, also once its owner has left."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.errors import UserFixableError
from bot.domain.history import Edited
from bot.domain.ids import AssumptionKey, ChannelId, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.permission import Reader, may_reassign, may_see
from bot.domain.project import Project
from bot.store import assumption as assumptions
from bot.store import history
from bot.store import member as members
from bot.store import project as projects
from bot.store import service as services
from bot.usecases.assumption import get_assumption, refresh_messages, sees
from bot.usecases.channel import reader_for, sight_of
from bot.usecases.follow import refresh_homes

log = structlog.get_logger()

People = Mapping[tuple[WorkspaceId, UserId], Member | None]  # as Slack describes them just now
NOBODY: People = MappingProxyType({})


def successors(tx: Connection, assumption: Assumption, project: Project | None) -> list[UserId]:
    """Return who answers for it, in order: its owner, its services' owners, the project's lead."""
    known = services.named(tx, assumption.workspace, assumption.services)
    of_services = [UserId(one.owner) for one in known if one.owner]
    there = members.get_many(tx, assumption.workspace, of_services)
    lead = [project.lead] if project is not None else []
    return list(dict.fromkeys([assumption.owner, *(u for u in of_services if u in there), *lead]))


def answers_for(
    tx: Connection, assumption: Assumption, project: Project | None, *, people: People = NOBODY
) -> UserId | ChannelId:
    """Return who hears what its owner should: the first who is there, else the channel.

    Whoever stands in for the owner may see it, too.

    Source: design.md, "Asking": the service's owner, else the project lead, else the channel.
    """
    for user in successors(tx, assumption, project):
        if can_hear(tx, assumption, user, people=people):
            return user
    return project.channel if project is not None else assumption.channel


def is_there(
    tx: Connection, workspace: WorkspaceId, user: UserId, *, people: People = NOBODY
) -> bool:
    """Whether the person can hear us; somebody whom the directory never saw may."""
    if (workspace, user) in people:
        known = people[workspace, user]
        return known is not None and known.can_be_asked
    remembered = members.get(tx, workspace, user)
    return remembered is None or remembered.can_be_asked


def can_hear(
    tx: Connection, assumption: Assumption, user: UserId, *, people: People = NOBODY
) -> bool:
    """Whether the person is there and may see it: who left its channel may not."""
    workspace = assumption.workspace
    return is_there(tx, workspace, user, people=people) and (
        user == assumption.owner or sees(tx, reader_for(tx, workspace, user), assumption)
    )


def owner_or_successor(tx: Connection, assumption: Assumption) -> UserId | ChannelId:
    """Return who hears it now, by what the directory last saw."""
    project = projects.get(tx, assumption.workspace, assumption.key.project)
    return answers_for(tx, assumption, project)


def orphans(tx: Connection, workspace: WorkspaceId, *, reader: Reader) -> list[Assumption]:
    """Return the open assumptions in sight whose owner has left, by key."""
    sight = sight_of(tx, workspace, reader)
    return [one for one in assumptions.orphans(tx, workspace) if may_see(sight, one)]


class MayNotReassignError(UserFixableError):
    """Somebody else decides who answers for it."""

    def __init__(self, key: AssumptionKey) -> None:
        super().__init__(
            f"Only the owner of {key}, who logged it, its project's lead or a workspace admin can "
            "name another owner. Ask one of them."
        )


def reassign_owner(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    *,
    to: Member,
    by: UserId,
    now: datetime,
    reader: Reader | None = None,
) -> Assumption:
    """Let `to` answer for it from now on; `reader` is `by`, as the request shows them.

    Raises:
        NotFoundError: There is none of that key here that `by` sees.
        MayNotReassignError: `by` has no say in it.
        UserFixableError: `to` cannot own it.
    """
    before = get_assumption(tx, workspace, key, reader=reader or reader_for(tx, workspace, by))
    project = projects.get(tx, workspace, key.project)
    actor = members.get(tx, workspace, by)
    has_left = not is_there(tx, workspace, before.owner)
    if not may_reassign(by, actor, before, project, owner_has_left=has_left):
        raise MayNotReassignError(key)
    if not to.can_be_asked:
        raise UserFixableError(f"{to.name} cannot own it: this account is a bot or deactivated.")
    if to.user == before.owner:
        return before
    changed = Edited(changes=(("owner", before.owner, to.user),))
    history.append(tx, workspace, key, changed, by=by, at=now)
    after = assumptions.update(tx, replace(before, owner=to.user))
    refresh_messages(tx, after, now=now, by=by)
    refresh_homes(tx, workspace, [before.owner], now=now)
    log.info("owner.reassigned", assumption=str(key), to=to.user)
    return after


def has_left(tx: Connection, assumption: Assumption) -> bool:
    return not is_there(tx, assumption.workspace, assumption.owner)
