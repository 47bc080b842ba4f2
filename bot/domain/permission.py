"""Who may do what. Everybody may log, answer and look; these few acts belong to somebody."""

from bot.domain.assumption import Assumption
from bot.domain.ids import UserId
from bot.domain.member import Member
from bot.domain.project import Project


def may_lead(user: UserId, member: Member | None, project: Project | None) -> bool:
    """Whether the person may change the project: its lead, and the workspace's admins.

    `member` is what the directory knows of the same person; None: it never saw them.
    """
    is_admin = member is not None and member.is_admin
    return is_admin or (project is not None and project.lead == user)


def may_decide(
    user: UserId, member: Member | None, assumption: Assumption, project: Project | None
) -> bool:
    """Whether the person may decide what becomes of it: its owner, and who may lead."""
    return assumption.owner == user or may_lead(user, member, project)


def may_reassign(
    user: UserId,
    member: Member | None,
    assumption: Assumption,
    project: Project | None,
    *,
    owner_has_left: bool,
) -> bool:
    """Whether the person may name another owner; once the owner has left, who is asked may too."""
    is_asked = any(one.user == user and not one.is_released for one in assumption.stakeholders)
    return may_decide(user, member, assumption, project) or (owner_has_left and is_asked)
