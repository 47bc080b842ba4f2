"""Bringing in an assumption log or a RAID log that a team has kept as CSV."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from bot.domain.assumption import (
    STATEMENT_MAX,
    AssumptionDraft,
    Impact,
    Stakeholder,
    is_too_far,
    words_problem,
)
from bot.domain.cadence import Cadence
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member, WorkingTime
from bot.domain.permission import OPERATOR
from bot.domain.project import Project
from bot.domain.text import strip_controls
from bot.usecases.assumption import log_assumption
from bot.usecases.dates import read_date
from bot.usecases.gate import open_ones
from bot.usecases.member import everybody, zone_of
from bot.usecases.project import get_project

log = structlog.get_logger()

FILE_MAX = 5_000_000  # characters
_LINES_MAX = 10_000
_CONSEQUENCE_MAX = 3_000  # characters, as the form holds
_PERCENT = re.compile(r"(\d{1,3})\s*%?")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_SEPARATORS = re.compile(r"[;,\n]")
_MONTHS, _ALL = 12, 100

# The names that columns have in such logs, the most telling first.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "statement": ("statement", "assumption", "description", "what we assume", "title", "summary"),
    "owner": ("owner", "responsible", "accountable", "raised by", "assigned to"),
    "ask": ("ask", "stakeholders", "stakeholder", "validator", "validate with", "who knows"),
    "impact": ("impact", "impact if wrong", "severity", "criticality", "priority"),
    "confidence": ("confidence", "certainty", "likelihood", "probability"),
    "validate_by": (
        *("validate by", "validate_by", "due", "due date", "target date", "deadline"),
        *("review date", "needed by"),
    ),
    "consequence": ("consequence", "if wrong", "effect", "what fails", "mitigation"),
    "tags": ("tags", "labels", "category"),
    "services": ("services", "service", "system", "component"),
    "link": ("link", "url", "reference", "source"),
    "type": ("type", "raid type", "raid", "kind"),
    "status": ("status", "state"),
}
_CLOSED = frozenset({"closed", "done", "retired", "resolved", "obsolete", "rejected"})
_IMPACTS = {
    **{impact.value: impact for impact in Impact},
    **dict.fromkeys(("l", "minor", "1", "p4"), Impact.LOW),
    **dict.fromkeys(("m", "med", "moderate", "2", "3", "p3"), Impact.MEDIUM),
    **dict.fromkeys(("h", "major", "4", "p2"), Impact.HIGH),
    **dict.fromkeys(
        ("c", "very high", "severe", "load-bearing", "blocker", "5", "p1"), Impact.CRITICAL
    ),
}
_CONFIDENCES = {"low": 30, "medium": 60, "high": 85}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a file holds; `keys` only once it is stored."""

    columns: tuple[tuple[str, str], ...]  # what is read, and the name of its column in the file
    ignored: tuple[str, ...]  # columns that mean nothing here
    drafts: tuple[AssumptionDraft, ...]
    skipped: int  # lines that are no assumption, or closed ones
    problems: tuple[str, ...]  # one sentence each, with its line
    keys: tuple[AssumptionKey, ...] = ()


@dataclass(kw_only=True)
class _Reading:
    project: Project
    owner: UserId
    people: Sequence[Member]
    known: set[str]
    now: datetime
    zone: ZoneInfo
    columns: Mapping[str, int]
    drafts: list[AssumptionDraft] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    skipped: int = 0


