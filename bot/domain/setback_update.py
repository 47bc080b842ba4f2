"""What a tool says about something that went wrong, and how it changes what is known of it.

Tools resend, and out of order. So an update says when it was so (`at`), and merging goes by that
and not by arrival: in whichever order the updates of one setback come, and however often, they end
in the same setback, as far as they say when it began and ended.

People correct what a tool says. A tool that merely says the same again takes no correction back:
only what it says otherwise than before is followed.
"""

from dataclasses import dataclass, fields, replace
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
class Told:
    """A setback as its tool has told it so far, whatever people changed since."""

    kind: SetbackKind
    text: str
    started_at: datetime  # aware UTC
    ended_at: datetime | None
    severity: Severity | None
    services: tuple[str, ...]
    permalink: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What has to be remembered of a setback's updates to place the next one."""

    number: int  # of the setback
    told: Told
    at: datetime  # of the newest update
    knows_start: bool  # whether a tool said when it began
    over_at: datetime | None  # `at` of the newest update that told whether it is over
    is_merged: bool = False  # it was recorded apart at first: it tells of the end alone


def withdrawn(update: SetbackUpdate) -> SetbackUpdate:
    """Return what closes a thing that turned out to be no setback, at the latest then."""
    ended_at = (update.ended_at or update.at) if update.is_over else update.at
    return replace(update, is_over=True, ended_at=ended_at, is_withdrawn=True)


def first_draft(
    update: SetbackUpdate,
    *,
    channel: ChannelId,
    project: ProjectKey | None,
    source: str,
    now: datetime,
) -> SetbackDraft:
    """Return what to record for a thing that was not known before.

    Its start and end lie not after `now`: a tool's clock may be ahead of ours.
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
    return with_end(draft, _end_of(update, started_at, now=now)) if update.is_over else draft


def first_origin(update: SetbackUpdate, draft: SetbackDraft, number: int) -> Origin:
    return Origin(
        number=number,
        told=Told(**{name: getattr(draft, name) for name in _FACTS}),
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
    followed = Origin(
        number=origin.number,
        told=_told(origin, update, now=now),
        at=max(origin.at, update.at),
        knows_start=origin.knows_start or update.started_at is not None,
        over_at=update.at if _tells_end(origin, update) else origin.over_at,
        is_merged=origin.is_merged,
    )
    return _corrected(setback, origin, followed), followed


def is_another(setback: Setback, update: SetbackUpdate) -> bool:
    """Whether a group that was over has begun anew: that is another setback."""
    if not update.is_group or setback.ended_at is None or update.started_at is None:
        return False
    return update.started_at > setback.ended_at


def is_of_before(setback: Setback, update: SetbackUpdate) -> bool:
    """Whether a group's update is late, and of a time before this setback."""
    return update.is_group and update.at < setback.started_at


_FACTS = tuple(field.name for field in fields(Told))
_TIMES = ("started_at", "ended_at")


def _corrected(setback: Setback, before: Origin, after: Origin) -> Setback:
    """Let the setback say what the tool says otherwise than before."""
    news = {
        name: getattr(after.told, name)
        for name in _FACTS
        if getattr(after.told, name) != getattr(before.told, name)
    }
    known = setback
    if not before.is_merged:
        known = replace(setback, **{name: news[name] for name in news if name not in _TIMES})
        if "started_at" in news:
            began = news["started_at"]
            # Where no tool knows when it began, what is told is a bound: people may know better.
            began = began if after.knows_start else min(began, setback.started_at)
            known = replace(known, started_at=began)
    ended_at = after.told.ended_at if "ended_at" in news else known.ended_at
    is_same = (known.kind, known.started_at) == (setback.kind, setback.started_at)
    if ended_at == setback.ended_at and (is_same or ended_at is None):
        return known
    return with_end(known, None if ended_at is None else max(ended_at, known.started_at))


def _told(origin: Origin, update: SetbackUpdate, *, now: datetime) -> Told:
    told, is_newest = origin.told, update.at >= origin.at
    # A group that is over says how many ended last, not how many there were.
    if is_newest and not update.is_withdrawn and not (update.is_group and update.is_over):
        told = _with_facts(told, update)
    told = replace(told, started_at=_start(origin, update, now=now))
    ended_at = told.ended_at
    if _tells_end(origin, update):
        ended_at = _end_of(update, told.started_at, ended_at, now=now) if update.is_over else None
    elif ended_at is not None:
        ended_at = max(ended_at, told.started_at)
    return replace(told, ended_at=ended_at)


def _with_facts(told: Told, update: SetbackUpdate) -> Told:
    return replace(
        told,
        kind=update.kind,
        text=update.text,
        severity=update.severity,
        services=update.services,
        permalink=update.permalink,
    )


def _start(origin: Origin, update: SetbackUpdate, *, now: datetime) -> datetime:
    known = origin.told.started_at
    if update.started_at is None:
        # Only a bound: it had begun by then.
        return known if origin.knows_start else min(known, update.at)
    if update.is_group:  # what began it may have ended, and is told of no more
        return min(known, update.started_at)
    if origin.knows_start and update.at < origin.at:
        return known
    return min(update.started_at, now)


def _tells_end(origin: Origin, update: SetbackUpdate) -> bool:
    """Whether this is the newest word on it; of two of one moment the one that ended it wins."""
    if update.is_over is None or (origin.is_merged and update.is_withdrawn):
        return False
    if origin.over_at is None or update.at > origin.over_at:
        return True
    return update.at == origin.over_at and (update.is_over or origin.told.ended_at is None)


def _end_of(
    update: SetbackUpdate, started_at: datetime, known: datetime | None = None, *, now: datetime
) -> datetime:
    return max(min(update.ended_at or known or update.at, now), started_at)
