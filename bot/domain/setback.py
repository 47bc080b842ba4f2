"""A setback: something that went wrong."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId

TEXT_MAX = 10_000  # characters
MINUTES_MAX = 10_000_000
DAYS_MAX = 10_000
MONEY_MAX = 10**15  # of any currency


class SetbackKind(StrEnum):
    INCIDENT = "incident"
    DELAY = "delay"
    BUG = "bug"
    SCOPE_CHANGE = "scope change"


class Severity(StrEnum):
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    amount: Decimal  # not negative
    currency: str  # ISO 4217, "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What it cost, each figure in its own unit; None where nobody said."""

    minutes_down: int | None = None
    working_days_slipped: Decimal | None = None
    money: Money | None = None


WORKFLOW = "workflow"  # the source of what a workflow recorded in somebody's name


@dataclass(frozen=True, slots=True, kw_only=True)
class SetbackDraft:
    kind: SetbackKind
    text: str  # as typed, 1–10,000 characters
    started_at: datetime  # aware UTC
    ended_at: datetime | None = None
    cost: Cost = Cost()
    severity: Severity | None = None
    services: tuple[str, ...] = ()
    project: ProjectKey | None = None
    channel: ChannelId  # where it is shown
    permalink: str | None = None
    source: str = "slack"  # "slack", WORKFLOW, or the tool that told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A setback turned out to be another one that was recorded already."""

    into: int  # the number of the one that is kept
    by: UserId
    at: datetime  # aware UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Setback:
    workspace: WorkspaceId
    number: int  # from 1, per workspace
    kind: SetbackKind
    text: str
    started_at: datetime
    ended_at: datetime | None
    cost: Cost
    severity: Severity | None
    services: tuple[str, ...]
    project: ProjectKey | None
    channel: ChannelId
    permalink: str | None
    source: str
    recorded_by: UserId
    recorded_at: datetime
    first_started_at: datetime | None = None  # what was recorded first, once the start is corrected
    merged: Merge | None = None  # it counts nowhere any more: the kept one does
    version: int = 1

    @property
    def is_by_workflow(self) -> bool:
        """Whether a workflow recorded it in the name of `recorded_by`."""
        return self.source == WORKFLOW


def completed(kept: Setback, duplicate: Setback) -> Setback:
    """Return the kept one with what only the duplicate knew; what both say stays the kept one's."""
    mine, theirs = kept.cost, duplicate.cost
    days = mine.working_days_slipped
    filled = replace(
        kept,
        severity=kept.severity or duplicate.severity,
        services=tuple(dict.fromkeys((*kept.services, *duplicate.services))),
        project=kept.project or duplicate.project,
        permalink=kept.permalink or duplicate.permalink,
    )
    ended_at = duplicate.ended_at
    if kept.ended_at is None and ended_at is not None and ended_at >= kept.started_at:
        filled = with_end(filled, ended_at)
        mine = filled.cost
    return replace(
        filled,
        cost=Cost(
            minutes_down=theirs.minutes_down if mine.minutes_down is None else mine.minutes_down,
            working_days_slipped=theirs.working_days_slipped if days is None else days,
            money=mine.money or theirs.money,
        ),
    )


S = TypeVar("S", SetbackDraft, Setback)


def with_end(setback: S, ended_at: datetime | None) -> S:
    """Close it, or open it again where `ended_at` is None; an incident's minutes down follow."""
    cost = setback.cost
    if setback.kind is SetbackKind.INCIDENT:
        minutes = None if ended_at is None else minutes_between(setback.started_at, ended_at)
        cost = replace(cost, minutes_down=minutes)
    return replace(setback, ended_at=ended_at, cost=cost)


def timed(draft: SetbackDraft) -> SetbackDraft:
    """Let an incident that has ended count its minutes, where nobody gave another figure."""
    if draft.ended_at is None or draft.cost.minutes_down is not None:
        return draft
    return with_end(draft, draft.ended_at)


def minutes_between(started_at: datetime, ended_at: datetime) -> int:
    return round((ended_at - started_at) / _MINUTE)


_MINUTE = timedelta(minutes=1)
