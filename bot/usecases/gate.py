"""The gate before a release or a cycle: which open assumptions are past their date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Filter, Impact, Status
from bot.domain.ids import ProjectKey, WorkspaceId
from bot.domain.permission import Reader
from bot.store import assumption as assumptions
from bot.usecases.channel import sight_of
from bot.usecases.member import zone_of
from bot.usecases.project import get_project

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    assumption: Assumption
    why: str  # "was needed by 2026-03-03 and nobody has confirmed it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    late: tuple[Late, ...]  # the most harmful first, then by key
    accepted: tuple[Late, ...]  # past their date too, and somebody lives with it until a later one

    @property
    def is_open(self) -> bool:
        return not self.late


def check_gate(
    tx: Connection,
    workspace: WorkspaceId,
    project: ProjectKey,
    *,
    at_least: Impact = Impact.LOW,
    reader: Reader,
    now: datetime,
) -> Gate:
    """Find the project's assumptions of that impact or more whose day, or answer, has passed.

    The day ends where the project's lead is.

    Raises:
        NotFoundError: There is no such project in this workspace.
    """
    lead = get_project(tx, workspace, project, reader=reader).lead
    zone = zone_of(tx, workspace, lead)
    today = now.astimezone(zone).date()
    late: list[Late] = []
    accepted: list[Late] = []
    for one in open_ones(tx, workspace, project, reader=reader, now=now):
        why = ""
        if one.is_stale(now) and one.valid_until is not None:
            why = f"its answer expired on {one.valid_until.astimezone(zone).date()}"
        elif one.status is Status.UNVALIDATED and one.validate_by and one.validate_by < today:
            why = f"was needed by {one.validate_by} and nobody has confirmed it"
        if why and one.impact.weight >= at_least.weight:
            (accepted if one.is_accepted(today) else late).append(Late(assumption=one, why=why))
    return Gate(late=_in_order(late), accepted=_in_order(accepted))


def _in_order(found: list[Late]) -> tuple[Late, ...]:
    worst = sorted(found, key=lambda one: (-one.assumption.impact.weight, one.assumption.key))
    return tuple(worst)


def open_ones(
    tx: Connection, workspace: WorkspaceId, project: ProjectKey, *, reader: Reader, now: datetime
) -> Iterator[Assumption]:
    """Yield the project's open assumptions that the reader may see, the newest first."""
    wanted, after = Filter(project=project, is_open=True), None
    sight = sight_of(tx, workspace, reader)
    while True:
        page = assumptions.page(
            tx, workspace, filter=wanted, sight=sight, now=now, limit=_PAGE, after=after
        )
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].key
