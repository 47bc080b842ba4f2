"""Lists of assumptions in the order that a person chose, and a list as a file."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Filter
from bot.domain.harm import expected_harm
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.order import Order, in_order
from bot.domain.permission import Reader
from bot.domain.text import strip_controls
from bot.store import assumption as assumptions
from bot.store import member as members
from bot.usecases.channel import sight_of
from bot.usecases.report_formats import safe_cell

LISTED_MAX = 5000  # that are sorted, or go into one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list, and where the next one begins (None: this is the last)."""

    assumptions: tuple[Assumption, ...]
    next_after: AssumptionKey | None
    sorted_only: int | None = None  # how many were sorted, where there are more than that


def list_assumptions(
    tx: Connection,
    workspace: WorkspaceId,
    wanted: Filter,
    *,
    reader: Reader,
    now: datetime,
    limit: int = 10,
    after: AssumptionKey | None = None,
) -> Page:
    """Return a page of those that pass the filter and that the reader may see."""
    found = assumptions.page(
        tx,
        workspace,
        filter=wanted,
        sight=sight_of(tx, workspace, reader),
        now=now,
        limit=limit + 1,
        after=after,
    )
    shown = tuple(found[:limit])
    return Page(
        assumptions=shown,
        next_after=shown[-1].key if len(found) > limit else None,
    )


def list_in_order(
    tx: Connection,
    workspace: WorkspaceId,
    wanted: Filter,
    *,
    order: Order,
    reader: Reader,
    now: datetime,
    limit: int = 10,
    after: AssumptionKey | None = None,
) -> Page:
    """Return the page that follows `after`; where that is not in the list any more, the first."""
    if order is Order.NEW:
        return list_assumptions(
            tx, workspace, wanted, reader=reader, now=now, limit=limit, after=after
        )
    most = _most(tx, workspace, wanted, reader=reader, now=now)
    found = in_order(most.assumptions, order, now=now)
    keys = [one.key for one in found]
    first = keys.index(after) + 1 if after in keys else 0
    shown = found[first : first + limit]
    has_more = len(found) > first + limit
    return Page(
        assumptions=tuple(shown),
        next_after=shown[-1].key if has_more else None,
        sorted_only=len(found) if most.next_after is not None else None,
    )


def _most(
    tx: Connection, workspace: WorkspaceId, wanted: Filter, *, reader: Reader, now: datetime
) -> Page:
    return list_assumptions(tx, workspace, wanted, reader=reader, now=now, limit=LISTED_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Csv:
    lines: tuple[str, ...]  # the first has the columns' names
    has_more: bool  # than one file holds


def list_as_csv(
    tx: Connection,
    workspace: WorkspaceId,
    wanted: Filter,
    *,
    order: Order,
    reader: Reader,
    now: datetime,
) -> Csv:
    """Return the list as lines of CSV, up to `LISTED_MAX` of them.

    No cell begins as a formula does. People are named, and beside the name stands the id.
    """
    read = _most(tx, workspace, wanted, reader=reader, now=now)
    found = in_order(read.assumptions, order, now=now)
    people = {user for one in found for user in (one.owner, *_asked(one))}
    known = members.get_many(tx, workspace, sorted(people))
    lines = (_line(_cells(one, known, now)) for one in found)
    return Csv(lines=(_line(_COLUMNS), *lines), has_more=read.next_after is not None)


_COLUMNS = (
    "key",
    "project",
    "statement",
    "status",
    "expired",
    "overdue",
    "impact",
    "confidence_percent",
    "expected_harm",
    "owner",
    "owner_id",
    "asked",
    "validate_by",
    "valid_until",
    "accepted_until",
    "services",
    "tags",
    "logged_at",
    "permalink",
)


def _cells(one: Assumption, known: dict[UserId, Member], now: datetime) -> tuple[str, ...]:
    overdue = one.validate_by is not None and one.validate_by < now.date()
    return (
        str(one.key),
        one.key.project,
        one.statement,
        one.status.value,
        _yes(is_so=one.is_stale(now)),
        _yes(is_so=overdue and one.status.value == "unvalidated"),
        one.impact.value,
        "" if one.confidence_percent is None else str(one.confidence_percent),
        f"{expected_harm(one, now).points:g}",
        _name(one.owner, known),
        one.owner,
        ", ".join(_name(user, known) for user in _asked(one)),
        _moment(one.validate_by),
        _moment(one.valid_until),
        _moment(one.accepted.until if one.accepted else None),
        ", ".join(one.services),
        ", ".join(one.tags),
        _moment(one.logged_at),
        one.permalink or "",
    )


def _asked(one: Assumption) -> list[UserId]:
    return [p.user for p in one.stakeholders if not (p.is_released or p.is_backup)]


def _name(user: UserId, known: dict[UserId, Member]) -> str:
    return known[user].name if user in known else user


def _yes(*, is_so: bool) -> str:
    return "yes" if is_so else "no"


def _moment(value: date | datetime | None) -> str:
    return "" if value is None else value.isoformat()


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([safe_cell(strip_controls(c)) for c in cells])
    return out.getvalue()
