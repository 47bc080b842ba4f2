"""One assumption with all that a person can look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.errors import NotFoundError
from bot.domain.history import DependencyChanged, Event
from bot.domain.ids import AssumptionKey, WorkspaceId
from bot.domain.permission import Reader, Sight, may_see, may_see_setback
from bot.domain.project import Project
from bot.domain.prompt import Prompt
from bot.domain.setback import Setback
from bot.domain.trace import Trace
from bot.store import assumption as assumptions
from bot.store import dependency as dependencies
from bot.store import history, prompt
from bot.store import project as projects
from bot.store import setback as setbacks
from bot.store import trace as traces
from bot.usecases.assumption import get_assumption
from bot.usecases.channel import sight_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything about one assumption that a person can look at."""

    assumption: Assumption
    project: Project
    events: tuple[Event, ...]
    prompts: tuple[Prompt, ...]
    traces: tuple[tuple[Trace, Setback], ...]  # confirmed ones
    foundations: tuple[Assumption, ...]  # what it depends on, by key
    dependants: tuple[Assumption, ...]  # what depends on it, by key


def show_assumption(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, reader: Reader
) -> Shown:
    """Read one assumption with its history, prompts, confirmed traces and dependencies.

    Of what it hangs together with, only what the reader may see as well.

    Raises:
        NotFoundError: As `get_assumption`.
    """
    assumption = get_assumption(tx, workspace, key, reader=reader)
    sight = sight_of(tx, workspace, reader)
    project = projects.get(tx, workspace, key.project)
    if project is None:
        raise NotFoundError(f"I know no project {key.project} here.")
    return Shown(
        assumption=assumption,
        project=project,
        events=_told(tx, sight, workspace, history.read(tx, workspace, key)),
        prompts=tuple(prompt.of_assumption(tx, workspace, key)),
        traces=confirmed_traces(tx, workspace, key, reader=reader),
        foundations=_seen(tx, sight, workspace, dependencies.foundations_of(tx, workspace, key)),
        dependants=_seen(tx, sight, workspace, dependencies.dependants_of(tx, workspace, key)),
    )


def _told(
    tx: Connection, sight: Sight, workspace: WorkspaceId, events: Sequence[Event]
) -> tuple[Event, ...]:
    """Leave out what names another assumption that is not in sight."""
    named = {one.what.on for one in events if isinstance(one.what, DependencyChanged)}
    keys = [key for key in map(AssumptionKey.parse, named) if key is not None]
    seen = {str(one.key) for one in _seen(tx, sight, workspace, keys)}
    return tuple(
        one for one in events if not isinstance(one.what, DependencyChanged) or one.what.on in seen
    )


def _seen(
    tx: Connection, sight: Sight, workspace: WorkspaceId, keys: Sequence[AssumptionKey]
) -> tuple[Assumption, ...]:
    found = assumptions.get_many(tx, workspace, keys).values()
    return tuple(one for one in found if may_see(sight, one))


def confirmed_traces(
    tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, reader: Reader
) -> tuple[tuple[Trace, Setback], ...]:
    """Return the setbacks in sight that people traced to the assumption, oldest first."""
    found = [one for one in traces.of_assumption(tx, workspace, key) if one.is_confirmed]
    if not found:
        return ()
    sight = sight_of(tx, workspace, reader)
    known = setbacks.get_many(tx, workspace, [one.setback for one in found])
    return tuple(
        (trace, known[trace.setback])
        for trace in found
        if trace.setback in known and may_see_setback(sight, known[trace.setback])
    )