def import_log(
    tx: Connection,
    workspace: WorkspaceId,
    text: str,
    *,
    project: ProjectKey,
    is_dry_run: bool,
    skips_bad: bool,
    now: datetime,
    cadence: Cadence,
) -> Imported:
    """Log the assumptions of a CSV file; with a problem in any line nothing is stored.

    Args:
        tx: The transaction.
        workspace: Whose.
        text: A first line of column names, then one assumption a line.
        project: Where they belong; its lead owns what names no owner.
        is_dry_run: Only say what would be done.
        skips_bad: Store the good lines although others have problems.
        now: Aware UTC.
        cadence: When the people are first asked.

    Raises:
        NotFoundError: There is no such project in this workspace.
        UserFixableError: The file is too long, or has no column with what is assumed.
    """
    home = get_project(tx, workspace, project, reader=OPERATOR)
    rows = _rows(text)
    _, names = next(rows, (1, []))
    columns, ignored = guess_columns(names)
    if "statement" not in columns:
        raise UserFixableError(
            "No column says what is assumed. Name one of them “assumption” or “statement”."
        )
    reading = _Reading(
        project=home,
        owner=home.lead,
        people=everybody(tx, workspace),
        known={
            _folded(one.statement)
            for one in open_ones(tx, workspace, project, reader=OPERATOR, now=now)
        },
        now=now,
        zone=zone_of(tx, workspace, home.lead),
        columns=columns,
    )
    _read_lines(reading, rows)
    keys: tuple[AssumptionKey, ...] = ()
    if not is_dry_run and (skips_bad or not reading.problems):
        keys = tuple(_store(tx, reading, cadence=cadence))
        log.info("assumptions.imported", project=project, count=len(keys))
    return Imported(
        columns=tuple((name, names[at].strip()) for name, at in columns.items()),
        ignored=tuple(ignored),
        drafts=tuple(reading.drafts),
        skipped=reading.skipped,
        problems=tuple(reading.problems),
        keys=keys,
    )


