"""People of a workspace, as Slack describes them, and when they work."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.domain.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHours:
    """What a person set of their working time; None is left to their zone and to office hours."""

    starts: time | None = None
    ends: time | None = None  # exclusive, later than `starts`
    weekdays: frozenset[int] | None = None  # Monday is 0; never empty
    country: str | None = None  # ISO 3166, "PT": whose public holidays are theirs; "" for none
    away_until: date | None = None  # the first local date back at work


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person as the directory last saw them."""

    workspace: WorkspaceId
    user: UserId
    name: str  # what Slack shows; never parsed
    zone: ZoneInfo  # UTC where Slack does not say
    locale: str = ""  # "en-US"; empty where Slack does not say
    is_bot: bool = False
    is_deactivated: bool = False
    is_admin: bool = False
    is_guest: bool = False
    is_stranger: bool = False  # from another company
    seen_at: datetime  # when Slack said so, aware UTC
    hours: OwnHours = OwnHours()  # theirs, not Slack's

    @property
    def can_be_asked(self) -> bool:
        """Slack answers ok to a message for a deactivated user, so we must know it ourselves."""
        return not (self.is_bot or self.is_deactivated)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTime:
    """When one person may be asked; local wall-clock times in their zone."""

    zone: ZoneInfo
    starts: time = time(9)
    ends: time = time(17)  # exclusive, later than `starts`
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})  # Monday is 0; never empty
    holidays: frozenset[date] = frozenset()  # local dates without work
    away_until: date | None = None  # the first local date back at work
