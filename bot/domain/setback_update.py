"""What a tool says about something that went wrong, and how it changes what is known of it.

Tools resend, and out of order. So an update says when it was so (`at`), and merging goes by that
and not by arrival: in whichever order the updates of one setback come, and however often, they end
in the same setback, as far as they say when it began and ended.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.setback import Setback, SetbackDraft, SetbackKind, Severity, with_end


@dataclass(frozen=True, slots=True, kw_only=True)
class SetbackUpdate:
    """One thing, as one tool sees it at one moment."""

    delivery: str  # the same for each copy of this update, and for nothing else of its endpoint
    external_id: str  # what the tool calls the thing; unique per endpoint
    at: datetime  # when it was so, aware UTC
    kind: SetbackKind
    text: str  # 1–10,000 characters
    started_at: datetime | None = None  # None: not said, it had begun by `at`
    is_over: bool | None = None  # None: this update does not tell
    ended_at: datetime | None = None  # None: not said; it had ended by `at` where `is_over`
    severity: Severity | None = None
    services: tuple[str, ...] = ()
    permalink: str | None = None
    is_group: bool = False  # of things that begin and end one by one, told of together
    is_withdrawn: bool = False  # deleted or moved away: it closes what is there, and adds nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What has to be remembered of a setback's updates to place the next one."""

    number: int  # of the setback
    at: datetime  # of the newest update
    knows_start: bool  # whether a tool said when it began
    over_at: datetime | None  # `at` of the newest update that told whether it is over
    is_merged: bool = False  # it was recorded apart at first: it tells of the end alone


def first_draft(
    update: SetbackUpdate,
    *,
    channel: ChannelId,
    project: ProjectKey | None,
    source: str,
    now: datetime,
) -> SetbackDraft:
    """Return what to record for a thing that was not known before.

    Its start lies not after `now`: a tool's clock may be ahead of ours.
    """
    started_at = min(update.started_at or update.at, now)
    draft = SetbackDraft(
        kind=update.kind,
        text=update.text,
        started_at=started_at,
        severity=update.severity,
        services=update.services,
        project=project,
        channel=channel,
        permalink=update.permalink,
        source=source,
    )
    return with_end(draft, _end_of(update, started_at)) if update.is_over else draft


def first_origin(update: SetbackUpdate, number: int) -> Origin:
    return Origin(
        number=number,
        at=update.at,
        knows_start=update.started_at is not None,
        over_at=None if update.is_over is None else update.at,
    )


def merge(
    setback: Setback, origin: Origin, update: SetbackUpdate, *, now: datetime
) -> tuple[Setback, Origin]:
    """Return the setback once `update` is in, and what to remember of it.

    What an older update says of its own moment is out of date. When it began is not: that is
    learned from any update that says so. Of what was merged into the setback only the end counts:
    its words are the ones that were kept.
    """
    known = setback if origin.is_merged else _as_told(setback, origin, update, now=now)
    over_at = origin.over_at
    if _tells_end(setback, origin, update):
        over_at = update.at
        ended_at = _end_of(update, known.started_at, known.ended_at) if update.is_over else None
        known = with_end(known, ended_at)
    elif known.ended_at is not None and known.started_at != setback.started_at:
        known = with_end(known, max(known.ended_at, known.started_at))
    return known, Origin(
        number=origin.number,
        at=max(origin.at, update.at),
        knows_start=origin.knows_start or update.started_at is not None,
        over_at=over_at,
        is_merged=origin.is_merged,
    )


def is_another(setback: Setback, update: SetbackUpdate) -> bool:
    """Whether a group that was over has begun anew: that is another setback."""
    if not update.is_group or setback.ended_at is None or update.started_at is None:
        return False
    return update.started_at > setback.ended_at


def is_of_before(setback: Setback, update: SetbackUpdate) -> bool:
    """Whether a group's update is late, and of a time before this setback."""
    return update.is_group and update.at < setback.started_at


def _as_told(setback: Setback, origin: Origin, update: SetbackUpdate, *, now: datetime) -> Setback:
    is_newest = update.at >= origin.at
    # A group that is over says how many ended last, not how many there were.
    is_told = is_newest and not update.is_withdrawn and not (update.is_group and update.is_over)
    known = _with_facts(setback, update) if is_told else setback
    return replace(known, started_at=_start(setback, origin, update, now=now))


def _with_facts(setback: Setback, update: SetbackUpdate) -> Setback:
    return replace(
        setback,
        kind=update.kind,
        text=update.text,
        severity=update.severity,
        services=update.services,
        permalink=update.permalink,
    )


def _start(setback: Setback, origin: Origin, update: SetbackUpdate, *, now: datetime) -> datetime:
    if update.started_at is None:
        # Only a bound: it had begun by then.
        return setback.started_at if origin.knows_start else min(setback.started_at, update.at)
    if update.is_group:  # what began it may have ended, and is told of no more
        return min(setback.started_at, update.started_at)
    if origin.knows_start and update.at < origin.at:
        return setback.started_at
    return min(update.started_at, now)


def _tells_end(setback: Setback, origin: Origin, update: SetbackUpdate) -> bool:
    """Whether this is the newest word on it; of two of one moment the one that ended it wins."""
    if update.is_over is None or (origin.is_merged and update.is_withdrawn):
        return False
    if origin.over_at is None or update.at > origin.over_at:
        return True
    return update.at == origin.over_at and (update.is_over or setback.ended_at is None)


def _end_of(update: SetbackUpdate, started_at: datetime, known: datetime | None = None) -> datetime:
    return max(update.ended_at or known or update.at, started_at)
