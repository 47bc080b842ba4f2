"""The labelled set: assumptions of five projects, and setbacks with what was underneath them."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.assumption import Assumption, Impact, Status
from bot.domain.history import AsOf
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.linking import Candidate
from bot.domain.setback import Setback, SetbackKind
from tests.make import make_as_of, make_assumption, make_setback

FOLDER = Path(__file__).parent / "labelled"
LOGGED_FROM = datetime(2025, 11, 3, 9, tzinfo=UTC)  # one more each day, in each project
BEGAN_FROM = datetime(2026, 3, 2, 14, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    setback: Setback
    true: frozenset[AssumptionKey]  # empty: nobody had written down what explains it
    is_held_out: bool


def candidates() -> list[Candidate]:
    """Return every assumption with its status when the setbacks began."""
    return [one for path in sorted(FOLDER.glob("*.txt")) for one in _of_project(path)]


def setbacks() -> list[Labelled]:
    known = [one.assumption for one in candidates()]
    tables = tomllib.loads((FOLDER / "setbacks.toml").read_text())["setback"]
    return [_labelled(number, table, known) for number, table in enumerate(tables, start=1)]


def _of_project(path: Path) -> list[Candidate]:
    lines = path.read_text().splitlines()
    return [_candidate(path.stem, number, line) for number, line in enumerate(lines, start=1)]


def _candidate(project: str, number: int, line: str) -> Candidate:
    facts, statement = line.split("|")
    status, impact, *services = facts.split()
    assumption = make_assumption(
        number,
        key=AssumptionKey(ProjectKey(project.upper()), number),
        statement=statement.strip(),
        impact=Impact(impact),
        services=tuple(services),
        logged_at=LOGGED_FROM + number * DAY,
    )
    return Candidate(assumption=assumption, as_of=_as_of(status))


def _as_of(status: str) -> AsOf:
    if status == "stale":
        return make_as_of(Status.VALIDATED, is_stale=True)
    return make_as_of(Status(status))


def _labelled(number: int, table: dict[str, Any], known: list[Assumption]) -> Labelled:
    project = ProjectKey(str(table["project"]))
    setback = make_setback(
        number,
        kind=SetbackKind(str(table["kind"])),
        project=project,
        services=tuple(table["services"]),
        text=table["text"],
        started_at=BEGAN_FROM + number * DAY,
    )
    return Labelled(
        setback=setback,
        true=frozenset(_key(project, begins, known) for begins in table["true"]),
        is_held_out=table["half"] == "held-out",
    )


def _key(project: ProjectKey, begins: str, known: list[Assumption]) -> AssumptionKey:
    """Find the one statement of the project that begins so."""
    (key,) = (
        one.key for one in known if one.key.project == project and one.statement.startswith(begins)
    )
    return key
