"""What is logged already and says nearly the same."""

from sqlalchemy import Connection

from bot.domain.assumption import Assumption
from bot.domain.ids import ProjectKey, WorkspaceId
from bot.domain.linking import likeness
from bot.domain.permission import Reader, may_see
from bot.store import assumption as assumptions
from bot.usecases.channel import sight_of

_SIMILAR_READ, _SIMILAR_SHOWN = 10, 3
_SIMILAR_READ_WIDELY = 100  # where the reader may not see all of those found first
_NEARLY_THE_SAME = 0.5  # of all their telling words; fewer is a shared subject


def near_duplicates(
    tx: Connection, workspace: WorkspaceId, project: ProjectKey, statement: str, *, reader: Reader
) -> list[Assumption]:
    """Return up to three open assumptions of the project that say nearly the same, best first."""
    sight = sight_of(tx, workspace, reader)
    found: list[Assumption] = []
    for limit in (_SIMILAR_READ, _SIMILAR_READ_WIDELY):
        read = assumptions.similar(tx, workspace, project, statement, limit=limit)
        found = [one for one in read if may_see(sight, one)]
        if len(found) == len(read) or len(read) < limit:
            break
    alike = [one for one in found if likeness(one.statement, statement) >= _NEARLY_THE_SAME]
    return alike[:_SIMILAR_SHOWN]
