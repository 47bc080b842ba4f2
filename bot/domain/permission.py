"""Who may see and do what. Each act has one function here, which every surface asks.

What was said in a channel is read by those who may read that channel, and whatever a reader may
not see answers as though it were not there. Beyond that everybody may log, record and trace; the
other acts belong to somebody: the owner, who logged it, the project's lead, the workspace's admins.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, assert_never

from bot.domain.assumption import Assumption
from bot.domain.channel import Channel
from bot.domain.ids import ChannelId, UserId
from bot.domain.member import Member
from bot.domain.project import Project
from bot.domain.service import Service, key_of
from bot.domain.setback import Setback


class Looks(StrEnum):
    """As what somebody looks."""

    OPERATOR = "operator"  # runs the bot: command line, export, the worker itself
    PERSON = "person"
    OUTSIDER = "outsider"  # of another company, in a shared channel
    AUDIENCE = "audience"  # everybody in one channel
    WORKFLOW = "workflow"  # anybody's in the company: Slack does not say whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks, as the verified request says; `Sight` is how far that reaches."""

    looks: Looks
    user: UserId | None = None  # None for the operator and for an audience
    here: ChannelId | None = None  # an audience's channel, or the one where the person is just now
    is_guest: bool = False  # also where Slack has not yet said that they are none

    @classmethod
    def person(cls, user: UserId, *, is_guest: bool = False, here: ChannelId | None = None) -> Self:
        """Make a member of the workspace; `here` comes from a verified payload, never a form.

        Being there proves that they may read it, whatever Slack said before.
        """
        return cls(looks=Looks.PERSON, user=user, here=here, is_guest=is_guest)

    @classmethod
    def outsider(cls, user: UserId) -> Self:
        return cls(looks=Looks.OUTSIDER, user=user)

    @classmethod
    def audience(cls, channel: ChannelId) -> Self:
        return cls(looks=Looks.AUDIENCE, here=channel)


