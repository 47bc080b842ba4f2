"""People, as the directory last saw them."""

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.prompt import QUESTIONS
from bot.store import member as members
from bot.store import prompt
from bot.usecases import working_time
from bot.usecases.follow import refresh_homes

log = structlog.get_logger()


def remember(tx: Connection, member: Member) -> Member:
    """Keep what Slack says of a person; return it with the hours that they set themselves.

    Where they moved to another zone, what will be asked of them moves too. Where they left, what
    was planned for them is due at once, so that somebody else is asked in good time. Where they
    became a guest, or are none any more, their Home is drawn anew.
    """
    workspace, user, now = member.workspace, member.user, member.seen_at
    before = members.get(tx, workspace, user)
    members.put(tx, member)
    after = replace(member, hours=working_time.hours_of(tx, workspace, user))
    if before is None:
        return after
    if (before.is_guest, before.is_stranger) != (after.is_guest, after.is_stranger):
        refresh_homes(tx, workspace, [user], now=now)  # it shows what they may see
    if before.can_be_asked and not after.can_be_asked:
        _ask_early(tx, after)
    elif before.zone != after.zone:
        working_time.move_prompts(
            tx,
            workspace,
            user,
            before=working_time.working_time_of(before, around=now.date()),
            after=working_time.working_time_of(after, around=now.date()),
            now=now,
        )
    return after


def _ask_early(tx: Connection, gone: Member) -> None:
    for one in prompt.planned_for(tx, gone.workspace, gone.user):
        if one.key.kind in QUESTIONS and one.due_at > gone.seen_at:
            prompt.move(tx, one, due_at=gone.seen_at)
    log.info("member.gone", user=gone.user)


def recall(tx: Connection, workspace: WorkspaceId, user: UserId) -> Member | None:
    return members.get(tx, workspace, user)


def recall_many(
    tx: Connection, workspace: WorkspaceId, users: Iterable[UserId]
) -> dict[UserId, Member]:
    return members.get_many(tx, workspace, users)


def everybody(tx: Connection, workspace: WorkspaceId) -> list[Member]:
    """Return everybody whom the directory ever saw."""
    return members.all_of(tx, workspace)


def zone_of(tx: Connection, workspace: WorkspaceId, user: UserId) -> ZoneInfo:
    """Return the person's zone; UTC for someone whom the directory never saw."""
    found = members.get(tx, workspace, user)
    return found.zone if found else ZoneInfo("UTC")