def guess_columns(names: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Return where what we read stands, and the names of the columns that mean nothing here."""
    plain = [" ".join(strip_controls(name).casefold().replace("_", " ").split()) for name in names]
    found: dict[str, int] = {}
    for meaning, words in _COLUMNS.items():
        places = (plain.index(word) for word in words if word in plain)
        at = next((place for place in places if place not in found.values()), None)
        if at is not None:
            found[meaning] = at
    ignored = [name for at, name in enumerate(names) if at not in found.values() and name.strip()]
    return found, ignored


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that holds something, with its number in the file."""
    if len(text) > FILE_MAX:
        raise UserFixableError(f"That is too long: {FILE_MAX:,} characters is the most I read.")
    clean = text.removeprefix("\ufeff")
    first = clean.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(clean, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise UserFixableError(f"Line {reader.line_num} is no CSV: {error}.") from None


def _read_lines(reading: _Reading, rows: Iterator[tuple[int, list[str]]]) -> None:
    for count, (line, row) in enumerate(rows):
        if count >= _LINES_MAX:
            raise UserFixableError(f"That is too long: {_LINES_MAX:,} lines is the most I read.")
        cells = {
            name: _cell(row[at]) if at < len(row) else "" for name, at in reading.columns.items()
        }
        if _is_other(cells):
            reading.skipped += 1
            continue
        try:
            draft = _draft(reading, cells)
        except UserFixableError as error:
            reading.problems.append(f"Line {line}: {error}")
        else:
            reading.known.add(_folded(draft.statement))
            reading.drafts.append(draft)


def _cell(text: str) -> str:
    """Return what was meant: a spreadsheet's guard against formulas is taken off."""
    plain = text.strip()
    return plain[1:] if plain[:1] == "'" and plain[1:2] in {"=", "+", "-", "@"} else plain


def _is_other(cells: Mapping[str, str]) -> bool:
    """Whether the line is a risk, an issue or a dependency, or closed."""
    kind = cells.get("type", "").casefold()
    is_assumption = not kind or kind == "a" or kind.startswith("assumption")
    return not is_assumption or cells.get("status", "").casefold() in _CLOSED


def _draft(reading: _Reading, cells: Mapping[str, str]) -> AssumptionDraft:
    statement = cells["statement"]
    if not statement:
        raise UserFixableError("it says nothing.")
    if len(statement) > STATEMENT_MAX:
        raise UserFixableError(f"it is longer than {STATEMENT_MAX:,} characters.")
    if _folded(statement) in reading.known:
        raise UserFixableError("the same is open in this project already.")
    owner = cells.get("owner", "")
    asked = [_person(reading, name) for name in _split(cells.get("ask", ""))]
    consequence = cells.get("consequence", "")
    if len(consequence) > _CONSEQUENCE_MAX:
        raise UserFixableError(
            f"what fails if it is wrong is longer than {_CONSEQUENCE_MAX:,} characters."
        )
    return AssumptionDraft(
        statement=statement,
        owner=_person(reading, owner) if owner else reading.owner,
        impact=_impact(cells.get("impact", "")),
        confidence_percent=_confidence(cells.get("confidence", "")),
        validate_by=_day(reading, cells.get("validate_by", "")),
        consequence=consequence,
        tags=_words(cells, "tags"),
        services=_words(cells, "services"),
        permalink=_link(cells.get("link", "")),
        channel=reading.project.channel,
        stakeholders=tuple(Stakeholder(user=user) for user in dict.fromkeys(asked)),
    )


def _folded(statement: str) -> str:
    return " ".join(statement.casefold().split()).rstrip(".")


def _split(cell: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]


def _words(cells: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the distinct words of a cell, within the limits that the form has."""
    words = tuple(dict.fromkeys(_split(cells.get(name, ""))))
    problem = words_problem(words, name)
    if problem:
        raise UserFixableError(problem[0].lower() + problem[1:])
    return words


def _person(reading: _Reading, name: str) -> UserId:
    """Find somebody by Slack's id, or by a name that only they have."""
    wanted = name.removeprefix("@").strip().casefold()
    found = {one.user for one in reading.people if wanted in _names(one)}
    if len(found) == 1:
        return found.pop()
    if not found:
        raise UserFixableError(
            f"I do not know “{name[:40]}”. Write the id that Slack shows in the profile (U…)."
        )
    raise UserFixableError(f"“{name[:40]}” may be several people. Write the id (U…).")


def _names(member: Member) -> set[str]:
    first, _, _ = member.name.partition(" ")
    return {member.user.casefold(), member.name.casefold(), first.casefold()}


def _impact(cell: str) -> Impact:
    if not cell:
        return Impact.MEDIUM
    found = _IMPACTS.get(cell.casefold())
    if found is None:
        raise UserFixableError(f"“{cell[:20]}” is no impact: low, medium, high or critical.")
    return found


def _confidence(cell: str) -> int | None:
    if not cell:
        return None
    if cell.casefold() in _CONFIDENCES:
        return _CONFIDENCES[cell.casefold()]
    found = _PERCENT.fullmatch(cell)
    if found is None or int(found[1]) > _ALL:
        raise UserFixableError(f"“{cell[:20]}” is no confidence from 0 to 100 %.")
    return int(found[1])


def _day(reading: _Reading, cell: str) -> date | None:
    if not cell:
        return None
    slashed = _SLASHED.fullmatch(cell)
    if slashed is not None:
        found = _slashed_day(cell, int(slashed[1]), int(slashed[2]), int(slashed[3]))
    else:
        wt = WorkingTime(zone=reading.zone)
        found = _known(cell, read_date(cell, now=reading.now, zone=reading.zone, wt=wt))
    # One that has passed may stay: a log that is kept elsewhere has some that are overdue.
    if is_too_far(found, reading.now.astimezone(reading.zone).date()):
        raise UserFixableError(f"“{cell[:20]}” is more than ten years ahead.")
    return found


def _known(cell: str, found: date | None) -> date:
    if found is None:
        raise UserFixableError(f"“{cell[:20]}” is no day. Write it like 2026-03-31.")
    return found


def _slashed_day(cell: str, first: int, second: int, year: int) -> date:
    """Read 31/3/2026 or 3/31/2026; where both could be the month nobody can know."""
    if first <= _MONTHS and second <= _MONTHS and first != second:
        raise UserFixableError(f"“{cell}” may be two days. Write it like {year}-03-31.")
    month, day = (second, first) if first > _MONTHS else (first, second)
    try:
        return date(year, month, day)
    except ValueError:
        raise UserFixableError(f"“{cell}” is no day. Write it like {year}-03-31.") from None


def _link(cell: str) -> str | None:
    return cell if cell.startswith(("https://", "http://")) else None


def _store(tx: Connection, reading: _Reading, *, cadence: Cadence) -> Iterator[AssumptionKey]:
    people = {one.user: one for one in reading.people}
    for draft in reading.drafts:
        key = log_assumption(
            tx,
            draft,
            project=reading.project,
            by=draft.owner,
            asked=[people[one.user] for one in draft.stakeholders],
            now=reading.now,
            cadence=cadence,
        )
        if key is not None:
            yield key