OPERATOR = Reader(looks=Looks.OPERATOR)
WORKFLOW = Reader(looks=Looks.WORKFLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one reader may see of a workspace, as of what Slack said last of its channels."""

    user: UserId | None  # sees what they own, are asked about or recorded
    channels: frozenset[ChannelId] | None  # None: all of them
    is_outsider: bool = False
    is_confined: bool = False  # to their channels: what is the company's own is not for them


ALL = Sight(user=None, channels=None)


def may_read(reader: Reader, channel: Channel, *, audience: Channel | None = None) -> bool:
    """Whether the reader may read what was said in `channel`, as of what Slack said of it.

    Args:
        reader: Who looks.
        channel: With the reader among its members, if they are one.
        audience: What the channel of an audience is; None where nobody knows.
    """
    if reader.here == channel.id and reader.looks is not Looks.OUTSIDER:
        return True
    match reader.looks:
        case Looks.OPERATOR:
            return True
        case Looks.OUTSIDER:
            return False
        case Looks.AUDIENCE:
            # In a shared channel another company reads along.
            is_inside = audience is not None and audience.is_known and not audience.is_shared
            return channel.is_open and is_inside
        case Looks.WORKFLOW:
            return channel.is_open
        case Looks.PERSON:
            is_open_to_them = channel.is_open and not reader.is_guest
            return is_open_to_them or reader.user in channel.members
        case _:
            assert_never(reader.looks)


def sight_of(reader: Reader, channels: Iterable[Channel]) -> Sight:
    """Fold what is known of a workspace's channels into what the reader sees there."""
    if reader.looks is Looks.OPERATOR:
        return ALL
    known = {channel.id: channel for channel in channels}
    here = None if reader.here is None else known.get(reader.here)
    seen = {one.id for one in known.values() if may_read(reader, one, audience=here)}
    if reader.here is not None and reader.looks is not Looks.OUTSIDER:
        seen.add(reader.here)
    is_shared = here is not None and here.is_known and here.is_shared
    return Sight(
        user=reader.user,
        channels=frozenset(seen),
        is_outsider=reader.looks is Looks.OUTSIDER,
        is_confined=reader.is_guest
        or reader.looks is Looks.OUTSIDER
        or (reader.looks is Looks.AUDIENCE and is_shared),
    )


def may_see_channel(sight: Sight, channel: ChannelId) -> bool:
    """Whether what was said there may be shown."""
    return sight.channels is None or channel in sight.channels


def may_see(sight: Sight, assumption: Assumption) -> bool:
    """Whether it may be shown: by its channel, and to its owner and whoever is asked."""
    is_theirs = sight.user is not None and (
        sight.user == assumption.owner or is_asked(sight.user, assumption)
    )
    return is_theirs or may_see_channel(sight, assumption.channel)


def may_see_setback(sight: Sight, setback: Setback) -> bool:
    """Whether it may be shown: by its channel, and to whoever recorded it."""
    is_theirs = sight.user is not None and sight.user == setback.recorded_by
    return (is_theirs and not sight.is_outsider) or may_see_channel(sight, setback.channel)


def may_see_project(sight: Sight, project: Project) -> bool:
    """Whether its name, health and report may be shown: by its home, and to its lead."""
    is_theirs = sight.user is not None and sight.user == project.lead
    return (is_theirs and not sight.is_outsider) or may_see_channel(sight, project.channel)


def may_see_service(sight: Sight, service: Service, *, named: Collection[str]) -> bool:
    """Whether its owner, runbook and docs may be shown.

    They are the company's own: a guest sees those of what they work on, another company none.

    Args:
        sight: Who looks.
        service: What runs; it belongs to no channel.
        named: The services, by `key_of`, that something in sight names.
    """
    if not sight.is_confined:
        return True
    is_theirs = service.owner == sight.user or key_of(service.name) in named
    return is_theirs and sight.user is not None and not sight.is_outsider


def may_record(sight: Sight, channel: ChannelId) -> bool:
    """Whether the person may log or record there: whoever reads it, from inside the company."""
    return not sight.is_outsider and may_see_channel(sight, channel)


def may_log(sight: Sight, project: Project) -> bool:
    """Whether the person may log into the project: who may record in its channel, and its lead."""
    return not sight.is_outsider and may_see_project(sight, project)


def may_trace(sight: Sight, setback: Setback) -> bool:
    """Whether the person may decide what was behind it, or correct it: any of its readers."""
    return not sight.is_outsider and may_see_setback(sight, setback)


def may_join(sight: Sight, assumption: Assumption) -> bool:
    """Whether the person may rely on it too, and have more people asked: any of its readers."""
    return not sight.is_outsider and may_see(sight, assumption)


def may_depend(sight: Sight, assumption: Assumption, on: Assumption) -> bool:
    """Whether the person may say that one gives way with the other: any reader of both."""
    return may_join(sight, assumption) and may_join(sight, on)


def may_reply(
    sight: Sight, assumption: Assumption, *, asked: Collection[UserId | ChannelId]
) -> bool:
    """Whether the person may reply to what was asked of the owner: the owner, and who was asked.

    `asked` are those who got the question as the owner; in a channel any of its readers did.
    """
    if sight.user == assumption.owner or sight.user in asked:
        return True
    return any(may_see_channel(sight, ChannelId(to)) for to in asked)


def is_asked(user: UserId, assumption: Assumption) -> bool:
    """Whether the person is asked about it, so may answer: outsiders and guests too."""
    return any(one.user == user and not one.is_released for one in assumption.stakeholders)


def may_lead(user: UserId, member: Member | None, project: Project | None) -> bool:
    """Whether the person may change the project: its lead, and the workspace's admins.

    `member` is what the directory knows of the same person; None: it never saw them.
    """
    is_admin = member is not None and member.is_admin
    is_lead = project is not None and project.lead == user
    return _is_inside(member) and (is_admin or is_lead)


def _is_inside(member: Member | None) -> bool:
    """Whether the person is of the company: others answer, and decide nothing.

    What else Slack says of those, as that they are admins, is about their own company.
    """
    return member is None or not member.is_stranger


def may_decide(
    user: UserId, member: Member | None, assumption: Assumption, project: Project | None
) -> bool:
    """Whether the person may decide what becomes of it: its owner, and who may lead."""
    return _is_inside(member) and (assumption.owner == user or may_lead(user, member, project))


def may_edit(
    user: UserId, member: Member | None, assumption: Assumption, project: Project | None
) -> bool:
    """Whether the person may reword, retire or live with it: who decides, and who logged it."""
    is_theirs = _is_inside(member) and assumption.logged_by == user
    return is_theirs or may_decide(user, member, assumption, project)


def may_retire(
    user: UserId, member: Member | None, assumption: Assumption, project: Project | None
) -> bool:
    """Whether the person may end it: who may edit it."""
    return may_edit(user, member, assumption, project)


def may_accept_risk(
    user: UserId, member: Member | None, assumption: Assumption, project: Project | None
) -> bool:
    """Whether the person may choose to live with it until a date: who may edit it."""
    return may_edit(user, member, assumption, project)


def may_reassign(
    user: UserId,
    member: Member | None,
    assumption: Assumption,
    project: Project | None,
    *,
    owner_has_left: bool,
) -> bool:
    """Whether the person may name another owner: who may edit it; who is asked, once they left."""
    is_heir = owner_has_left and is_asked(user, assumption) and _is_inside(member)
    return is_heir or may_edit(user, member, assumption, project)


def may_measure(
    user: UserId, member: Member | None, assumption: Assumption, project: Project | None
) -> bool:
    """Whether the person may say what a figure came to: who decides, and who is asked."""
    return is_asked(user, assumption) or may_decide(user, member, assumption, project)


def may_ask_again(
    user: UserId, member: Member | None, assumption: Assumption, project: Project | None
) -> bool:
    """Whether the person may have it asked before its time: who may edit it."""
    return may_edit(user, member, assumption, project)
