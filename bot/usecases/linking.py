"""Suggesting which assumptions were underneath a setback."""

from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain import linking
from bot.domain.assumption import Assumption
from bot.domain.permission import Reader, Sight, may_see
from bot.domain.setback import Setback
from bot.domain.trace import Trace, TraceState
from bot.store import assumption as assumptions
from bot.store import history
from bot.store import trace as traces
from bot.usecases.channel import sight_of

_RETRIEVED = 30  # by shared words and services; the ranking looks at all of them
_RETRIEVED_WIDELY = 300
_SHOWN = 3
_REMEMBERED = 200  # decisions of people, the latest; what suited the team long ago fades


def suggest(tx: Connection, setback: Setback) -> list[Trace]:
    """Rank the workspace's assumptions by what was known of them when the setback began.

    Those written down after it began come after all others, and say so: hindsight is marked.
    """
    audience = Reader.audience(setback.channel)
    ranked = rank_all(tx, setback, reader=audience, leaves_out_weak=True)
    return [trace for trace, _ in ranked[:_SHOWN]]


def rank_all(
    tx: Connection, setback: Setback, *, reader: Reader, leaves_out_weak: bool = False
) -> list[tuple[Trace, Assumption]]:
    """Rank what shares words or services with the setback, the likeliest first, at most 30.

    What the reader may not see is no candidate.
    """
    found = _retrieved(tx, setback, sight_of(tx, setback.workspace, reader))
    events = history.read_many(tx, setback.workspace, [one.key for one in found])
    candidates = {
        one.key: linking.Candidate(
            assumption=one, as_of=rules.as_of(events[one.key], setback.started_at)
        )
        for one in found
    }
    decided = traces.decisions(tx, setback.workspace, limit=_REMEMBERED) if candidates else []
    ranked = linking.rank(
        setback,
        list(candidates.values()),
        limit=_RETRIEVED,
        leaves_out_weak=leaves_out_weak,
        learned=linking.learn(decided),
    )
    return [
        (
            Trace(
                workspace=setback.workspace,
                setback=setback.number,
                assumption=one.key,
                state=TraceState.CANDIDATE,
                as_of=candidates[one.key].as_of,
                is_unlogged=candidates[one.key].assumption.logged_at > setback.started_at,
                rank=rank,
                reasons=one.reasons,
            ),
            candidates[one.key].assumption,
        )
        for rank, one in enumerate(ranked, start=1)
    ]


def _retrieved(tx: Connection, setback: Setback, sight: Sight) -> list[Assumption]:
    """Return what full text finds of what is in sight; where it found others, it looks once more.

    That second look reaches further, and is still one query: an index knows no channels.
    """
    seen: list[Assumption] = []
    for limit in (_RETRIEVED, _RETRIEVED_WIDELY):
        found = assumptions.retrieve(
            tx, setback.workspace, setback.text, limit=limit, services=setback.services
        )
        seen = [one for one in found if may_see(sight, one)]
        if len(seen) == len(found) or len(found) < limit:
            break
    return seen[:_RETRIEVED]
